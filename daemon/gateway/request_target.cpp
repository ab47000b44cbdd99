#include "daemon/gateway/request_target.hpp"

#include <algorithm>

#include "daemon/gateway/head_lint.hpp"
#include "schemas/utf8.hpp"

namespace bgm::gateway {
namespace {

constexpr std::size_t kParametersMax = 64;

TargetFault bad_path(std::string message) {
    return {.field = "path", .in = "path", .message = std::move(message)};
}

// `name` is empty where it cannot be told.
TargetFault bad_query(std::string name, std::string message) {
    return {.field = name.empty() ? "query" : std::move(name), .in = "query", .message = std::move(message)};
}

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
    });
}

// "http://host:port/path": the path, where the host is the one of the Host header.
std::variant<std::string_view, TargetFault> origin_form(std::string_view target, std::string_view host) {
    if (target.starts_with('/')) return target;
    const std::size_t scheme = target.find("://");
    const bool web = scheme != std::string_view::npos && (equal_names(target.substr(0, scheme), "http") ||
                                                          equal_names(target.substr(0, scheme), "https"));
    if (!web) return bad_path("must begin with a slash");
    target.remove_prefix(scheme + 3);
    const std::size_t slash = target.find('/');
    if (slash == std::string_view::npos || !equal_names(target.substr(0, slash), host))
        return TargetFault{.field = "Host", .in = "header", .message = "is not the host of the target"};
    return target.substr(slash);
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            decoded += ' ';
        } else if (text[i] != '%') {
            decoded += text[i];
        } else {
            const int high = i + 1 < text.size() ? digit_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? digit_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) return std::nullopt;
            decoded += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return decoded;
}

const std::string* RequestTarget::parameter(std::string_view name) const {
    const auto found = std::find_if(parameters.begin(), parameters.end(),
                                    [&](const auto& each) { return each.first == name; });
    return found == parameters.end() ? nullptr : &found->second;
}

std::variant<RequestTarget, TargetFault> RequestTarget::parse(std::string_view target,
                                                              std::string_view host) {
    const auto formed = origin_form(target, host);
    if (const auto* fault = std::get_if<TargetFault>(&formed)) return *fault;
    const auto origin = std::get<std::string_view>(formed);
    RequestTarget result;
    const std::size_t question = origin.find('?');
    std::string_view path = origin.substr(1, question == std::string_view::npos ? question : question - 1);
    for (bool more = true; more;) {
        const std::size_t slash = path.find('/');
        more = slash != std::string_view::npos;
        auto segment = percent_decoded(path.substr(0, slash), false);
        if (!segment) return bad_path("holds a % without two digits");
        if (*segment == "." || *segment == "..") return bad_path("must not hold the segments . and ..");
        if (has_control(*segment)) return bad_path("holds a control character");
        if (!valid_utf8(*segment)) return bad_path("is not valid UTF-8");
        if (segment->empty() && (more || !result.segments.empty()))
            return bad_path("must not hold an empty segment");
        result.segments.push_back(std::move(*segment));
        if (more) path.remove_prefix(slash + 1);
    }
    if (question == std::string_view::npos) return result;
    std::string_view query = origin.substr(question + 1);
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        auto name = percent_decoded(pair.substr(0, equals), true);
        auto value = equals == std::string_view::npos ? std::optional<std::string>("")
                                                      : percent_decoded(pair.substr(equals + 1), true);
        if (!name || !valid_utf8(*name) || has_control(*name))
            return bad_query("", "holds a name that is not UTF-8 in percent-encoding");
        if (!value) return bad_query(*name, "holds a % without two digits");
        if (!valid_utf8(*value)) return bad_query(*name, "is not valid UTF-8");
        if (has_control(*value)) return bad_query(*name, "holds a control character");
        if (result.parameter(*name) != nullptr) return bad_query(*name, "stands twice");
        if (result.parameters.size() == kParametersMax) return bad_query("", "has too many parameters");
        result.parameters.emplace_back(std::move(*name), std::move(*value));
    }
    return result;
}

}  // namespace bgm::gateway
