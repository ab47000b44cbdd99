#include "ops/bgmctl/post/pick_view.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <ostream>
#include <utility>
#include <vector>

#include "fusion/mood/mood.hpp"
#include "ops/bgmctl/console/table.hpp"

namespace bgm {
namespace {

constexpr std::size_t kBarCells = 20;

std::string signed_text(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%+.2f", value);
    return text.data();
}

std::string join(const google::protobuf::RepeatedPtrField<std::string>& words) {
    std::string joined;
    for (const std::string& word : words) {
        if (!joined.empty()) joined += ", ";
        joined += printable(word);
    }
    return joined;
}

std::vector<std::pair<std::string, float>> strongest_first(
    const google::protobuf::Map<std::string, float>& shares) {
    std::vector<std::pair<std::string, float>> sorted(shares.begin(), shares.end());
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    return sorted;
}

void print_share(std::ostream& out, const std::string& title, const std::string& name, double share) {
    std::string padded = printable(name);
    padded.append(12 - std::min<std::size_t>(12, display_width(padded)), ' ');
    out << title << padded << bar(share, kBarCells) << ' ' << percent_text(share) << '\n';
}

std::string range_text(std::uint32_t from, std::uint32_t to, const std::string& unit = "") {
    if (to == 0) return "from " + std::to_string(from) + unit + " on";
    return (from == 0 ? "up to " : std::to_string(from) + " to ") + std::to_string(to) + unit;
}

std::string years_text(const v1::Era& era) {
    if (era.to_year() == 0 || era.from_year() <= era.to_year())
        return range_text(era.from_year(), era.to_year());
    return "before " + std::to_string(era.to_year() + 1) + " or from " + std::to_string(era.from_year()) +
           " on";
}

/// Without "zxx", by which tracks without words are left out.
google::protobuf::RepeatedPtrField<std::string> without_wordless(
    const google::protobuf::RepeatedPtrField<std::string>& languages) {
    google::protobuf::RepeatedPtrField<std::string> left;
    for (const std::string& language : languages)
        if (language != "zxx") left.Add(std::string(language));
    return left;
}

void print_understood(std::ostream& out, const v1::Understood& wish) {
    std::vector<std::string> lines;
    const auto say = [&](bool said, const std::string& line) {
        if (said) lines.push_back(line);
    };
    const v1::PickOptions& options = wish.options();
    const v1::Context& context = wish.context();
    say(!wish.moods().empty(), join(wish.moods()));
    say(!options.avoid_moods().empty(), "not " + join(options.avoid_moods()));
    say(!options.genres().empty(), "genre: " + join(options.genres()));
    say(!options.avoid_genres().empty(), "genre: not " + join(options.avoid_genres()));
    say(!options.languages().empty(), "language: " + join(options.languages()));
    const auto not_in = without_wordless(options.avoid_languages());
    say(!not_in.empty(), "language: not " + join(not_in));
    say(not_in.size() < options.avoid_languages_size(), "sung");
    say(options.instrumental_only(), "without words");
    say(options.exclude_explicit(), "nothing explicit");
    say(options.min_tempo() != 0 || options.max_tempo() != 0,
        "tempo: " + range_text(options.min_tempo(), options.max_tempo(), " bpm"));
    say(options.has_era(), "years: " + years_text(options.era()));
    say(options.max_duration_ms() != 0, "up to " + duration_text(options.max_duration_ms() / 1000.0));
    say(options.tracks() != 0, std::to_string(options.tracks()) + " tracks");
    say(context.has_local_hour(), "at " + std::to_string(context.local_hour()) + " o'clock");
    for (const std::string* const label : {&context.weather(), &context.place(), &context.activity()})
        say(!label->empty(), printable(*label));
    if (lines.empty())
        lines.emplace_back("nothing that can be asked for by name: the text is read like a post's");
    for (std::size_t i = 0; i < lines.size(); ++i)
        out << (i == 0 ? "understood  " : "            ") << lines[i] << '\n';
    for (int i = 0; i < wish.unmet_size(); ++i)
        out << (i == 0 ? "not met     " : "            ") << printable(wish.unmet(i)) << '\n';
}

}  // namespace

std::string percent_text(double share) {
    return std::isfinite(share) ? std::to_string(std::lround(share * 100)) + "%" : "?";
}

std::string duration_text(double seconds) {
    if (!(seconds >= 0) || seconds > 1e12) return "?";
    if (seconds < 10) {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "%.1f s", seconds);
        return text.data();
    }
    static constexpr std::array<std::pair<std::int64_t, const char*>, 4> kUnits{
        {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}}};
    std::int64_t left = std::llround(seconds);
    std::string text;
    int parts = 0;
    for (const auto& [unit, letter] : kUnits) {
        if (left < unit && parts == 0) continue;
        if (parts > 0) text += ' ';
        text += std::to_string(left / unit) + ' ' + letter;
        left %= unit;
        if (++parts == 2) break;
    }
    return text;
}

std::string time_text(const google::protobuf::Timestamp& time) {
    const std::time_t seconds = time.seconds();
    std::tm parts{};
    std::array<char, 32> text{};
    if (!localtime_r(&seconds, &parts) ||
        std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts) == 0) {
        return "?";
    }
    return text.data();
}

bool says_nothing(const v1::Pick& pick) {
    return pick.ambiguous() && std::lround(static_cast<double>(pick.confidence()) * 100) == 0;
}

void print_pick(std::ostream& out, const v1::Pick& pick, const AssetNames& asset_names) {
    out << printable(pick.post_id());
    if (pick.tenant() != "default" && !pick.tenant().empty()) out << " of " << printable(pick.tenant());
    out << ", revision " << pick.revision() << "\n\n";

    if (says_nothing(pick)) {
        out << "mood        ambiguous: there is nothing to feel in it\n";
        if (!pick.likely_moods().empty())
            out << "            the tracks are safe for "
                << (pick.likely_moods().size() == int{kMoodCount} ? "every mood" : join(pick.likely_moods()))
                << '\n';
    } else {
        print_share(out, "mood        ", pick.mood(), pick.confidence());
    }
    if (pick.ambiguous() && !says_nothing(pick)) {
        out << "            ambiguous between " << join(pick.likely_moods())
            << ": the tracks are safe for each of them\n";
    }
    out << "feeling     valence " << signed_text(pick.valence()) << ", arousal "
        << signed_text(pick.arousal()) << '\n';
    bool first = true;
    for (const auto& [modality, share] : strongest_first(pick.modalities())) {
        print_share(out, first ? "because of  " : "            ", modality, share);
        first = false;
    }
    if (pick.has_understood()) print_understood(out, pick.understood());
    first = true;
    for (const v1::Degraded& degraded : pick.degraded()) {
        out << (first ? "left out    " : "            ") << printable(degraded.modality());
        if (const auto named = asset_names.find(degraded.asset_id()); named != asset_names.end()) {
            out << ' ' << printable(named->second);
        } else if (!degraded.asset_id().empty()) {
            out << ' ' << printable(degraded.asset_id());
        }
        out << ": " << printable(degraded.message()) << " (" << printable(degraded.code()) << ")\n";
        first = false;
    }
    first = true;
    for (const v1::Caption& caption : pick.captions()) {
        const auto named = asset_names.find(caption.asset_id());
        out << (first ? "shows       " : "            ")
            << printable(named != asset_names.end() ? named->second : caption.asset_id()) << ": "
            << printable(caption.text()) << '\n';
        first = false;
    }
    first = true;
    for (const v1::Facts& facts : pick.facts()) {
        if (facts.summary().empty()) continue;
        const auto named = asset_names.find(facts.asset_id());
        out << (first ? "seen        " : "            ")
            << printable(named != asset_names.end() ? named->second
                         : facts.asset_id().empty() ? facts.modality()
                                                    : facts.asset_id())
            << ": " << printable(facts.summary());
        if (!facts.text().empty()) out << ": \"" << fit_width(printable(facts.text()), 72) << '"';
        out << '\n';
        first = false;
    }
    if (!pick.language().empty()) out << "language    " << printable(pick.language()) << '\n';
    if (!pick.model().empty()) out << "model       " << printable(pick.model()) << '\n';

    if (pick.tracks().empty()) {
        out << "\nno track in the catalogue fits this post's options\n";
        return;
    }
    out << '\n';
    Table table({{"#", Table::Align::right, 0},
                 {"track", Table::Align::left, 44},
                 {"artist", Table::Align::left, 28},
                 {"score", Table::Align::right, 0},
                 {"why", Table::Align::left, 0}});
    for (const v1::PickTrack& track : pick.tracks()) {
        std::array<char, 32> score{};
        std::snprintf(score.data(), score.size(), "%.3f", static_cast<double>(track.score()));
        table.add_row({std::to_string(track.position()), track.title(), track.artist(), score.data(),
                       track.reason().text()});
    }
    table.print(out);
}

void print_dead_letter(std::ostream& out, const v1::DeadLetter& dead) {
    out << printable(dead.post_id());
    if (dead.tenant() != "default" && !dead.tenant().empty()) out << " of " << printable(dead.tenant());
    out << ", revision " << dead.revision() << ": could not be analysed\n\n"
        << "why       " << printable(dead.message()) << " (" << printable(dead.code()) << ")\n"
        << "where     " << printable(dead.stage()) << ", after " << dead.attempts()
        << (dead.attempts() == 1 ? " attempt\n" : " attempts\n");
    if (dead.has_died_at()) out << "when      " << time_text(dead.died_at()) << '\n';
    if (!dead.has_post()) return;
    const v1::Post& post = dead.post();
    if (!post.text().empty()) out << "text      " << fit_width(printable(post.text()), 96) << '\n';
    for (const v1::Asset& asset : post.assets()) {
        out << "asset     " << printable(asset.asset_id()) << ' ' << v1::Asset::Kind_Name(asset.kind()) << ' '
            << (asset.has_frame() ? "sent with the post" : printable(asset.uri())) << '\n';
    }
}

}  // namespace bgm
