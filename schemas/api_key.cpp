#include "schemas/api_key.hpp"

#include <algorithm>

namespace bgm {
namespace {

constexpr std::array<std::string_view, kScopes.size()> kNames{"post", "read", "feedback", "admin"};

}  // namespace

std::string_view name(Scope scope) {
    return kNames.at(static_cast<std::size_t>(scope));
}

std::vector<std::string_view> Scopes::names() const {
    std::vector<std::string_view> list;
    for (const Scope scope : kScopes) {
        if (has(scope)) list.push_back(name(scope));
    }
    return list;
}

std::string Scopes::to_string() const {
    std::string text;
    for (const std::string_view each : names()) {
        if (!text.empty()) text += ' ';
        text += each;
    }
    return text;
}

Result<Scopes> Scopes::parse(std::string_view text) {
    Scopes scopes;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (word.empty()) continue;
        const auto known = std::ranges::find(kNames, word);
        if (known == kNames.end())
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "may hold post, read, feedback and admin",
                         .field = "scopes"};
        scopes.add(kScopes.at(static_cast<std::size_t>(known - kNames.begin())));
    }
    return scopes;
}

bool is_digest(std::string_view text) {
    return text.size() == kDigestCharacters && std::ranges::all_of(text, [](char digit) {
               return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
           });
}

}  // namespace bgm
