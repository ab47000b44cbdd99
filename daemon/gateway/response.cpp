#include "daemon/gateway/response.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "schemas/json_text.hpp"

namespace bgm::gateway {

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Error";
    }
}

std::string response_head(const Response& response, bool keep_alive, std::string_view date) {
    std::string head;
    head.reserve(512);
    head += "HTTP/1.1 ";
    head += std::to_string(response.status);
    head += ' ';
    head += reason_phrase(response.status);
    head += "\r\nDate: ";
    head += date;
    bool stores = false;
    for (const auto& [name, value] : response.fields) {
        stores = stores || name == "Cache-Control";
        head += "\r\n";
        head += name;
        head += ": ";
        head += value;
    }
    if (!stores) head += "\r\nCache-Control: no-store";
    if (response.status != 204 && response.status != 304) {
        head += "\r\nContent-Type: ";
        head += response.type;
        head += "\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ";
        head += std::to_string(response.content().size());
    }
    if (!keep_alive) head += "\r\nConnection: close";
    head += "\r\n\r\n";
    return head;
}

const std::vector<ProblemKind>& problem_kinds() {
    static const std::vector<ProblemKind> kinds{
        {"invalid_argument", 422, "Something in the request is wrong", "; 400 with calls that take no body"},
        {"malformed", 400, "The request cannot be read",
         "; 417, 501 and 505 for an Expect, a transfer coding or a version that is not spoken"},
        {"unsupported", 422, "This is of a kind that is not handled"},
        {"unsupported_type", 415, "The body is of a type that is not read here"},
        {"too_large", 413, "The request is too large", "; 431 for its head"},
        {"corrupt", 422, "The bytes are not what they claim to be"},
        {"unauthenticated", 401, "A valid key is needed"},
        {"forbidden", 403, "The key does not allow this"},
        {"not_found", 404, "There is nothing of that name"},
        {"method_not_allowed", 405, "This method does not go with this path"},
        {"deadline_exceeded", 503, "It took too long"},
        {"timeout", 408, "The request did not come in time"},
        {"unavailable", 503, "The daemon is away"},
        {"resource_exhausted", 503, "There is too much to do"},
        {"too_many_requests", 429, "Too many requests of this key wait"},
        {"internal", 500, "Something went wrong here"},
    };
    return kinds;
}

namespace {

const ProblemKind& kind_of(std::string_view code) {
    const auto& kinds = problem_kinds();
    const auto found =
        std::find_if(kinds.begin(), kinds.end(), [&](const ProblemKind& each) { return each.code == code; });
    return found == kinds.end() ? kinds.back() : *found;
}

}  // namespace

int status_of(std::string_view code) {
    return kind_of(code).status;
}

Response problem(const Problem& problem) {
    const ProblemKind& kind = kind_of(problem.code);
    nlohmann::json body{{"type", "/docs#" + std::string(kind.code)},
                        {"title", kind.title},
                        {"status", problem.status},
                        {"code", kind.code},
                        {"detail", problem.detail}};
    if (!problem.field.empty()) body["field"] = problem.field;
    if (!problem.in.empty()) body["in"] = problem.in;
    if (!problem.part.empty()) body["part"] = problem.part;
    Response response{.status = problem.status, .type = "application/problem+json"};
    response.body = json_line(body) + "\n";
    if (problem.status == 401) response.fields.emplace_back("WWW-Authenticate", "Bearer");
    if (problem.retry_after_s > 0)
        response.fields.emplace_back("Retry-After", std::to_string(problem.retry_after_s));
    return response;
}

Response problem(const Error& error, std::string_view in) {
    const std::string code(name(error.code));
    const int status = status_of(code);
    return problem(Problem{.status = status,
                           .code = code,
                           .detail = error.message,
                           .field = error.field,
                           .in = error.field.empty() ? std::string_view() : in,
                           .part = {},
                           .retry_after_s = status == 503 ? 1 : 0});
}

Response problem(const JsonFault& fault) {
    const std::string code = fault.malformed ? "malformed" : std::string(name(fault.error.code));
    return problem(Problem{.status = status_of(code),
                           .code = code,
                           .detail = fault.error.message,
                           .field = fault.error.field,
                           .in = "body"});
}

}  // namespace bgm::gateway
