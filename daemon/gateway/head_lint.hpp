// Whether the head of a request says one thing only. Pure.
//
// Programs that read HTTP differ in what they forgive, and whoever finds two that stand behind one another
// can make them disagree on where a request ends (request smuggling: RFC 9112 section 11.2). So nothing is
// forgiven here, and what a parser behind this one would have to guess never reaches it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bgm::gateway {

struct HeadFault {
    int status = 400;
    std::string field;    // the header at fault, empty where it is the request line or the form as a whole
    std::string message;  // one sentence; repeats nothing of a value
};

inline constexpr std::size_t kFieldsMax = 100;

/// `head` is everything up to and with the empty line. The first fault, or nothing.
std::optional<HeadFault> lint_head(std::string_view head);

/// The same for a request line without its line end, as soon as it is there: whoever speaks another protocol,
/// or HTTP/0.9, is told so at once and not after a time-out.
std::optional<HeadFault> lint_request_line(std::string_view line);

/// A token of RFC 9110, which names and methods are made of.
bool is_token(std::string_view text);
/// Without regard to the case of ASCII letters.
bool equal_names(std::string_view one, std::string_view other);

}  // namespace bgm::gateway
