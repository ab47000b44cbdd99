// An answer before it is bytes, and the answers that say what went wrong (RFC 9457).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/strict_json.hpp"

namespace bgm::gateway {

struct Response {
    int status = 200;
    std::string_view type = "application/json";
    std::string body = {};
    std::string_view file = {};  // in place of a body: bytes that live as long as the process
    std::vector<std::pair<std::string_view, std::string>> fields = {};
    bool close = false;  // the connection cannot be used any more

    std::string_view content() const { return file.empty() ? std::string_view(body) : file; }
};

/// The head as it goes over the wire, with the empty line. Every answer forbids to guess its type and, unless
/// its fields say otherwise, to be stored.
std::string response_head(const Response& response, bool keep_alive, std::string_view date);
std::string_view reason_phrase(int status);

/// What was wrong, and where: `in` says whether `field` names a field of the body, a part, a header, a
/// parameter of the query or of the path.
struct Problem {
    int status = 400;
    std::string code = "invalid_argument";
    std::string detail = {};
    std::string field = {};
    std::string_view in = {};
    std::string part = {};  // the part of a multipart body that an asset came from
    int retry_after_s = 0;  // 429 and 503
};

Response problem(const Problem& problem);
/// With the status of the code.
Response problem(const Error& error, std::string_view in);
/// Of a body that is JSON, or none.
Response problem(const JsonFault& fault);
/// The status that goes with a code of schemas/result.hpp, or of the door.
int status_of(std::string_view code);

/// Every code that a problem may have, with the status that it has by itself and a title. What a call answers
/// has one status for a code: routes.hpp.
struct ProblemKind {
    std::string_view code;
    int status;
    std::string_view title;
    std::string_view elsewhere = {};  // the statuses that it has besides, and where
};
const std::vector<ProblemKind>& problem_kinds();

}  // namespace bgm::gateway
