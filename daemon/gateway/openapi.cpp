#include "daemon/gateway/openapi.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "daemon/gateway/response.hpp"
#include "daemon/gateway/routes.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/post_state.hpp"

namespace bgm::gateway {
namespace {

using nlohmann::json;
namespace pb = google::protobuf;

json reference(std::string_view schema) {
    return {{"$ref", "#/components/schemas/" + std::string(schema)}};
}

json message_schema(const pb::Descriptor& message, std::map<std::string, const pb::Descriptor*>& others);

// As the proto3 JSON mapping writes it.
json value_schema(const pb::FieldDescriptor& field, std::map<std::string, const pb::Descriptor*>& others) {
    switch (field.cpp_type()) {
        case pb::FieldDescriptor::CPPTYPE_INT32:
        case pb::FieldDescriptor::CPPTYPE_UINT32:
            return {{"type", "integer"}};
        case pb::FieldDescriptor::CPPTYPE_INT64:
        case pb::FieldDescriptor::CPPTYPE_UINT64:
            return {{"type", "string"}, {"pattern", "^[0-9]+$"}};
        case pb::FieldDescriptor::CPPTYPE_DOUBLE:
        case pb::FieldDescriptor::CPPTYPE_FLOAT:
            return {{"type", "number"}};
        case pb::FieldDescriptor::CPPTYPE_BOOL:
            return {{"type", "boolean"}};
        case pb::FieldDescriptor::CPPTYPE_STRING:
            return {{"type", "string"}};
        case pb::FieldDescriptor::CPPTYPE_ENUM: {
            json names = json::array();
            for (int i = 0; i < field.enum_type()->value_count(); ++i)
                names.push_back(field.enum_type()->value(i)->name());
            return {{"type", "string"}, {"enum", names}};
        }
        case pb::FieldDescriptor::CPPTYPE_MESSAGE:
            break;
    }
    const pb::Descriptor& message = *field.message_type();
    if (message.full_name() == "google.protobuf.Timestamp")
        return {{"type", "string"}, {"format", "date-time"}};
    others.emplace(message.name(), &message);
    return reference(message.name());
}

json field_schema(const pb::FieldDescriptor& field, std::map<std::string, const pb::Descriptor*>& others) {
    if (field.is_map())
        return {{"type", "object"},
                {"additionalProperties", value_schema(*field.message_type()->FindFieldByNumber(2), others)}};
    if (field.is_repeated()) return {{"type", "array"}, {"items", value_schema(field, others)}};
    return value_schema(field, others);
}

json message_schema(const pb::Descriptor& message, std::map<std::string, const pb::Descriptor*>& others) {
    json properties = json::object();
    for (int i = 0; i < message.field_count(); ++i)
        properties[message.field(i)->name()] = field_schema(*message.field(i), others);
    return {{"type", "object"}, {"properties", properties}};
}

json object(json properties, json required = json::array()) {
    json schema{{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
}

json list_of(std::string_view schema) {
    return {{"type", "array"}, {"items", reference(schema)}};
}

json schemas() {
    const json text{{"type", "string"}};
    const json number{{"type", "number"}};
    const json count{{"type", "integer"}, {"minimum", 0}};
    json result = json::object();
    std::map<std::string, const pb::Descriptor*> messages{{"Post", v1::Post::descriptor()},
                                                          {"Pick", v1::Pick::descriptor()},
                                                          {"DeadLetter", v1::DeadLetter::descriptor()},
                                                          {"Feedback", v1::Feedback::descriptor()}};
    // Each may name further ones.
    for (bool more = true; more;) {
        more = false;
        for (const auto& [name, message] : std::map(messages)) {
            if (result.contains(name)) continue;
            result[name] = message_schema(*message, messages);
            more = true;
        }
    }
    result["Post"]["required"] = {"post_id"};
    result["Feedback"]["required"] = {"post_id", "track_id", "action", "happened_at"};
    json states = json::array();
    for (const PostState state : kPostStates)
        states.push_back(bgm::name(state));
    json codes = json::array();
    for (const ProblemKind& kind : problem_kinds())
        codes.push_back(kind.code);
    json scopes = json::array();
    for (const Scope scope : kScopes)
        scopes.push_back(bgm::name(scope));
    result["Ack"] = object({{"post_id", text},
                            {"status", {{"type", "string"}, {"enum", {"ACCEPTED", "DUPLICATE"}}}},
                            {"revision", count}},
                           {"post_id", "status", "revision"});
    result["PostState"] = object({{"state", {{"type", "string"}, {"enum", states}}},
                                  {"revision", count},
                                  {"pick", reference("Pick")},
                                  {"dead", reference("DeadLetter")},
                                  {"post_id", text},
                                  {"status", {{"type", "string"}, {"enum", {"ACCEPTED", "DUPLICATE"}}}}},
                                 {"revision"});
    result["Erased"] = object({{"journal_posts", count},
                               {"picks", count},
                               {"pick_tracks", count},
                               {"dead_posts", count},
                               {"feedback", count},
                               {"tastes", count},
                               {"seeds", count}});
    result["Stored"] =
        object({{"stored", {{"type", "integer"}, {"minimum", 0}, {"description", "how many were new"}}}},
               {"stored"});
    result["Count"] = object({{"count", count}}, {"count"});
    result["FeedbackList"] = object({{"items", list_of("Feedback")}}, {"items"});
    result["Track"] =
        object({{"track_id", text},
                {"title", text},
                {"artist", text},
                {"album", text},
                {"genre", text},
                {"language", text},
                {"duration_ms", count},
                {"tempo_bpm", number},
                {"explicit", {{"type", "boolean"}}},
                {"uri", text},
                {"moods", {{"type", "object"}, {"additionalProperties", number}}},
                {"valence", number},
                {"arousal", number},
                {"year", count},
                {"start_ms", count},
                {"loudness_lufs", number},
                {"ear",
                 {{"type", "array"},
                  {"items", number},
                  {"minItems", 2},
                  {"maxItems", 2},
                  {"description", "its place when the catalogue is drawn by ear, each -1 to 1"}}},
                {"similarity", number},
                {"score", number},
                {"reason", text},
                {"jump", number}},
               {"track_id"});
    result["SimilarTracks"] =
        object({{"by", {{"type", "string"}, {"enum", {"ear", "mood"}}}}, {"items", list_of("Track")}},
               {"by", "items"});
    result["TrackPath"] = object({{"items", list_of("Track")}}, {"items"});
    result["Tracks"] =
        object({{"items", list_of("Track")},
                {"next", {{"type", {"string", "null"}}}},
                {"total", count},
                {"by", {{"type", "string"}, {"enum", {"ear", "words"}}, {"description", "of a search"}}}},
               {"items"});
    result["DeadLetters"] =
        object({{"items", list_of("DeadLetter")}, {"next", {{"type", {"integer", "null"}}}}}, {"items"});
    result["Key"] =
        object({{"id", text},
                {"tenant", text},
                {"scopes", {{"type", "array"}, {"items", {{"type", "string"}, {"enum", scopes}}}}},
                {"expires_ms", count}},
               {"id", "tenant", "scopes", "expires_ms"});
    result["Health"] = object({{"alive", {{"type", "boolean"}}}}, {"alive"});
    result["Ready"] =
        object({{"ready", {{"type", "boolean"}}}, {"missing", {{"type", "array"}, {"items", text}}}},
               {"ready", "missing"});
    result["Problem"] = object(
        {{"type", text},
         {"title", text},
         {"status", {{"type", "integer"}}},
         {"code", {{"type", "string"}, {"enum", codes}}},
         {"detail", text},
         {"field", {{"type", "string"}, {"description", "what is at fault, where one thing is"}}},
         {"in",
          {{"type", "string"},
           {"enum", {"body", "part", "header", "query", "path"}},
           {"description", "where `field` stands"}}},
         {"part", {{"type", "string"}, {"description", "the part that the asset at fault came from"}}}},
        {"type", "title", "status", "code", "detail"});
    return result;
}

// Those of its access, and its own.
std::set<std::string_view> problems_of(const Route& route) {
    std::set<std::string_view> codes(route.problems.begin(), route.problems.end());
    if (route.access != Access::anybody)
        codes.insert({"unauthenticated", "too_many_requests", "unavailable", "resource_exhausted", "internal",
                      "malformed", "invalid_argument"});
    if (route.access == Access::scope) codes.insert("forbidden");
    return codes;
}

json responses(const Route& route) {
    json answers = json::object();
    for (const Answer& answer : route.answers) {
        json& entry = answers[std::to_string(answer.status)];
        entry["description"] = answer.when;
        if (answer.type.empty()) continue;
        json content = json::object();
        if (!answer.schema.empty()) content["schema"] = reference(answer.schema);
        entry["content"][std::string(answer.type)] = content;
    }
    std::map<int, std::vector<std::string_view>> by_status;
    for (const std::string_view code : problems_of(route)) {
        by_status[status_of(code, route)].push_back(code);
    }
    for (const auto& [status, codes] : by_status) {
        json& entry = answers[std::to_string(status)];
        std::string names;
        for (const std::string_view code : codes)
            names += (names.empty() ? "`" : ", `") + std::string(code) + "`";
        const std::string before = entry.is_null() ? "" : entry["description"].get<std::string>() + ". ";
        entry["description"] = before + "Code " + names;
        entry["content"]["application/problem+json"] = {{"schema", reference("Problem")}};
        if (status == 429 || status == 503)
            entry["headers"]["Retry-After"] = {{"schema", {{"type", "integer"}}}, {"description", "seconds"}};
    }
    return answers;
}

json request_body(const Route& route) {
    json content = json::object();
    if (route.body == BodyKind::json)
        content["application/json"] = {
            {"schema", {{"oneOf", {reference("Feedback"), reference("FeedbackList")}}}}};
    if (route.body == BodyKind::post) {
        content["application/json"] = {{"schema", reference("Post")}};
        content["multipart/form-data"] = {
            {"schema",
             {{"type", "object"},
              {"required", {"post"}},
              {"properties", {{"post", reference("Post")}}},
              {"additionalProperties",
               {{"description",
                 "a file: named as its asset's id or as assets[0], else the one that an asset's `frame` "
                 "counts, else in the order of the assets"},
                {"type", "string"},
                {"contentMediaType", "application/octet-stream"}}}}},
            {"encoding", {{"post", {{"contentType", "application/json"}}}}}};
    }
    return {{"required", true}, {"content", content}};
}

json operation(const Route& route) {
    json result{{"operationId", route.name}, {"summary", route.what}, {"responses", responses(route)}};
    for (const Parameter& parameter : route.parameters) {
        result["parameters"].push_back({{"name", parameter.name},
                                        {"in", parameter.in},
                                        {"required", parameter.in == "path"},
                                        {"description", parameter.what},
                                        {"schema", {{"type", parameter.type}}}});
    }
    if (route.body != BodyKind::none) result["requestBody"] = request_body(route);
    if (route.access == Access::anybody) {
        result["security"] = json::array();
    } else {
        json scopes = json::array();
        if (route.access == Access::scope) scopes.push_back(bgm::name(route.scope));
        result["security"] = {{{"key", scopes}}};
    }
    return result;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return result;
}

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            default:
                result += c;
        }
    }
    return result;
}

std::string needs(const Route& route) {
    if (route.access == Access::anybody) return "no key";
    if (route.access == Access::any_key) return "any key";
    return "a key with the scope " + std::string(bgm::name(route.scope));
}

}  // namespace

std::string openapi_json() {
    json paths = json::object();
    for (const Route& route : routes())
        paths[std::string(route.pattern)][lower(route.method)] = operation(route);
    const json document{
        {"openapi", "3.1.0"},
        {"info",
         {{"title", "bgmd"},
          {"version", BGM_VERSION},
          {"description", "Posts in, moods and music picks out. HEAD goes wherever GET does."},
          {"license", {{"name", "see LICENSE"}}}}},
        {"servers", {{{"url", "/"}}}},
        {"paths", paths},
        {"components",
         {{"schemas", schemas()},
          {"securitySchemes",
           {{"key",
             {{"type", "http"},
              {"scheme", "bearer"},
              {"description", "A key as `bgmctl keys create` shows it. It names the tenant."}}}}}}}};
    return document.dump() + "\n";
}

std::string docs_page() {
    std::string page =
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width\">\n<title>bgmd: the HTTP interface</title>\n</head>\n<body>\n<h1>The "
        "HTTP "
        "interface of bgmd</h1>\n<p>A key goes with every call that needs one: <code>Authorization: Bearer "
        "bgm_...</code>. What is wrong is answered as <code>application/problem+json</code>, with a code, "
        "and the "
        "field where there is one. For programs: <a href=\"/openapi.json\">/openapi.json</a>.</p>\n";
    for (const Route& route : routes()) {
        page += "<h2 id=\"" + escaped(route.name) + "\"><code>" + escaped(route.method) + " " +
                escaped(route.pattern) + "</code></h2>\n<p>" + escaped(route.what) + " Needs " +
                escaped(needs(route)) + ".</p>\n";
        if (!route.parameters.empty()) {
            page += "<table>\n<tr><th>parameter</th><th>in</th><th>type</th><th>what</th></tr>\n";
            for (const Parameter& each : route.parameters)
                page += "<tr><td><code>" + escaped(each.name) + "</code></td><td>" + escaped(each.in) +
                        "</td><td>" + escaped(each.type) + "</td><td>" + escaped(each.what) + "</td></tr>\n";
            page += "</table>\n";
        }
        page += "<ul>\n";
        for (const Answer& answer : route.answers)
            page += "<li>" + std::to_string(answer.status) + ": " + escaped(answer.when) + "</li>\n";
        for (const std::string_view code : problems_of(route))
            page += "<li><a href=\"#" + std::string(code) + "\"><code>" + std::string(code) +
                    "</code></a></li>\n";
        page += "</ul>\n";
    }
    page +=
        "<h2 id=\"problems\">Problems</h2>\n<table>\n<tr><th>code</th><th>status</th><th>title</th></tr>\n";
    for (const ProblemKind& kind : problem_kinds())
        page += "<tr id=\"" + std::string(kind.code) + "\"><td><code>" + std::string(kind.code) +
                "</code></td><td>" + std::to_string(kind.status) + escaped(kind.elsewhere) + "</td><td>" +
                escaped(kind.title) + "</td></tr>\n";
    page += "</table>\n</body>\n</html>\n";
    return page;
}

}  // namespace bgm::gateway
