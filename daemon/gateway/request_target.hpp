// The target of a request taken apart: the segments of its path and the parameters of its query, decoded
// once. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace bgm::gateway {

struct TargetFault {
    std::string field;    // "path", "Host", the parameter at fault, or "query"
    std::string_view in;  // path, header, query
    std::string message;
};

struct RequestTarget {
    /// "/v1/posts/p%2F1" is {"v1", "posts", "p/1"}; "/" is {""}.
    std::vector<std::string> segments;
    std::vector<std::pair<std::string, std::string>> parameters;  // in their order

    /// The first parameter of that name; null where there is none.
    const std::string* parameter(std::string_view name) const;

    /// `target` as in a request line that has been linted. Refuses whatever a path could mean beside itself:
    /// ".", ".." and empty segments, NUL and control characters, also encoded, and what is no UTF-8. A target
    /// of the absolute form must name `host`, the Host header. A parameter stands once.
    static std::variant<RequestTarget, TargetFault> parse(std::string_view target, std::string_view host);
};

/// %XX once; nothing where what follows a % are not two digits.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

}  // namespace bgm::gateway
