#include "ops/bgmctl/post/post_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ops/bgmctl/console/interrupt.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "ops/bgmctl/post/pick_view.hpp"
#include "ops/bgmctl/post/post_draft.hpp"
#include "ops/bgmctl/post/post_wait.hpp"
#include "schemas/json_text.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

struct PostArguments {
    std::string id, tenant = "default", user, text, lang, priority = "live";
    std::vector<std::string> images, audios, videos, genres, languages, avoided_moods;
    std::string arc;
    std::uint32_t tracks = 0, max_duration_s = 0, min_tempo = 0, max_tempo = 0, from_year = 0, to_year = 0;
    bool exclude_explicit = false, instrumental_only = false, wait = false, minor = false, wish = false;
    double timeout_s = 30;
};

void fill_message(v1::Post& post, const PostArguments& arguments) {
    post.set_post_id(arguments.id.empty() ? random_post_id() : arguments.id);
    post.set_tenant(arguments.tenant);
    post.set_user_id(arguments.user);
    post.set_text(arguments.text);
    post.set_lang(arguments.lang);
    post.set_priority(arguments.priority == "backfill" ? v1::BACKFILL : v1::LIVE);
    if (arguments.wish) post.set_kind(v1::WISH);
    if (arguments.minor) post.mutable_user()->set_minor(true);
    v1::PickOptions& options = *post.mutable_options();
    options.set_tracks(arguments.tracks);
    options.set_exclude_explicit(arguments.exclude_explicit);
    options.set_max_duration_ms(arguments.max_duration_s * 1000);
    for (const std::string& genre : arguments.genres)
        options.add_genres(genre);
    for (const std::string& language : arguments.languages)
        options.add_languages(language);
    for (const std::string& mood : arguments.avoided_moods)
        options.add_avoid_moods(mood);
    options.set_min_tempo(arguments.min_tempo);
    options.set_max_tempo(arguments.max_tempo);
    options.set_instrumental_only(arguments.instrumental_only);
    if (arguments.from_year != 0) options.mutable_era()->set_from_year(arguments.from_year);
    if (arguments.to_year != 0) options.mutable_era()->set_to_year(arguments.to_year);
    options.set_arc(arguments.arc == "rise"    ? v1::RISE
                    : arguments.arc == "fall"  ? v1::FALL
                    : arguments.arc == "level" ? v1::LEVEL
                                               : v1::ARC_UNSPECIFIED);
}

nlohmann::json ack_json(const PostAck& ack) {
    nlohmann::json document = {
        {"post_id", ack.post_id}, {"status", name(ack.status)}, {"revision", ack.revision}};
    if (!ack.error_code.empty()) {
        document["error"] = {
            {"code", ack.error_code}, {"field", ack.error_field}, {"message", ack.error_message}};
    }
    if (ack.retry_after_ms > 0) document["retry_after_ms"] = ack.retry_after_ms;
    return document;
}

void print_json(std::ostream& out, const PostOutcome& outcome) {
    nlohmann::json document = {{"ack", ack_json(outcome.ack)}};
    if (outcome.pick) document["pick"] = nlohmann::json::parse(to_json(*outcome.pick));
    if (outcome.dead) document["dead"] = nlohmann::json::parse(to_json(*outcome.dead));
    out << json_line(document) << '\n';
}

std::string reason_of(const PostAck& ack) {
    return (ack.error_field.empty() ? "" : printable(ack.error_field) + ": ") + printable(ack.error_message) +
           " (" + printable(ack.error_code) + ")";
}

void print_readable(BgmctlContext& context, const PostDraft& draft, const PostOutcome& outcome) {
    const PostAck& ack = outcome.ack;
    if (ack.status == PostAck::Status::rejected) {
        *context.err << "bgmctl: rejected: " << reason_of(ack) << '\n';
    } else if (ack.status == PostAck::Status::busy) {
        *context.err << "bgmctl: the daemon is busy and did not take the post"
                     << (ack.error_message.empty() ? "" : ": " + reason_of(ack)) << "; try again in "
                     << ack.retry_after_ms << " ms, or see `bgmctl status`\n";
    } else if (outcome.pick) {
        print_pick(*context.out, *outcome.pick, draft.asset_names);
    } else if (outcome.dead) {
        print_dead_letter(*context.out, *outcome.dead);
    } else {
        *context.out << (ack.status == PostAck::Status::duplicate ? "known already: " : "accepted: ")
                     << printable(draft.post.post_id()) << ", revision " << ack.revision << '\n';
    }
}

int run_post(BgmctlContext& context, const PostArguments& arguments) {
    const bool has_media =
        !arguments.images.empty() || !arguments.audios.empty() || !arguments.videos.empty();
    if (arguments.wish && arguments.text.find_first_not_of(" \t\r\n") == std::string::npos)
        return report_usage(context, "text: is empty; say what is wished for");
    if (arguments.text.empty() && !has_media) {
        return report_usage(context, "a post needs something in it: --text, --image, --audio or --video");
    }
    if (!valid_utf8(arguments.text)) return report_usage(context, "the text is not valid UTF-8");
    PostDraft draft;
    fill_message(draft.post, arguments);
    std::vector<MediaArgument> media;
    for (const std::string& path : arguments.images)
        media.push_back({v1::Asset::IMAGE, path});
    for (const std::string& path : arguments.audios)
        media.push_back({v1::Asset::AUDIO, path});
    for (const std::string& path : arguments.videos)
        media.push_back({v1::Asset::VIDEO, path});
    if (auto attached = attach_media(draft, media); !attached) {
        return report_usage(context, attached.error().to_string());
    }

    watch_for_interrupts();
    const std::chrono::milliseconds timeout(static_cast<std::int64_t>(arguments.timeout_s * 1000));
    auto outcome = send_post(context, draft, arguments.wait, timeout);
    if (!outcome) return report_failure(context, outcome.error());
    if (context.json()) {
        print_json(*context.out, *outcome);
    } else {
        print_readable(context, draft, *outcome);
    }
    const bool stored =
        outcome->ack.status == PostAck::Status::accepted || outcome->ack.status == PostAck::Status::duplicate;
    return stored && !outcome->dead ? kExitDone : kExitFailed;
}

}  // namespace

void add_post_command(CLI::App& root, ChosenCommand& chosen) {
    auto arguments = std::make_shared<PostArguments>();
    PostArguments& a = *arguments;
    CLI::App* command =
        root.add_subcommand("post", "Send one post; with --wait, show its mood and its music");
    command->add_option("--text", a.text, "what the post says")->type_name("T");
    const char* media_help =
        "; repeatable. A file is sent along, a URI (file:, https:) is fetched by the daemon";
    command->add_option("--image", a.images, std::string("a photo") + media_help)->type_name("F")->take_all();
    command->add_option("--audio", a.audios, "a sound clip; likewise")->type_name("F")->take_all();
    command->add_option("--video", a.videos, "a video; likewise")->type_name("F")->take_all();
    command->add_flag("--wait", a.wait, "wait for the pick and show it");
    command->add_option("--timeout", a.timeout_s, "seconds to wait for answer and pick")
        ->type_name("S")
        ->check(CLI::Range(0.1, 86400.0))
        ->capture_default_str();
    command->add_option("--id", a.id,
                        "post id (default: a random one). The same post again is recognised by it");
    command->add_option("--tenant", a.tenant, "whose post it is")->capture_default_str();
    command->add_option("--user", a.user, "who wrote it");
    command->add_flag("--minor", a.minor, "who wrote it is a minor: no explicit tracks");
    command->add_option("--lang", a.lang, "language of the text (default: detected)")->type_name("ko|en");
    command->add_option("--tracks", a.tracks, "how many tracks to pick (default: the daemon's)")
        ->type_name("N")
        ->check(CLI::Range(1U, 1000U));
    command->add_option("--genre", a.genres, "only tracks of this genre; repeatable")
        ->type_name("G")
        ->take_all();
    command->add_flag("--exclude-explicit", a.exclude_explicit, "no explicit tracks");
    command->add_option("--max-duration", a.max_duration_s, "only tracks up to so many seconds")
        ->type_name("S")
        ->check(CLI::Range(1U, 86400U));
    command->add_option("--language", a.languages, "only tracks sung in this language; repeatable")
        ->type_name("L")
        ->take_all();
    command->add_option("--avoid-mood", a.avoided_moods, "no tracks of this mood; repeatable")
        ->type_name("MOOD")
        ->take_all();
    command->add_option("--min-tempo", a.min_tempo, "only tracks from so many beats a minute")
        ->type_name("BPM");
    command->add_option("--max-tempo", a.max_tempo, "only tracks up to so many beats a minute")
        ->type_name("BPM");
    command->add_flag("--instrumental", a.instrumental_only, "only tracks without words");
    command->add_option("--from-year", a.from_year, "only tracks that came out then or later")
        ->type_name("YEAR");
    command->add_option("--to-year", a.to_year, "only tracks that came out then or before")
        ->type_name("YEAR");
    command->add_option("--arc", a.arc, "how the arousal runs through the picks")
        ->type_name("rise|fall|level")
        ->check(CLI::IsMember({"rise", "fall", "level"}));
    command->add_option("--priority", a.priority, "live posts go before backfill")
        ->type_name("live|backfill")
        ->check(CLI::IsMember({"live", "backfill"}))
        ->capture_default_str();
    command->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_post(context, *arguments); };
    });
}

void add_wish_command(CLI::App& root, ChosenCommand& chosen) {
    auto arguments = std::make_shared<PostArguments>();
    PostArguments& a = *arguments;
    a.wish = a.wait = true;
    CLI::App* command = root.add_subcommand(
        "wish",
        "Ask for music in words, as in \"90s rock for a road trip, not sad\"; shows what was understood");
    command->add_option("text", a.text, "what is wished for, in Korean or English")
        ->type_name("T")
        ->required();
    command->add_option("--image", a.images, "a photo that the music is to suit; repeatable")
        ->type_name("F")
        ->take_all();
    command->add_option("--timeout", a.timeout_s, "seconds to wait for the picks")
        ->type_name("S")
        ->check(CLI::Range(0.1, 86400.0))
        ->capture_default_str();
    command->add_option("--id", a.id, "post id (default: a random one)");
    command->add_option("--tenant", a.tenant, "whose post it is")->capture_default_str();
    command->add_option("--user", a.user, "who wishes");
    command->add_flag("--minor", a.minor, "who wishes is a minor: no explicit tracks");
    command
        ->add_option("--tracks", a.tracks,
                     "how many tracks to pick (default: what the wish says, or the daemon's)")
        ->type_name("N")
        ->check(CLI::Range(1U, 1000U));
    command->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_post(context, *arguments); };
    });
}

}  // namespace bgm
