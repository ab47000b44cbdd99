#include "daemon/gateway/door_calls.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "daemon/gateway/routes.hpp"
#include "schemas/json_text.hpp"
#include "schemas/sha256.hpp"

namespace bgm::gateway {
namespace {

using nlohmann::json;

constexpr std::size_t kTracksDefault = 100;
constexpr std::size_t kTagCharacters = 32;  // of a digest in hex

Response json_answer(std::string text) {
    Response response{.status = 200};
    response.body = std::move(text);
    response.body += '\n';
    return response;
}

Problem bad_field(std::string field, std::string message, std::string_view in = "body") {
    return {.status = in == "body" ? 422 : 400,
            .code = "invalid_argument",
            .detail = std::move(message),
            .field = std::move(field),
            .in = in};
}

// Those of the route, as their types say. False where one has been refused.
bool read_parameters(Exchange& exchange, json& request) {
    for (const auto& [name, value] : exchange.target.parameters) {
        const auto found = std::ranges::find(exchange.route->parameters, name, &Parameter::name);
        if (value.empty()) continue;  // a form's empty field
        if (found->type == "string") {
            request[name] = value;
            continue;
        }
        double number = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (error != std::errc{} || end != value.data() + value.size() ||
            !(number >= -1e15 && number <= 1e15) ||
            (found->type == "integer" && (number < 0 || number != std::floor(number)))) {
            exchange.answer(problem(bad_field(name, "must be a number", "query")));
            return false;
        }
        if (found->type == "integer") {
            request[name] = static_cast<std::uint64_t>(number);
        } else {
            request[name] = number;
        }
    }
    return true;
}

json question(const Exchange& exchange, const char* operation) {
    return {{"op", operation}, {"key", exchange.key->digest}};
}

// Where the field comes from that a refusal names.
std::string_view place_of(const Route& route, std::string_view field) {
    const auto found = std::ranges::find(route.parameters, field, &Parameter::name);
    return found == route.parameters.end() ? "query" : found->in;
}

}  // namespace

Response refused_by_door(const DoorAnswer::Refusal& refusal, std::string_view in) {
    Problem said{.status = status_of(refusal.code),
                 .code = refusal.code,
                 .detail = refusal.message,
                 .field = refusal.field,
                 .in = in};
    if (refusal.field == "key") {
        said.field = "Authorization";
        said.in = "header";
    } else if (refusal.field.empty()) {
        said.in = {};
    } else if (refusal.code == "invalid_argument" && in != "body") {
        said.status = 400;
    }
    if (said.status == 503) said.retry_after_s = 1;
    return problem(said);
}

bool names_tag(std::string_view if_none_match, std::string_view tag) {
    while (!if_none_match.empty()) {
        std::string_view one = if_none_match.substr(0, if_none_match.find(','));
        if_none_match.remove_prefix(std::min(if_none_match.size(), one.size() + 1));
        while (one.starts_with(' ') || one.starts_with('\t'))
            one.remove_prefix(1);
        while (one.ends_with(' ') || one.ends_with('\t'))
            one.remove_suffix(1);
        if (one.starts_with("W/")) one.remove_prefix(2);
        if (one == tag || one == "*") return true;
    }
    return false;
}

void DoorCalls::pass_on(const std::shared_ptr<Exchange>& exchange, json request) {
    daemon_.ask(request, [exchange](const DoorAnswer& answer) {
        if (answer.error)
            return exchange->answer(
                refused_by_door(*answer.error, place_of(*exchange->route, answer.error->field)));
        exchange->answer(json_answer(answer.result));
    });
}

void DoorCalls::get_post(const std::shared_ptr<Exchange>& exchange) {
    json request = question(*exchange, "post");
    request["post_id"] = exchange->arguments.at(0);
    daemon_.ask(request, [exchange](const DoorAnswer& answer) {
        if (answer.error) return exchange->answer(refused_by_door(*answer.error, "path"));
        const json result = json::parse(answer.result, nullptr, false);
        const std::string state = result.is_object() ? result.value("state", "unknown") : "unknown";
        if (state == "unknown")
            return exchange->answer(problem(Problem{.status = 404,
                                                    .code = "not_found",
                                                    .detail = "is not known",
                                                    .field = "post_id",
                                                    .in = "path"}));
        // Of what is shown, and of nothing that could come again with something else: revisions do, once a
        // post has been erased.
        const std::string tag = "\"" + sha256_hex(answer.result).substr(0, kTagCharacters) + "\"";
        Response response = names_tag(exchange->head.field("If-None-Match"), tag)
                                ? Response{.status = 304}
                                : json_answer(answer.result);
        response.fields.emplace_back("ETag", tag);
        response.fields.emplace_back("Cache-Control", "private, no-cache");
        exchange->answer(std::move(response));
    });
}

void DoorCalls::erase(const std::shared_ptr<Exchange>& exchange, const char* field) {
    json request = question(*exchange, "erase");
    request[field] = exchange->arguments.at(0);
    pass_on(exchange, std::move(request));
}

void DoorCalls::add_feedback(const std::shared_ptr<Exchange>& exchange) {
    auto read = read_strict_json(exchange->body->bytes, "body");
    if (const auto* fault = std::get_if<JsonFault>(&read)) return exchange->answer(problem(*fault));
    const json& body = std::get<json>(read);
    if (!body.is_object())
        return exchange->answer(problem(Problem{.status = 400,
                                                .code = "malformed",
                                                .detail = "is not a JSON object",
                                                .field = "body",
                                                .in = "body"}));
    const bool listed = body.contains("items");
    if (listed && body.size() > 1) return exchange->answer(problem(bad_field("items", "must stand alone")));
    // What stands in an item bgmd judges, which has to anyway.
    json items = listed ? body["items"] : json::array({body});
    json request = question(*exchange, "feedback");
    request["items"] = std::move(items);
    exchange->body.reset();
    daemon_.ask(request, [exchange, listed](const DoorAnswer& answer) {
        if (!answer.error) return exchange->answer(json_answer(answer.result));
        DoorAnswer::Refusal refusal = *answer.error;
        // The client that sent one object knows of no list.
        constexpr std::string_view kOnly = "items[0]";
        if (!listed && refusal.field.starts_with(kOnly)) {
            refusal.field.erase(0, kOnly.size());
            refusal.field.erase(0, refusal.field.starts_with('.') ? 1 : 0);
        }
        exchange->answer(refused_by_door(refusal, "body"));
    });
}

void DoorCalls::list_tracks(const std::shared_ptr<Exchange>& exchange) {
    json request = question(*exchange, "tracks");
    request["limit"] = kTracksDefault;
    if (read_parameters(*exchange, request)) pass_on(exchange, std::move(request));
}

void DoorCalls::about_track(const std::shared_ptr<Exchange>& exchange, const char* operation) {
    json request = question(*exchange, operation);
    request["track_id"] = exchange->arguments.at(0);
    if (read_parameters(*exchange, request)) pass_on(exchange, std::move(request));
}

void DoorCalls::list_dead(const std::shared_ptr<Exchange>& exchange) {
    json request = question(*exchange, "dead.list");
    if (read_parameters(*exchange, request)) pass_on(exchange, std::move(request));
}

void DoorCalls::about_dead(const std::shared_ptr<Exchange>& exchange, const char* operation) {
    json request = question(*exchange, operation);
    request["post_id"] = exchange->arguments.at(0);
    pass_on(exchange, std::move(request));
}

void DoorCalls::status(const std::shared_ptr<Exchange>& exchange) {
    pass_on(exchange, question(*exchange, "status"));
}

void DoorCalls::ready(const std::shared_ptr<Exchange>& exchange) {
    daemon_.ask({{"op", "health"}}, [exchange](const DoorAnswer& answer) {
        json missing = json::array({"bgmd"});
        if (!answer.error) {
            const json result = json::parse(answer.result, nullptr, false);
            if (result.is_object()) missing = result.value("missing", json::array());
        }
        Response response = json_answer(json{{"ready", missing.empty()}, {"missing", missing}}.dump());
        if (!missing.empty()) {
            response.status = 503;
            response.fields.emplace_back("Retry-After", "1");
        }
        exchange->answer(std::move(response));
    });
}

void DoorCalls::describe_key(const std::shared_ptr<Exchange>& exchange) {
    const KeyInfo& key = *exchange->key;
    exchange->answer(json_answer(json_line({{"id", key.id},
                                            {"tenant", key.tenant},
                                            {"scopes", key.scopes.names()},
                                            {"expires_ms", key.expires_ms}})));
}

}  // namespace bgm::gateway
