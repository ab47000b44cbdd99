#include "ops/bgmctl/catalogue/analysis_view.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <numeric>
#include <ostream>

#include "fusion/catalogue/track_row.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "schemas/json_text.hpp"
#include "schemas/track_model.hpp"

namespace bgm {
namespace {

using nlohmann::json;

constexpr std::array<const char*, 12> kPitchClasses{"C",  "C#", "D",  "Eb", "E",  "F",
                                                    "F#", "G",  "Ab", "A",  "Bb", "B"};
constexpr std::size_t kMoodsShown = 5;
constexpr float kWeightShown = 0.005F;  // "0.01" where it is rounded

[[gnu::format(printf, 1, 2)]] std::string text_of(const char* format, ...) {
    std::array<char, 128> text{};
    va_list values;
    va_start(values, format);
    std::vsnprintf(text.data(), text.size(), format, values);
    va_end(values);
    return text.data();
}

std::string counted_tracks(std::uint64_t count) {
    return grouped(count) + (count == 1 ? " track" : " tracks");
}

json failures_json(const std::vector<AnalyseFailure>& failures) {
    json list = json::array();
    for (const AnalyseFailure& failure : failures) {
        list.push_back({{"track_id", failure.track_id},
                        {"path", failure.path},
                        {"code", name(failure.error.code)},
                        {"message", failure.error.message}});
    }
    return list;
}

std::string time_text(std::int64_t ms) {
    const auto seconds = static_cast<std::time_t>(ms / 1000);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &utc);
    return text.data();
}

json moods_json(const MoodDistribution& moods) {
    json object = json::object();
    for (std::size_t mood = 0; mood < kMoodCount; ++mood)
        object[std::string(name(static_cast<Mood>(mood)))] = moods.at(mood);
    return object;
}

// What the meter says where nothing passes its gates.
bool is_silent(const TrackAnalysis& analysis) {
    return analysis.loudness_lufs <= -70;
}

// A key that nothing speaks for is none.
bool has_key(const TrackAnalysis& analysis) {
    return analysis.key_confidence > 0;
}

json analysis_json(const TrackAnalysis& analysis) {
    json windows = json::array();
    for (const TrackAnalysis::Window& window : analysis.windows) {
        windows.push_back({{"start_s", window.start_s},
                           {"quality", window.quality},
                           {"moods", moods_json(window.mood.moods)},
                           {"valence", window.mood.affect.valence},
                           {"arousal", window.mood.affect.arousal}});
    }
    return {{"model", analysis.model},
            {"current", analysis.model == kTrackModel},
            {"analysed_at", time_text(analysis.analysed_ms)},
            {"file_bytes", analysis.file_bytes},
            {"file_sha256", analysis.file_sha256},
            {"seconds", analysis.seconds},
            {"silent", is_silent(analysis)},
            {"loudness_lufs", analysis.loudness_lufs},
            {"range_lu", analysis.range_lu},
            {"tempo_bpm", analysis.tempo_bpm},
            {"tempo_confidence", analysis.tempo_confidence},
            {"key", has_key(analysis) ? json(key_name(analysis.key_tonic, analysis.key_minor)) : json()},
            {"key_tonic", analysis.key_tonic},
            {"key_minor", analysis.key_minor},
            {"key_confidence", analysis.key_confidence},
            {"energy", analysis.energy},
            {"speech", analysis.speech},
            {"moment_ms", analysis.moment_ms},
            {"moods", moods_json(analysis.mood.moods)},
            {"valence", analysis.mood.affect.valence},
            {"arousal", analysis.mood.affect.arousal},
            {"windows", windows},
            {"beats_s", analysis.beats_s},
            {"embedding_model", analysis.embedding_model},
            {"embedding", analysis.embedding},
            {"fingerprint", analysis.fingerprint}};
}

void print_heard(std::ostream& out, const TrackAnalysis& analysis) {
    out << "\nheard on " << time_text(analysis.analysed_ms) << " by " << printable(analysis.model)
        << (analysis.model == kTrackModel ? "" : ", which is out of date: analyse it again") << '\n'
        << "length     " << clock_text(analysis.seconds) << '\n';
    if (is_silent(analysis)) {
        out << "silent: it has no key, no tempo and no mood\n";
        return;
    }
    out << "key        ";
    if (has_key(analysis)) {
        out << key_name(analysis.key_tonic, analysis.key_minor)
            << text_of(" (confidence %.2f)\n", static_cast<double>(analysis.key_confidence));
    } else {
        out << "none is heard\n";
    }
    out << "tempo      ";
    if (analysis.tempo_bpm > 0) {
        out << text_of("%.1f bpm (confidence %.2f), ", static_cast<double>(analysis.tempo_bpm),
                       static_cast<double>(analysis.tempo_confidence))
            << grouped(analysis.beats_s.size()) << " beats\n";
    } else {
        out << "none is felt\n";
    }
    out << text_of("loudness   %.1f LUFS, range %.1f LU\n", static_cast<double>(analysis.loudness_lufs),
                   static_cast<double>(analysis.range_lu))
        << text_of("energy     %.2f\n", static_cast<double>(analysis.energy))
        << text_of("speech     %.0f %%\n", static_cast<double>(analysis.speech) * 100) << "moment     "
        << clock_text(analysis.moment_ms / 1000.0) << '\n';
}

/// Moods that nobody said or heard are all 0.
bool weighs(const MoodDistribution& moods) {
    return std::ranges::any_of(moods, [](float weight) { return weight > 0; });
}

std::string weight_text(float weight) {
    return weight > 0 ? text_of("%.2f", static_cast<double>(weight)) : "";
}

}  // namespace

std::string failure_line(const AnalyseFailure& failure) {
    std::string line = failure.track_id.empty() ? "" : failure.track_id + ": ";
    line += failure.path + ": " + failure.error.to_string();
    return printable(line);
}

std::string rate_text(double heard_s, double seconds) {
    return text_of("%.0f x real time", heard_s / std::max(seconds, 1e-3));
}

std::string clock_text(double seconds) {
    const auto whole = static_cast<std::uint64_t>(std::llround(std::max(seconds, 0.0)));
    const auto hours = static_cast<unsigned>(whole / 3600), rest = static_cast<unsigned>(whole % 3600);
    return hours > 0 ? text_of("%u:%02u:%02u", hours, rest / 60, rest % 60)
                     : text_of("%u:%02u", rest / 60, rest % 60);
}

std::string key_name(std::uint32_t tonic, bool minor) {
    return std::string(kPitchClasses.at(tonic % kPitchClasses.size())) + (minor ? " minor" : " major");
}

std::string key_name(std::uint8_t code) {
    const bool minor = code > 12;
    const std::uint32_t major = (code - 1U) % 12 * 7 % 12;  // from C upwards in fifths
    return key_name(minor ? major + 9 : major, minor);
}

void print_plan(std::ostream& out, const AnalysePlan& plan) {
    out << "would analyse " << counted_tracks(plan.files.size() - plan.known);
    if (plan.known > 0)
        out << ", and compare " << grouped(plan.known)
            << " others with what their files were when they were analysed";
    if (plan.left_alone > 0) out << "; " << grouped(plan.left_alone) << " have an analysis";
    out << '\n';
    if (plan.without_file > 0) out << counted_tracks(plan.without_file) << " without a file\n";
}

std::string plan_json(const AnalysePlan& plan) {
    return json_line({{"dry_run", true},
                      {"to_analyse", plan.files.size() - plan.known},
                      {"to_compare", plan.known},
                      {"left_alone", plan.left_alone},
                      {"without_file", plan.without_file},
                      {"failures", failures_json(plan.failures)}});
}

void print_outcome(std::ostream& out, const AnalysePlan& plan, const AnalyseOutcome& outcome) {
    out << "analysed " << counted_tracks(outcome.analysed);
    if (outcome.analysed > 0) {
        out << " (" << clock_text(outcome.heard_s) << " of sound in " << clock_text(outcome.seconds) << ", "
            << rate_text(outcome.heard_s, outcome.seconds) << " with " << outcome.workers
            << (outcome.workers == 1 ? " worker)" : " workers)");
    }
    out << '\n';
    const std::uint64_t skipped = outcome.unchanged + plan.left_alone;
    if (skipped > 0) out << counted_tracks(skipped) << " skipped: analysed before\n";
    if (plan.without_file > 0) out << counted_tracks(plan.without_file) << " without a file\n";
    if (outcome.failed > 0) out << grouped(outcome.failed) << " failed\n";
    if (outcome.left > 0)
        out << "interrupted: " << counted_tracks(outcome.left)
            << " left; the same command goes on with them\n";
}

std::string outcome_json(const AnalysePlan& plan, const AnalyseOutcome& outcome) {
    return json_line({{"dry_run", false},
                      {"analysed", outcome.analysed},
                      {"skipped", outcome.unchanged + plan.left_alone},
                      {"failed", outcome.failed},
                      {"failures", failures_json(outcome.failures)},
                      {"without_file", plan.without_file},
                      {"left", outcome.left},
                      {"heard_s", outcome.heard_s},
                      {"seconds", outcome.seconds},
                      {"workers", outcome.workers}});
}

void print_track(std::ostream& out, const Track& track, const std::optional<TrackAnalysis>& analysis) {
    out << printable(track.title);
    if (!track.artist.empty()) out << " - " << printable(track.artist);
    out << (track.active ? "\n" : " (inactive)\n");
    const auto line = [&](const char* label, const std::string& value) {
        if (!value.empty()) out << label << printable(value) << '\n';
    };
    line("track      ", track.track_id);
    line("album      ", track.album);
    line("genre      ", track.genre);
    line("language   ", track.language);
    line("length     ", track.duration_ms > 0 ? clock_text(track.duration_ms / 1000.0) : "");
    line("tempo      ", track.tempo_bpm > 0 ? text_of("%.1f bpm", static_cast<double>(track.tempo_bpm)) : "");
    line("uri        ", track.uri);
    line("licence    ", track.license);
    line("source     ", track.source);
    if (analysis) print_heard(out, *analysis);

    const MoodDistribution nothing{};
    const MoodDistribution& heard = analysis ? analysis->mood.moods : nothing;
    std::array<std::size_t, kMoodCount> order{};
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        return std::max(track.moods.at(left), heard.at(left)) >
               std::max(track.moods.at(right), heard.at(right));
    });
    Table table({{"mood", Table::Align::left, 0},
                 {"said", Table::Align::right, 0},
                 {"heard", Table::Align::right, 0}});
    for (std::size_t rank = 0; rank < kMoodsShown; ++rank) {
        const std::size_t mood = order.at(rank);
        if (std::max(track.moods.at(mood), heard.at(mood)) < kWeightShown) break;
        table.add_row({std::string(name(static_cast<Mood>(mood))), weight_text(track.moods.at(mood)),
                       weight_text(heard.at(mood))});
    }
    const bool said = weighs(track.moods) || track.affect.valence != 0 || track.affect.arousal != 0;
    const auto add_affect = [&](const char* label, float Affect::*part) {
        const auto text = [part](bool known, const Affect& affect) {
            return known ? text_of("%+.2f", static_cast<double>(affect.*part)) : "";
        };
        table.add_row({label, text(said, track.affect),
                       analysis && weighs(heard) ? text(true, analysis->mood.affect) : ""});
    };
    add_affect("valence", &Affect::valence);
    add_affect("arousal", &Affect::arousal);
    out << '\n';
    table.print(out);
    if (!analysis) out << "\nnobody has listened to it yet: `bgmctl catalogue analyse`\n";
}

std::string track_json(const Track& track, const std::optional<TrackAnalysis>& analysis) {
    // The track in the same form as in an export, so that one reader serves both.
    return "{\"track\": " + to_json_line(track) +
           ", \"analysis\": " + (analysis ? json_line(analysis_json(*analysis)) : "null") + "}";
}

}  // namespace bgm
