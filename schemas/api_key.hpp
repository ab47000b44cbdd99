// A key that a program presents at the door: whose posts it may touch, and what it may do with them.
//
// Only a digest of the key itself is ever stored: whoever reads the tables cannot use what he finds there.
// Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

enum class Scope : std::uint8_t { post, read, feedback, admin };
inline constexpr std::array kScopes{Scope::post, Scope::read, Scope::feedback, Scope::admin};
std::string_view name(Scope scope);

class Scopes {
 public:
    constexpr Scopes() = default;
    bool has(Scope scope) const { return (bits_ & bit(scope)) != 0; }
    void add(Scope scope) { bits_ |= bit(scope); }
    bool empty() const { return bits_ == 0; }
    bool operator==(const Scopes&) const = default;

    /// "post read", in the order of kScopes.
    std::string to_string() const;
    std::vector<std::string_view> names() const;
    /// Names with spaces between them, none twice. `invalid_argument` (field `scopes`) for any other.
    static Result<Scopes> parse(std::string_view text);

 private:
    static constexpr unsigned bit(Scope scope) { return 1U << static_cast<unsigned>(scope); }
    unsigned bits_ = 0;
};

struct ApiKey {
    std::string key_id;  // names the key, and is no secret
    std::string digest;  // SHA-256 of the key's text, 64 hex digits
    std::string tenant;
    Scopes scopes;
    std::string name;  // for people
    std::int64_t created_ms = 0;
    std::int64_t expires_ms = 0;  // 0: never
    std::int64_t revoked_ms = 0;  // 0: not revoked

    bool usable(std::int64_t now_ms) const {
        return revoked_ms == 0 && (expires_ms == 0 || now_ms < expires_ms);
    }
    bool operator==(const ApiKey&) const = default;
};

// Refusals that only who asks for a key knows, beside the closed set of result.hpp.
inline constexpr std::string_view kUnauthenticated = "unauthenticated";  // no key, or none that may be used
inline constexpr std::string_view kForbidden = "forbidden";              // not with this key

/// What a key is good for: the key, or null and why not.
struct KeyJudgement {
    const ApiKey* key = nullptr;
    std::string_view code = {};
    std::string message = {};
};

inline constexpr std::string_view kApiKeyPrefix = "bgm_";
inline constexpr std::size_t kApiKeyCharacters = 43;  // base64url of 256 bits, behind the prefix
inline constexpr std::size_t kDigestCharacters = 64;
inline constexpr std::size_t kKeyNameBytes = 128;

/// 64 small hex digits?
bool is_digest(std::string_view text);

}  // namespace bgm
