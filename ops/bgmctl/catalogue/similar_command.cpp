#include "ops/bgmctl/catalogue/similar_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "daemon/store/analysis_table.hpp"
#include "fusion/catalogue/same_recording.hpp"
#include "fusion/catalogue/similar.hpp"
#include "ops/bgmctl/catalogue/database.hpp"
#include "ops/bgmctl/catalogue/heard_catalogue.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

struct SimilarArguments {
    std::string track_id;
    std::size_t limit = 10;
};

// So alike are the embeddings of one recording, in whatever file, and wherever it is cut.
constexpr float kSameAlike = 0.9F;
// So many more are looked at, to have as many others as were asked for.
constexpr std::size_t kSameMost = 50;

/// The same recording under another id is no other track: takes those out of the list, and names them.
Result<std::vector<std::uint32_t>> take_same_recording(const BgmctlContext& context,
                                                       const Catalogue& catalogue, std::uint32_t index,
                                                       std::vector<SimilarTrack>& tracks) {
    MySqlConnection connection = reading_connection(context);
    AnalysisTable table(connection);
    Status read = ok_status();
    const auto fingerprint_of = [&](std::uint32_t track) {
        auto analysis = table.find(catalogue.track_id(track));
        if (!analysis) read = analysis.error();
        return analysis && *analysis ? std::move((*analysis)->fingerprint) : std::vector<std::uint32_t>{};
    };
    const auto own = fingerprint_of(index);
    std::vector<std::uint32_t> same;
    std::erase_if(tracks, [&](const SimilarTrack& each) {
        if (!read || each.similarity < kSameAlike) return false;
        if (!same_recording(own, fingerprint_of(each.track_index))) return false;
        same.push_back(each.track_index);
        return true;
    });
    if (!read) return with_mysql_advice(context, read.error());
    return same;
}

int run_similar(BgmctlContext& context, const SimilarArguments& arguments) {
    if (!context.settings.mysql.configured()) return report_no_database(context);
    const auto catalogue = heard_catalogue(context);
    if (!catalogue) return report_failure(context, catalogue.error());
    const auto index = find_active(*catalogue, arguments.track_id);
    if (!index) return report_failure(context, index.error());
    SimilarTracks similar = similar_tracks(*catalogue, *index, arguments.limit + kSameMost);
    Result<std::vector<std::uint32_t>> same = std::vector<std::uint32_t>{};
    if (similar.by_ear) same = take_same_recording(context, *catalogue, *index, similar.tracks);
    if (!same) return report_failure(context, same.error());
    similar.tracks.resize(std::min(similar.tracks.size(), arguments.limit));
    if (context.json()) {
        nlohmann::json list = nlohmann::json::array();
        for (const SimilarTrack& each : similar.tracks) {
            const TrackView track = catalogue->track(each.track_index);
            list.push_back({{"track_id", track.track_id},
                            {"title", track.title},
                            {"artist", track.artist},
                            {"tempo_bpm", track.tempo_bpm},
                            {"similarity", each.similarity}});
        }
        nlohmann::json same_list = nlohmann::json::array();
        for (const std::uint32_t each : *same)
            same_list.push_back(catalogue->track_id(each));
        *context.out << json_line({{"by", similar.by_ear ? "ear" : "mood"},
                                   {"similar", list},
                                   {"same_recording", same_list}})
                     << '\n';
        return kExitDone;
    }
    if (!similar.by_ear)
        *context.out << (catalogue->track(*index).heard
                             ? "it is silent, or was listened to by another model than most tracks: by mood\n"
                             : "nobody has listened to it yet (bgmctl catalogue analyse): by mood\n");
    for (const std::uint32_t each : *same)
        *context.out << "the same recording, left out: " << printable(catalogue->track_id(each)) << '\n';
    if (similar.tracks.empty()) {
        *context.out << "no other track can be compared with it\n";
        return kExitDone;
    }
    Table table({{"alike", Table::Align::right, 0},
                 {"track", Table::Align::left, 0},
                 {"title", Table::Align::left, 40},
                 {"artist", Table::Align::left, 30}});
    for (const SimilarTrack& each : similar.tracks) {
        const TrackView track = catalogue->track(each.track_index);
        table.add_row({std::to_string(std::lround(100 * each.similarity)) + " %", printable(track.track_id),
                       printable(track.title), printable(track.artist)});
    }
    table.print(*context.out);
    return kExitDone;
}

}  // namespace

void add_similar_command(CLI::App& catalogue, ChosenCommand& chosen) {
    auto arguments = std::make_shared<SimilarArguments>();
    CLI::App* similar = catalogue.add_subcommand(
        "similar", "The tracks most like one: by ear where it was listened to, else by its moods");
    similar->add_option("TRACK", arguments->track_id, "its track_id")->required();
    similar->add_option("--limit", arguments->limit, "how many at most")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000}))
        ->capture_default_str();
    similar->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_similar(context, *arguments); };
    });
}

}  // namespace bgm
