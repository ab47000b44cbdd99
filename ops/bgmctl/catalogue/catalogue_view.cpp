#include "ops/bgmctl/catalogue/catalogue_view.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>
#include <ostream>

#include "fusion/catalogue/track_row.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

using nlohmann::json;
using Counts = std::map<std::string, std::uint64_t>;

constexpr std::size_t kCountsShown = 12;
constexpr std::size_t kBarCells = 24;

std::vector<std::size_t> strongest_first(const Track& track) {
    std::vector<std::size_t> order(kMoodCount);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(
        order, [&](std::size_t left, std::size_t right) { return track.moods[left] > track.moods[right]; });
    return order;
}

std::string two_digits(float weight) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%.2f", static_cast<double>(weight));
    return text.data();
}

std::string moods_text(const Track& track) {
    std::string text;
    const auto order = strongest_first(track);
    for (std::size_t rank = 0; rank < 2 && track.moods[order[rank]] > 0; ++rank) {
        text.append(text.empty() ? "" : ", ").append(name(static_cast<Mood>(order[rank]))).append(" ");
        text.append(two_digits(track.moods[order[rank]]));
    }
    return text;
}

std::string length_text(std::uint32_t duration_ms) {
    if (duration_ms == 0) return "";
    std::array<char, 24> text{};
    const std::uint32_t seconds = (duration_ms + 500) / 1000;
    std::snprintf(text.data(), text.size(), "%u:%02u", seconds / 60, seconds % 60);
    return text.data();
}

void print_counts(std::ostream& out, const std::string& title, const Counts& counts) {
    std::vector<std::pair<std::string, std::uint64_t>> rows(counts.begin(), counts.end());
    std::ranges::stable_sort(rows, [](const auto& a, const auto& b) { return a.second > b.second; });
    Table table({{title, Table::Align::left, 40}, {"tracks", Table::Align::right, 0}});
    std::uint64_t rest = 0;
    // A line that stands for a single other one would save nothing.
    const std::size_t shown = rows.size() == kCountsShown + 1 ? rows.size() : kCountsShown;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i < shown) {
            table.add_row({rows[i].first, grouped(rows[i].second)});
        } else {
            rest += rows[i].second;
        }
    }
    if (rest > 0) {
        table.add_row({"(" + std::to_string(rows.size() - kCountsShown) + " others)", grouped(rest)});
    }
    out << '\n';
    table.print(out);
}

/// "1 row", "2 rows"
std::string counted(std::uint64_t count, const std::string& noun) {
    return grouped(count) + " " + noun + (count == 1 ? "" : "s");
}

const std::string& or_unknown(const std::string& text) {
    static const std::string kUnknown = "unknown";
    return text.empty() ? kUnknown : text;
}

}  // namespace

void CatalogueFigures::add(const Track& track) {
    ++track_count;
    if (!track.active) {
        ++inactive_count;
        return;
    }
    const auto order = strongest_first(track);
    if (track.moods[order[0]] > 0) {
        ++strongest.at(order[0]);
    } else {
        ++without_mood_count;
    }
    if (track.moods[order[1]] > 0) ++second_strongest.at(order[1]);
    ++by_genre[or_unknown(track.genre)];
    ++by_language[track.language == "zxx" ? "instrumental" : or_unknown(track.language)];
    ++by_license[or_unknown(track.license)];
    ++by_source[or_unknown(track.source)];
}

namespace {

// What was found out about a file that nobody described; nothing where it is as the documents say.
void print_shape(std::ostream& out, const ImportOutcome& outcome) {
    const ReadReport& report = outcome.report;
    std::vector<std::string> facts;
    if (!outcome.encoding.empty() && outcome.encoding != "UTF-8") {
        facts.push_back(outcome.encoding +
                        (outcome.encoding_certain ? "" : " (the likeliest; --encoding NAME says otherwise)"));
    }
    if (report.separator != '\0' && report.separator != ',' && report.separator != '\t')
        facts.push_back("separated by " + separator_name(report.separator));
    if (report.separator == '\t') facts.emplace_back("separated by tabs");
    if (report.line_ends == LineEnds::cr || report.line_ends == LineEnds::mixed)
        facts.push_back(std::string(name(report.line_ends)) + " line ends");
    std::string columns;
    for (const ColumnUse& use : report.columns) {
        if (use.column == name(use.field)) continue;
        columns.append(columns.empty() ? "" : ", ")
            .append(name(use.field))
            .append("=")
            .append(printable(use.column));
    }
    if (!columns.empty()) facts.push_back("columns " + columns);
    for (const std::string& fact : facts)
        out << (&fact == &facts.front() ? "read as " : "; ") << fact;
    if (!facts.empty()) out << '\n';
    if (outcome.damaged_places > 0)
        out << counted(outcome.damaged_places, "place") << " that is not " << outcome.encoding << '\n';
}

json columns_json(const ReadReport& report) {
    json columns = json::object();
    for (const ColumnUse& use : report.columns)
        columns[std::string(name(use.field))] = use.column;
    return columns;
}

}  // namespace

void print_import(std::ostream& out, const ImportArguments& arguments, const ImportOutcome& outcome,
                  const std::string& place, bool reloaded) {
    const ReadReport& report = outcome.report;
    out << (arguments.dry_run ? "could import " : "imported ") << counted(report.track_count, "track")
        << " of " << printable(arguments.file);
    if (!arguments.dry_run) out << " into " << printable(place);
    out << '\n';
    print_shape(out, outcome);
    if (report.repeated_count > 0) {
        out << counted(report.repeated_count, "row") << (report.repeated_count == 1 ? " repeats" : " repeat")
            << " the id of an earlier one: the last one counts\n";
    }
    if (report.without_mood_count > 0) {
        out << counted(report.without_mood_count, "track") << " without a known mood\n";
    }
    if (outcome.retired_count > 0) {
        out << counted(outcome.retired_count, "track") << " not in the file, and so no longer in service\n";
    }
    if (report.error_count > 0) {
        out << counted(report.error_count, "row") << " could not be read:\n\n";
        Table table({{"line", Table::Align::right, 0},
                     {"field", Table::Align::left, 0},
                     {"reason", Table::Align::left, 0}});
        for (const RowError& error : report.errors) {
            table.add_row({std::to_string(error.line), error.field, error.reason});
        }
        if (report.error_count > report.errors.size()) table.add_row({"...", "", ""});
        table.print(out);
    }
    if (!arguments.dry_run && !reloaded) {
        out << "the daemon was not reached: where it runs, it notices by itself (catalogue.refresh_ms)\n";
    }
}

std::string import_json(const ImportArguments& arguments, const ImportOutcome& outcome,
                        const std::string& place, bool reloaded) {
    json errors = json::array();
    for (const RowError& error : outcome.report.errors) {
        errors.push_back({{"line", error.line}, {"field", error.field}, {"reason", error.reason}});
    }
    return json_line(
        {{"file", arguments.file},
         {"stored_in", arguments.dry_run ? "" : place},
         {"dry_run", arguments.dry_run},
         {"encoding", outcome.encoding},
         {"encoding_certain", outcome.encoding_certain},
         {"damaged_places", outcome.damaged_places},
         {"separator", outcome.report.separator == '\0' ? "" : std::string(1, outcome.report.separator)},
         {"line_ends", outcome.report.separator == '\0' ? "" : name(outcome.report.line_ends)},
         {"columns", columns_json(outcome.report)},
         {"rows", outcome.report.row_count},
         {"tracks", outcome.report.track_count},
         {"repeated", outcome.report.repeated_count},
         {"without_mood", outcome.report.without_mood_count},
         {"retired", outcome.retired_count},
         {"error_rows", outcome.report.error_count},
         {"errors", errors},
         {"reloaded", reloaded}});
}

void print_tracks(std::ostream& out, const std::vector<Track>& tracks) {
    Table table({{"track", Table::Align::left, 32},
                 {"title", Table::Align::left, 44},
                 {"artist", Table::Align::left, 28},
                 {"genre", Table::Align::left, 18},
                 {"length", Table::Align::right, 0},
                 {"bpm", Table::Align::right, 0},
                 {"moods", Table::Align::left, 0}});
    for (const Track& track : tracks) {
        table.add_row({track.track_id, track.title, track.artist, track.genre, length_text(track.duration_ms),
                       track.tempo_bpm > 0 ? std::to_string(std::lround(track.tempo_bpm)) : "",
                       moods_text(track) + (track.active ? "" : " (inactive)")});
    }
    table.print(out);
}

std::string tracks_json(const std::vector<Track>& tracks, std::uint64_t matching_count) {
    // The same form as in an export, so that one reader serves both.
    std::string text = "{\"matching\": " + std::to_string(matching_count) + ", \"tracks\": [";
    for (const Track& track : tracks)
        text.append(&track == tracks.data() ? "" : ", ").append(to_json_line(track));
    return text + "]}";
}

void print_figures(std::ostream& out, const CatalogueFigures& figures, const std::string& place) {
    out << counted(figures.track_count, "track") << " in " << printable(place);
    if (figures.inactive_count > 0) out << ", " << grouped(figures.inactive_count) << " of them inactive";
    if (figures.without_mood_count > 0)
        out << ", " << grouped(figures.without_mood_count) << " without a mood";
    out << "\n\n";
    Table moods({{"mood", Table::Align::left, 0},
                 {"strongest", Table::Align::right, 0},
                 {"second", Table::Align::right, 0},
                 {"", Table::Align::left, 0}});
    const std::uint64_t most = std::max<std::uint64_t>(1, *std::ranges::max_element(figures.strongest));
    for (std::size_t mood = 0; mood < kMoodCount; ++mood) {
        moods.add_row(
            {std::string(name(static_cast<Mood>(mood))), grouped(figures.strongest[mood]),
             grouped(figures.second_strongest[mood]),
             bar(static_cast<double>(figures.strongest[mood]) / static_cast<double>(most), kBarCells)});
    }
    moods.print(out);
    print_counts(out, "genre", figures.by_genre);
    print_counts(out, "language", figures.by_language);
    print_counts(out, "licence", figures.by_license);
    print_counts(out, "source", figures.by_source);
}

std::string figures_json(const CatalogueFigures& figures) {
    json strongest = json::object();
    json second = json::object();
    for (std::size_t mood = 0; mood < kMoodCount; ++mood) {
        strongest[std::string(name(static_cast<Mood>(mood)))] = figures.strongest[mood];
        second[std::string(name(static_cast<Mood>(mood)))] = figures.second_strongest[mood];
    }
    return json_line({{"tracks", figures.track_count},
                      {"inactive", figures.inactive_count},
                      {"without_mood", figures.without_mood_count},
                      {"strongest_mood", strongest},
                      {"second_strongest_mood", second},
                      {"genres", figures.by_genre},
                      {"languages", figures.by_language},
                      {"licenses", figures.by_license},
                      {"sources", figures.by_source}});
}

}  // namespace bgm
