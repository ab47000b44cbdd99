#include "ops/bgmctl/catalogue/search_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "fusion/catalogue/composed_text.hpp"
#include "fusion/recommend/track_search.hpp"
#include "ops/bgmctl/catalogue/heard_catalogue.hpp"
#include "ops/bgmctl/console/daemon_question.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "schemas/json_text.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

using nlohmann::json;

struct SearchArguments {
    std::string text;
    std::size_t limit = 10;
};

json term_json(const std::optional<float>& term) {
    return term ? json(*term) : json();
}

json hits_json(const Catalogue& catalogue, const SearchWish& wish, const std::vector<SearchHit>& hits,
               std::size_t total) {
    json list = json::array();
    for (const SearchHit& hit : hits) {
        const TrackView track = catalogue.track(hit.track_index);
        list.push_back({{"track_id", track.track_id},
                        {"title", track.title},
                        {"artist", track.artist},
                        {"score", hit.score},
                        {"words", term_json(hit.words)},
                        {"mood", term_json(hit.mood)},
                        {"tempo", term_json(hit.tempo)},
                        {"sound", term_json(hit.sound)},
                        {"reason", hit.reason(catalogue, wish)}});
    }
    return {{"tracks", std::move(list)}, {"total", total}};
}

// Where the words lie among sounds: the daemon's text workers know.
Result<SoundWish> place_of(BgmctlContext& context, const std::string& text) {
    const auto answer =
        ask_daemon(context, {{"op", "catalogue.place"}, {"text", truncate_utf8(text, kSearchBytesMax)}});
    if (!answer) return answer.error();
    SoundWish place{.model = text_at(*answer, "model"), .embedding = {}};
    for (const json& number : answer->value("embedding", json::array()))
        place.embedding.push_back(number.is_number() ? number.get<float>() : 0);
    return place;
}

int run_search(BgmctlContext& context, const SearchArguments& arguments) {
    if (!valid_utf8(arguments.text)) return report_usage(context, "the search is not valid UTF-8");
    SearchWish wish = read_search(composed(arguments.text));
    if (wish.phrase.empty()) return report_usage(context, "the search is empty: say what to look for");
    const auto catalogue = any_catalogue(context);
    if (!catalogue) return report_failure(context, catalogue.error());
    if (may_hear_words(*catalogue)) {
        auto place = place_of(context, arguments.text);
        if (place) {
            wish.place = *std::move(place);
        } else {
            *context.err << "searched by words alone, not by ear: " << place.error().to_string() << '\n';
        }
    }
    std::size_t total = 0;
    const auto hits = search_tracks(*catalogue, wish, arguments.limit, {}, &total);
    if (context.json()) {
        *context.out << json_line(hits_json(*catalogue, wish, hits, total)) << '\n';
        return kExitDone;
    }
    if (hits.empty()) {
        *context.out << "no such track\n";
        return kExitDone;
    }
    Table table({{"score", Table::Align::right, 0},
                 {"track", Table::Align::left, 0},
                 {"title", Table::Align::left, 40},
                 {"artist", Table::Align::left, 24},
                 {"why", Table::Align::left, 60}});
    for (const SearchHit& hit : hits) {
        const TrackView track = catalogue->track(hit.track_index);
        std::string score = std::to_string(static_cast<int>(hit.score * 100 + 0.5F));
        table.add_row({std::move(score), std::string(track.track_id), std::string(track.title),
                       std::string(track.artist), hit.reason(*catalogue, wish)});
    }
    table.print(*context.out);
    if (total > hits.size())
        *context.out << '\n' << grouped(total - hits.size()) << " more; --limit shows more at once\n";
    return kExitDone;
}

}  // namespace

void add_search_command(CLI::App& catalogue, ChosenCommand& chosen) {
    auto arguments = std::make_shared<SearchArguments>();
    CLI::App* search = catalogue.add_subcommand(
        "search", "What a few words ask for, in Korean or English: moods, genres, instruments, names, tempo");
    search->add_option("TEXT", arguments->text, "e.g. \"잔잔한 피아노\"")->required();
    search->add_option("--limit", arguments->limit, "how many at most")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000}))
        ->capture_default_str();
    search->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_search(context, *arguments); };
    });
}

}  // namespace bgm
