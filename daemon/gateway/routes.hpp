// Every call of the gateway, a row for each: what leads to it, what it needs, and what it answers.
//
// The router, the list of allowed methods, the checks of keys and scopes, /openapi.json, /docs and the tests
// are all made of this one table.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/api_key.hpp"

namespace bgm::gateway {

enum class Operation {
    post_post,
    post_get,
    post_delete,
    user_delete,
    feedback_add,
    events,
    tracks,
    similar,
    path,
    key,
    status,
    dead_list,
    dead_show,
    dead_retry,
    dead_drop,
    openapi,
    docs,
    health,
    ready,
    metrics,
    page,
    page_file
};
inline constexpr std::size_t kOperationCount = static_cast<std::size_t>(Operation::page_file) + 1;

enum class Access { anybody, any_key, scope };
enum class BodyKind { none, json, post };  // post: JSON or multipart/form-data

struct Parameter {
    std::string_view name;
    std::string_view in;    // path, query, header
    std::string_view type;  // string, integer, number
    std::string_view what;
};

struct Answer {
    int status;
    std::string_view type;    // of its body; empty: none
    std::string_view schema;  // of its body, among the components; empty: any
    std::string_view when;
};

struct Route {
    Operation operation;
    std::string_view method;
    std::string_view pattern;  // "/v1/posts/{post_id}"
    Access access;
    Scope scope;  // where `access` says so
    BodyKind body;
    std::string_view name;  // for labels and as operationId
    std::string_view what;
    std::vector<Parameter> parameters;
    std::vector<Answer> answers;
    std::vector<std::string_view> problems;  // codes, beside those that every call with such an access has
};

std::span<const Route> routes();

bool takes_query(const Route& route, std::string_view name);
/// The one status that a code has with a route: what is wrong is found in a head (400), or in a body.
int status_of(std::string_view code, const Route& route);

struct RouteMatch {
    const Route* route = nullptr;        // null: see `allowed`
    std::vector<std::string> arguments;  // of the pattern, in its order
    std::string allowed;  // "GET, HEAD": the methods of that path; empty: there is no such path
};
/// HEAD goes where GET goes.
RouteMatch match_route(std::string_view method, std::span<const std::string> segments);

}  // namespace bgm::gateway
