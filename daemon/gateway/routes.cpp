#include "daemon/gateway/routes.hpp"

#include <algorithm>

#include "daemon/gateway/response.hpp"

namespace bgm::gateway {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr Parameter kPostId{"post_id", "path", "string", "as it was posted, percent-encoded"};

const std::vector<Route>& table() {
    static const std::vector<Route> rows{
        {.operation = Operation::post_post,
         .method = "POST",
         .pattern = "/v1/posts",
         .access = Access::scope,
         .scope = Scope::post,
         .body = BodyKind::post,
         .name = "postPost",
         .what =
             "Hands in a post: as JSON with media by URI, or as multipart/form-data with the part `post` and "
             "its files.",
         .parameters = {{"Prefer", "header", "string",
                         "wait=SECONDS: answer with the pick where it comes in that time"}},
         .answers = {{202, kJson, "Ack", "The post is on the disk; its pick follows"},
                     {200, kJson, "PostState",
                      "The pick, where it was waited for; or the ack of a post that is known"}},
         .problems = {"malformed", "invalid_argument", "unsupported", "unsupported_type", "too_large",
                      "resource_exhausted", "unavailable", "timeout"}},
        {.operation = Operation::post_get,
         .method = "GET",
         .pattern = "/v1/posts/{post_id}",
         .access = Access::scope,
         .scope = Scope::read,
         .body = BodyKind::none,
         .name = "getPost",
         .what = "Where a post is, and its pick or its dead letter.",
         .parameters = {kPostId,
                        {"If-None-Match", "header", "string",
                         "an ETag: 304 where nothing has changed since"}},
         .answers = {{200, kJson, "PostState", "What is known of it"}, {304, "", "", "Nothing has changed"}},
         .problems = {"not_found", "unavailable"}},
        {.operation = Operation::post_delete,
         .method = "DELETE",
         .pattern = "/v1/posts/{post_id}",
         .access = Access::scope,
         .scope = Scope::post,
         .body = BodyKind::none,
         .name = "deletePost",
         .what = "Erases a post and everything that was made of it.",
         .parameters = {kPostId},
         .answers = {{200, kJson, "Erased", "How much was erased"}},
         .problems = {"unavailable"}},
        {.operation = Operation::user_delete,
         .method = "DELETE",
         .pattern = "/v1/users/{user_id}",
         .access = Access::scope,
         .scope = Scope::admin,
         .body = BodyKind::none,
         .name = "deleteUser",
         .what = "Erases all posts of a user, and the user's feedback.",
         .parameters = {{"user_id", "path", "string", "as in the posts, percent-encoded"}},
         .answers = {{200, kJson, "Erased", "How much was erased"}},
         .problems = {"unavailable"}},
        {.operation = Operation::feedback_add,
         .method = "POST",
         .pattern = "/v1/feedback",
         .access = Access::scope,
         .scope = Scope::feedback,
         .body = BodyKind::json,
         .name = "addFeedback",
         .what =
             "What a user did with a track, and when: one Feedback, or {\"items\": [...]} with up to 1000. "
             "The same one sent again is stored once.",
         .parameters = {},
         .answers = {{200, kJson, "Stored", "How many were stored that had not been before"}},
         .problems = {"malformed", "invalid_argument", "unsupported", "unsupported_type", "too_large",
                      "unavailable", "timeout"}},
        {.operation = Operation::events,
         .method = "GET",
         .pattern = "/v1/events",
         .access = Access::scope,
         .scope = Scope::read,
         .body = BodyKind::none,
         .name = "streamEvents",
         .what = "Server-sent events `pick` and `dead` of the key's tenant, as they are delivered. With the "
                 "id of "
                 "the last one seen it goes on behind that, without a gap.",
         .parameters = {{"Last-Event-ID", "header", "string", "go on behind this event"},
                        {"last_event_id", "query", "string",
                         "the same, for clients that cannot set headers"}},
         .answers = {{200, "text/event-stream", "", "Events without end, and a comment every 15 seconds"}},
         .problems = {"invalid_argument", "resource_exhausted", "unavailable"}},
        {.operation = Operation::tracks,
         .method = "GET",
         .pattern = "/v1/tracks",
         .access = Access::scope,
         .scope = Scope::read,
         .body = BodyKind::none,
         .name = "listTracks",
         .what = "The catalogue, a page at a time.",
         .parameters = {{"text", "query", "string", "found in title, artist or album"},
                        {"q", "query", "string",
                         "what to look for in a few words, Korean or English: moods, genres, instruments, "
                         "names, tempo; the best come first, on one page"},
                        {"genre", "query", "string", "only this one"},
                        {"mood", "query", "string", "only tracks that have it"},
                        {"language", "query", "string", "only tracks in it"},
                        {"valence_min", "query", "number", "-1 to 1"},
                        {"valence_max", "query", "number", "-1 to 1"},
                        {"arousal_min", "query", "number", "-1 to 1"},
                        {"arousal_max", "query", "number", "-1 to 1"},
                        {"after", "query", "string", "`next` of the page before"},
                        {"limit", "query", "integer", "tracks in the page, up to 1000"}},
         .answers = {{200, kJson, "Tracks", "A page of tracks"}},
         .problems = {"invalid_argument", "unavailable"}},
        {.operation = Operation::similar,
         .method = "GET",
         .pattern = "/v1/tracks/{track_id}/similar",
         .access = Access::scope,
         .scope = Scope::read,
         .body = BodyKind::none,
         .name = "listSimilar",
         .what = "The tracks most like one track: by ear where it was listened to, else by its moods.",
         .parameters = {{"track_id", "path", "string", "as in the catalogue, percent-encoded"},
                        {"limit", "query", "integer", "how many, up to 1000"}},
         .answers = {{200, kJson, "SimilarTracks", "Tracks, the most similar first"}},
         .problems = {"invalid_argument", "not_found", "unavailable"}},
        {.operation = Operation::path,
         .method = "GET",
         .pattern = "/v1/tracks/{track_id}/path",
         .access = Access::scope,
         .scope = Scope::read,
         .body = BodyKind::none,
         .name = "findPath",
         .what = "A way from one track to another that can be listened to: each step is small by ear, in "
                 "tempo, key and loudness.",
         .parameters = {{"track_id", "path", "string", "where it begins, percent-encoded"},
                        {"to", "query", "string", "where it ends"},
                        {"length", "query", "integer", "tracks with both ends, 3 to 30"}},
         .answers = {{200, kJson, "TrackPath", "The tracks in their order"}},
         .problems = {"invalid_argument", "not_found", "unsupported", "unavailable"}},
        {.operation = Operation::key,
         .method = "GET",
         .pattern = "/v1/key",
         .access = Access::any_key,
         .scope = Scope::read,
         .body = BodyKind::none,
         .name = "getKey",
         .what = "Whose key this is, and what it allows.",
         .parameters = {},
         .answers = {{200, kJson, "Key", "The key, without its secret"}},
         .problems = {}},
        {.operation = Operation::status,
         .method = "GET",
         .pattern = "/v1/status",
         .access = Access::scope,
         .scope = Scope::admin,
         .body = BodyKind::none,
         .name = "getStatus",
         .what = "Journal, workers, queues, catalogue and models, as `bgmctl status` shows them.",
         .parameters = {},
         .answers = {{200, kJson, "", "The daemon's status"}},
         .problems = {"unavailable"}},
        {.operation = Operation::dead_list,
         .method = "GET",
         .pattern = "/v1/dead",
         .access = Access::scope,
         .scope = Scope::admin,
         .body = BodyKind::none,
         .name = "listDead",
         .what = "The tenant's dead letters, a page at a time.",
         .parameters = {{"after", "query", "integer", "`next` of the page before"},
                        {"limit", "query", "integer", "dead letters in the page"}},
         .answers = {{200, kJson, "DeadLetters", "A page of dead letters"}},
         .problems = {"invalid_argument", "unavailable"}},
        {.operation = Operation::dead_show,
         .method = "GET",
         .pattern = "/v1/dead/{post_id}",
         .access = Access::scope,
         .scope = Scope::admin,
         .body = BodyKind::none,
         .name = "getDead",
         .what = "One dead letter, with its post.",
         .parameters = {kPostId},
         .answers = {{200, kJson, "DeadLetter", "The dead letter"}},
         .problems = {"not_found", "unavailable"}},
        {.operation = Operation::dead_retry,
         .method = "POST",
         .pattern = "/v1/dead/{post_id}/retry",
         .access = Access::scope,
         .scope = Scope::admin,
         .body = BodyKind::none,
         .name = "retryDead",
         .what = "Has a dead letter's post analysed again.",
         .parameters = {kPostId},
         .answers = {{200, kJson, "Count", "How many"}},
         .problems = {"not_found", "unsupported", "unavailable"}},
        {.operation = Operation::dead_drop,
         .method = "DELETE",
         .pattern = "/v1/dead/{post_id}",
         .access = Access::scope,
         .scope = Scope::admin,
         .body = BodyKind::none,
         .name = "dropDead",
         .what = "Forgets a dead letter and its post.",
         .parameters = {kPostId},
         .answers = {{200, kJson, "Count", "How many"}},
         .problems = {"not_found", "unavailable"}},
        {.operation = Operation::openapi,
         .method = "GET",
         .pattern = "/openapi.json",
         .access = Access::anybody,
         .scope = Scope::read,
         .body = BodyKind::none,
         .name = "getOpenApi",
         .what = "This description.",
         .parameters = {},
         .answers = {{200, kJson, "", "OpenAPI 3.1"}},
         .problems = {}},
        {.operation = Operation::docs,
         .method = "GET",
         .pattern = "/docs",
         .access = Access::anybody,
         .scope = Scope::read,
         .body = BodyKind::none,
         .name = "getDocs",
         .what = "The same for people.",
         .parameters = {},
         .answers = {{200, "text/html; charset=utf-8", "", "A page"}},
         .problems = {}},
        {.operation = Operation::health,
         .method = "GET",
         .pattern = "/healthz",
         .access = Access::anybody,
         .scope = Scope::read,
         .body = BodyKind::none,
         .name = "getHealth",
         .what = "Whether the gateway is alive.",
         .parameters = {},
         .answers = {{200, kJson, "Health", "It is"}},
         .problems = {}},
        {.operation = Operation::ready,
         .method = "GET",
         .pattern = "/readyz",
         .access = Access::anybody,
         .scope = Scope::read,
         .body = BodyKind::none,
         .name = "getReady",
         .what = "Whether posts are taken and analysed, and what lacks where they are not.",
         .parameters = {},
         .answers = {{200, kJson, "Ready", "Everything is there"}, {503, kJson, "Ready", "Something lacks"}},
         .problems = {}},
        {.operation = Operation::metrics,
         .method = "GET",
         .pattern = "/metrics",
         .access = Access::anybody,
         .scope = Scope::read,
         .body = BodyKind::none,
         .name = "getMetrics",
         .what = "The gateway's own metrics, in Prometheus' text format.",
         .parameters = {},
         .answers = {{200, "text/plain; version=0.0.4; charset=utf-8", "", "Metrics"}},
         .problems = {}},
        {.operation = Operation::page,
         .method = "GET",
         .pattern = "/",
         .access = Access::anybody,
         .scope = Scope::read,
         .body = BodyKind::none,
         .name = "getPage",
         .what = "The page.",
         .parameters = {},
         .answers = {{200, "text/html; charset=utf-8", "", "The page"}},
         .problems = {}},
        {.operation = Operation::page_file,
         .method = "GET",
         .pattern = "/page/{file}",
         .access = Access::anybody,
         .scope = Scope::read,
         .body = BodyKind::none,
         .name = "getPageFile",
         .what = "What the page is made of.",
         .parameters = {{"file", "path", "string", "its name"}},
         .answers = {{200, "*/*", "", "The file"}, {304, "", "", "It has not changed"}},
         .problems = {"not_found"}},
    };
    return rows;
}

// The values of the placeholders, where the pattern fits.
bool fits(std::string_view pattern, std::span<const std::string> segments,
          std::vector<std::string>& arguments) {
    arguments.clear();
    pattern.remove_prefix(1);
    for (std::size_t i = 0;; ++i) {
        const std::size_t slash = pattern.find('/');
        const std::string_view expected = pattern.substr(0, slash);
        if (i >= segments.size()) return false;
        if (expected.starts_with('{')) {
            if (segments[i].empty()) return false;
            arguments.push_back(segments[i]);
        } else if (segments[i] != expected) {
            return false;
        }
        if (slash == std::string_view::npos) return i + 1 == segments.size();
        pattern.remove_prefix(slash + 1);
    }
}

}  // namespace

std::span<const Route> routes() {
    return table();
}

bool takes_query(const Route& route, std::string_view name) {
    return std::ranges::any_of(route.parameters, [&](const Parameter& parameter) {
        return parameter.in == "query" && parameter.name == name;
    });
}

int status_of(std::string_view code, const Route& route) {
    return code == "invalid_argument" && route.body == BodyKind::none ? 400 : status_of(code);
}

RouteMatch match_route(std::string_view method, std::span<const std::string> segments) {
    RouteMatch match;
    std::vector<std::string> arguments;
    for (const Route& route : routes()) {
        if (!fits(route.pattern, segments, arguments)) continue;
        if (route.method == method || (method == "HEAD" && route.method == "GET")) {
            match.route = &route;
            match.arguments = arguments;
            return match;
        }
        if (!match.allowed.empty()) match.allowed += ", ";
        match.allowed += route.method;
        if (route.method == "GET") match.allowed += ", HEAD";
    }
    return match;
}

}  // namespace bgm::gateway
