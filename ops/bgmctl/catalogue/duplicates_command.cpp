#include "ops/bgmctl/catalogue/duplicates_command.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "daemon/store/heard_tracks.hpp"
#include "fusion/catalogue/same_recording.hpp"
#include "ops/bgmctl/catalogue/analysis_view.hpp"
#include "ops/bgmctl/catalogue/database.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "schemas/json_text.hpp"
#include "schemas/track_model.hpp"

namespace bgm {
namespace {

using nlohmann::json;

struct HeardCatalogue {
    std::vector<HeardFingerprint> tracks;  // without their fingerprints
    std::vector<std::vector<std::uint32_t>> fingerprints;
    std::size_t unheard = 0;
    std::size_t untold = 0;
};

using Recordings = std::vector<std::vector<SameTrack>>;

Result<HeardCatalogue> read_fingerprints(const BgmctlContext& context) {
    MySqlConnection connection = reading_connection(context);
    HeardCatalogue heard;
    const Status read =
        HeardTracks(connection).for_each_fingerprint(kTrackModel, [&heard](HeardFingerprint&& track) {
            if (track.seconds == 0) {
                ++heard.unheard;
            } else if (!tells(track.fingerprint)) {
                ++heard.untold;
            } else {
                heard.fingerprints.push_back(std::move(track.fingerprint));
                heard.tracks.push_back(std::move(track));
            }
        });
    if (!read) return with_mysql_advice(context, read.error());
    return heard;
}

json recordings_json(const HeardCatalogue& heard, const Recordings& recordings) {
    json list = json::array();
    for (const auto& recording : recordings) {
        json tracks = json::array();
        for (const SameTrack& same : recording) {
            const HeardFingerprint& track = heard.tracks[same.index];
            tracks.push_back({{"track_id", track.track_id},
                              {"title", track.title},
                              {"artist", track.artist},
                              {"seconds", track.seconds},
                              {"like", heard.tracks[same.like].track_id},
                              {"offset_s", same.overlap.offset_s()},
                              {"difference", same.overlap.difference}});
        }
        list.push_back({{"tracks", std::move(tracks)}});
    }
    return {{"recordings", std::move(list)},
            {"compared", heard.tracks.size()},
            {"unheard", heard.unheard},
            {"too_short", heard.untold}};
}

/// "the same place", "5.1 s later", "5.1 s earlier"
std::string begins_text(double offset_s) {
    if (std::abs(offset_s) < kFingerprintStep_s) return "the same place";
    char text[48];
    std::snprintf(text, sizeof text, "%.1f s %s", std::abs(offset_s), offset_s > 0 ? "later" : "earlier");
    return text;
}

void print_recordings(std::ostream& out, const HeardCatalogue& heard, const Recordings& recordings) {
    if (!recordings.empty()) {
        Table table({{"", Table::Align::right, 0},
                     {"track", Table::Align::left, 0},
                     {"title", Table::Align::left, 36},
                     {"artist", Table::Align::left, 24},
                     {"length", Table::Align::right, 0},
                     {"alike", Table::Align::right, 0},
                     {"begins at", Table::Align::left, 0}});
        for (std::size_t number = 0; number < recordings.size(); ++number) {
            for (const SameTrack& same : recordings[number]) {
                const HeardFingerprint& track = heard.tracks[same.index];
                const bool first = same.index == recordings[number].front().index;
                std::string begins = first ? "" : begins_text(same.overlap.offset_s());
                if (same.like != recordings[number].front().index)
                    begins += ", as " + heard.tracks[same.like].track_id;
                table.add_row(
                    {first ? std::to_string(number + 1) : "", track.track_id, track.title, track.artist,
                     clock_text(static_cast<double>(track.seconds)),
                     first ? "" : std::to_string(std::lround(100 * (1 - same.overlap.difference))) + " %",
                     begins});
            }
        }
        table.print(out);
        out << '\n';
    }
    out << grouped(heard.tracks.size()) << (heard.tracks.size() == 1 ? " track" : " tracks") << " compared, "
        << (recordings.empty() ? "no" : grouped(recordings.size()))
        << (recordings.size() == 1 ? " recording" : " recordings") << " under several ids\n";
    if (heard.unheard > 0)
        out << grouped(heard.unheard) << " not listened to yet (bgmctl catalogue analyse)\n";
    if (heard.untold > 0) out << grouped(heard.untold) << " too short or too still to be known again\n";
}

int run_duplicates(BgmctlContext& context) {
    if (!context.settings.mysql.configured()) return report_no_database(context);
    const auto heard = read_fingerprints(context);
    if (!heard) return report_failure(context, heard.error());
    const Recordings recordings = find_same_recordings(heard->fingerprints);
    if (context.json()) {
        *context.out << json_line(recordings_json(*heard, recordings)) << '\n';
    } else {
        print_recordings(*context.out, *heard, recordings);
    }
    return kExitDone;
}

}  // namespace

void add_duplicates_command(CLI::App& catalogue, ChosenCommand& chosen) {
    CLI::App* duplicates = catalogue.add_subcommand(
        "duplicates", "The same recording under several ids, whatever its file: by what was heard");
    duplicates->callback([&chosen] { chosen.run = run_duplicates; });
}

}  // namespace bgm
