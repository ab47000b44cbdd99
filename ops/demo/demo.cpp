// bgm-demo MEDIA_FOLDER: posts a small set of posts to the stack that the BGMD_ variables name, waits for
// each pick, and prints what came out as one table. A client like any other: it uses the daemon's public
// interfaces only.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "ops/bgmctl/console/context.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "ops/bgmctl/post/pick_view.hpp"
#include "ops/bgmctl/post/post_draft.hpp"
#include "ops/bgmctl/post/post_wait.hpp"

namespace bgm::demo {
namespace {

constexpr std::size_t kPostCells = 34;
constexpr std::size_t kMoodCells = 19;
constexpr std::size_t kBecauseCells = 24;
constexpr std::size_t kMusicCells = 46;

struct DemoPost {
    std::string id, title, text;
    std::vector<MediaArgument> media;
};

std::vector<DemoPost> demo_posts(const std::filesystem::path& media) {
    const auto file = [&](const char* name) { return (media / name).string(); };
    return {
        {"demo-1",
         "Korean text",
         "드디어 시험 끝났다!! 친구들이랑 한강에서 치킨 먹는 중 ㅋㅋㅋㅋ 너무 신난다 🎉",
         {}},
        {"demo-2",
         "English text",
         "I miss her so much. Three weeks now, and the house is so quiet that I still cry every night.",
         {}},
        {"demo-3", "photo", "", {{v1::Asset::IMAGE, file("sunset.jpg")}}},
        {"demo-4",
         "photo and text",
         "비 오는 밤, 아무도 없는 거리를 혼자 걷는다. 괜히 눈물이 난다.",
         {{v1::Asset::IMAGE, file("rain.jpg")}}},
        {"demo-5", "music clip", "", {{v1::Asset::AUDIO, file("humming.ogg")}}},
        {"demo-6", "video with sound", "", {{v1::Asset::VIDEO, "file:fireworks.mp4"}}},
        {"demo-7",
         "text, broken image",
         "First day at the new job and everyone is so kind, I couldn't be happier!",
         {{v1::Asset::IMAGE, file("broken.jpg")}}},
        {"demo-8", "broken image alone", "", {{v1::Asset::IMAGE, file("broken.jpg")}}},
    };
}

using Lines = std::vector<std::string>;

// Breaks at blanks, into at most `lines_max` lines of `cells`.
Lines wrap(const std::string& text, std::size_t cells, std::size_t lines_max) {
    Lines lines{""};
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        const std::string word = printable(text.substr(begin, end - begin));
        std::string& line = lines.back();
        if (line.empty()) {
            line = word;
        } else if (display_width(line) + 1 + display_width(word) <= cells) {
            line.append(" ").append(word);
        } else if (lines.size() < lines_max) {
            lines.push_back(word);
        } else {
            line = fit_width(line.append(" ").append(word), cells);
            break;
        }
        begin = end + 1;
    }
    return lines;
}

std::string percent(double share) {
    return std::to_string(std::lround(share * 100)) + "%";
}

Lines mood_lines(const v1::Pick& pick) {
    Lines lines{says_nothing(pick) ? "nothing to feel" : pick.mood() + " " + percent(pick.confidence())};
    if (pick.ambiguous()) {
        std::string others;
        for (const std::string& mood : pick.likely_moods()) {
            if (mood != pick.mood() || says_nothing(pick)) others += (others.empty() ? "or " : ", ") + mood;
        }
        for (std::string& line : wrap(others, kMoodCells, 2))
            lines.push_back(std::move(line));
    }
    const auto scale = [](const char* name, double value) {
        std::array<char, 32> line{};
        std::snprintf(line.data(), line.size(), "%s %+.2f", name, value);
        return std::string(line.data());
    };
    lines.push_back(scale("valence", pick.valence()));
    lines.push_back(scale("arousal", pick.arousal()));
    return lines;
}

Lines because_lines(const v1::Pick& pick, const AssetNames& names) {
    std::vector<std::pair<std::string, float>> shares(pick.modalities().begin(), pick.modalities().end());
    std::sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    Lines lines;
    for (const auto& [modality, share] : shares) {
        lines.push_back(modality + std::string(6 - std::min<std::size_t>(6, modality.size()), ' ') +
                        bar(share, 10) + " " + percent(share));
    }
    for (const v1::Degraded& degraded : pick.degraded()) {
        const auto named = names.find(degraded.asset_id());
        const std::string what = named == names.end()
                                     ? degraded.modality()
                                     : std::filesystem::path(named->second).filename().string();
        for (std::string& line : wrap("without " + what + ": " + degraded.message(), kBecauseCells, 4))
            lines.push_back(std::move(line));
    }
    return lines;
}

Lines music_lines(const v1::Pick& pick) {
    Lines lines;
    for (const v1::PickTrack& track : pick.tracks()) {
        lines.push_back(fit_width(std::to_string(track.position()) + " " + printable(track.title()) + " · " +
                                      printable(track.artist()),
                                  kMusicCells));
    }
    if (pick.tracks_size() > 0) {
        for (std::string& line : wrap("1: " + pick.tracks(0).reason().text(), kMusicCells - 2, 3))
            lines.push_back("  " + line);
    }
    return lines;
}

void add_block(Table& table, const Lines& post, const Lines& mood, const Lines& because, const Lines& music) {
    const auto cell = [](const Lines& lines, std::size_t row) {
        return row < lines.size() ? lines[row] : std::string();
    };
    const std::size_t height = std::max({post.size(), mood.size(), because.size(), music.size()});
    for (std::size_t row = 0; row < height; ++row) {
        table.add_row({cell(post, row), cell(mood, row), cell(because, row), cell(music, row)});
    }
    table.add_row({});
}

Result<PostDraft> draft_of(const DemoPost& post) {
    PostDraft draft;
    draft.post.set_post_id(post.id);
    draft.post.set_user_id("demo-user");
    draft.post.set_tenant("default");
    draft.post.set_text(post.text);
    draft.post.mutable_options()->set_tracks(3);
    if (auto attached = attach_media(draft, post.media); !attached) return attached.error();
    return draft;
}

int run(const std::filesystem::path& media) {
    BgmctlContext context;
    context.out = &std::cout;
    context.err = &std::cerr;
    auto settings = resolve_settings(std::nullopt, process_environment, {});
    if (!settings) return report_failure(context, settings.error());
    context.settings = *settings;

    Table table({{"post", Table::Align::left, kPostCells},
                 {"mood", Table::Align::left, kMoodCells},
                 {"because of", Table::Align::left, kBecauseCells},
                 {"music", Table::Align::left, kMusicCells}});
    for (const DemoPost& post : demo_posts(media)) {
        auto draft = draft_of(post);
        if (!draft) return report_failure(context, draft.error());
        auto outcome = send_post(context, *draft, true, std::chrono::seconds(60));
        if (!outcome) return report_failure(context, outcome.error());
        Lines about{post.id + "  " + post.title};
        for (std::string& line : wrap(post.text, kPostCells - 2, 4))
            about.push_back("  " + line);
        for (const MediaArgument& argument : post.media) {
            about.push_back(
                "  [" +
                std::filesystem::path(argument.path.substr(argument.path.find(':') + 1)).filename().string() +
                "]");
        }
        about.erase(std::remove(about.begin(), about.end(), "  "), about.end());
        if (outcome->pick) {
            add_block(table, about, mood_lines(*outcome->pick),
                      because_lines(*outcome->pick, draft->asset_names), music_lines(*outcome->pick));
        } else if (outcome->dead) {
            add_block(table, about, {"no pick"}, {"nothing usable"},
                      wrap("dead letter (" + outcome->dead->code() + "): " + outcome->dead->message(),
                           kMusicCells, 3));
        } else {
            return report_failure(context,
                                  {.code = ErrorCode::internal,
                                   .message = "no pick for " + post.id + ": " + outcome->ack.error_message});
        }
    }
    table.print(std::cout);
    return kExitDone;
}

}  // namespace
}  // namespace bgm::demo

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: bgm-demo MEDIA_FOLDER\n";
        return bgm::kExitUsage;
    }
    return bgm::demo::run(arguments[1]);
}
