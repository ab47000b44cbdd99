#include "daemon/gateway/head_lint.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "schemas/ascii.hpp"

namespace bgm::gateway {
namespace {

constexpr std::size_t kMethodBytesMax = 24;
constexpr std::size_t kLengthDigitsMax = 15;

HeadFault fault(std::string field, std::string message, int status = 400) {
    return {.status = status, .field = std::move(field), .message = std::move(message)};
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_token_character(char c) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return is_letter_or_digit(c) || kMarks.find(c) != std::string_view::npos;
}

// Of RFC 3986, pchar, the slash, and the question mark; a browser encodes everything else.
bool is_target_character(char c) {
    constexpr std::string_view kMarks = "-._~!$&'()*+,;=:@/?%";
    return is_letter_or_digit(c) || kMarks.find(c) != std::string_view::npos;
}

bool is_value_character(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7F);
}

bool is_host_character(char c) {
    constexpr std::string_view kMarks = "-._:[]";
    return is_letter_or_digit(c) || kMarks.find(c) != std::string_view::npos;
}

// Headers that mean nothing when they stand twice, or two things.
constexpr std::array<std::string_view, 12> kOnce{
    "host",   "content-length", "transfer-encoding", "authorization", "content-type",     "expect",
    "origin", "last-event-id",  "if-none-match",     "upgrade",       "content-encoding", "user-agent"};

// What framing and authority are told by, gathered while the fields pass by.
struct Seen {
    std::array<bool, kOnce.size()> once{};
    bool http11 = false;
    bool host = false;
    bool length = false;
    bool encoding = false;
};

std::optional<HeadFault> lint_host(std::string_view value) {
    if (value.empty() || !std::all_of(value.begin(), value.end(), is_host_character))
        return fault("Host", "must be a name or an address, and a port");
    return std::nullopt;
}

std::optional<HeadFault> lint_length(std::string_view value) {
    if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit))
        return fault("Content-Length", "must be digits");
    if (value.size() > kLengthDigitsMax) return fault("Content-Length", "is too large", 413);
    return std::nullopt;
}

std::optional<HeadFault> lint_encoding(std::string_view value, bool http11) {
    if (!http11) return fault("Transfer-Encoding", "is not of HTTP/1.0");
    if (!equal_names(value, "chunked")) return fault("Transfer-Encoding", "must be chunked", 501);
    return std::nullopt;
}

std::optional<HeadFault> lint_field(std::string_view line, Seen& seen) {
    if (line.front() == ' ' || line.front() == '\t') return fault("", "a header goes on in a second line");
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || !is_token(name))
        return fault("", "a header's name must be a token with a colon right behind it");
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!std::all_of(value.begin(), value.end(), is_value_character))
        return fault(std::string(name), "holds a control character");
    const auto known = std::find_if(kOnce.begin(), kOnce.end(),
                                    [&](std::string_view each) { return equal_names(each, name); });
    if (known == kOnce.end()) return std::nullopt;
    bool& stood = seen.once.at(static_cast<std::size_t>(known - kOnce.begin()));
    if (stood) return fault(std::string(name), "stands twice");
    stood = true;
    if (*known == "host") {
        seen.host = true;
        return lint_host(value);
    }
    if (*known == "content-length") {
        seen.length = true;
        return lint_length(value);
    }
    if (*known == "transfer-encoding") {
        seen.encoding = true;
        return lint_encoding(value, seen.http11);
    }
    if (*known == "expect" && !equal_names(value, "100-continue"))
        return fault("Expect", "must be 100-continue", 417);
    return std::nullopt;
}

}  // namespace

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool equal_names(std::string_view one, std::string_view other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    });
}

std::optional<HeadFault> lint_request_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    const std::string_view method = line.substr(0, first);
    if (!is_token(method) || method.size() > kMethodBytesMax || first == last)
        return fault("", "the request line must be a method, a target and HTTP/1.1");
    const std::string_view target = line.substr(first + 1, last - first - 1);
    if (target.empty() || !std::all_of(target.begin(), target.end(), is_target_character))
        return fault("", "the target holds a character that must be encoded");
    const std::string_view version = line.substr(last + 1);
    if (version == "HTTP/1.1" || version == "HTTP/1.0") return std::nullopt;
    if (version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) && version[6] == '.' &&
        is_digit(version[7]))
        return fault("", "only HTTP/1.1 and HTTP/1.0 are spoken", 505);
    return fault("", "the request line must end in HTTP/1.1");
}

std::optional<HeadFault> lint_head(std::string_view head) {
    // Every line end is CR LF, and neither stands anywhere else.
    for (std::size_t at = head.find_first_of("\r\n"); at != std::string_view::npos;
         at = head.find_first_of("\r\n", at)) {
        if (head.substr(at, 2) != "\r\n") return fault("", "lines must end in CR and LF");
        at += 2;
    }
    if (head.find('\0') != std::string_view::npos) return fault("", "holds a NUL");
    Seen seen;
    std::size_t fields = 0;
    for (bool first = true; !head.empty(); first = false) {
        const std::size_t end = head.find("\r\n");
        if (end == std::string_view::npos) return fault("", "the last line has no end");
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(end + 2);
        if (first) {
            if (auto found = lint_request_line(line)) return found;
            seen.http11 = line.ends_with("1.1");
        } else if (line.empty()) {
            if (!head.empty()) return fault("", "goes on behind its end");
            if (seen.http11 && !seen.host) return fault("Host", "is missing");
            if (seen.length && seen.encoding)
                return fault("Transfer-Encoding", "must not stand beside Content-Length");
            return std::nullopt;
        } else {
            if (++fields > kFieldsMax) return fault("", "has too many headers", 431);
            if (auto found = lint_field(line, seen)) return found;
        }
    }
    return fault("", "has no empty line at its end");
}

}  // namespace bgm::gateway
