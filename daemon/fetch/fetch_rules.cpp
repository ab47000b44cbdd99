#include "daemon/fetch/fetch_rules.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include "schemas/hex.hpp"

namespace bgm {
namespace {

constexpr std::string_view kSignature = "bgm_sig=";
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

bool matches(std::string_view pattern, std::string_view host) {
    if (pattern == "*") return true;
    if (!pattern.starts_with("*.")) return pattern == host;
    const std::string_view suffix = pattern.substr(1);
    return host.size() > suffix.size() && host.ends_with(suffix);
}

bool well_formed(std::string_view host) {
    const std::string_view rest = host.starts_with("*.") ? host.substr(2) : host;
    if (host == "*") return true;
    return !rest.empty() && std::all_of(rest.begin(), rest.end(), [](unsigned char c) {
        return std::isdigit(c) != 0 || std::islower(c) != 0 || c == '.' || c == '-' || c == ':' || c == '_';
    });
}

bool usual_port(const WebUrl& url) {
    return url.port == (url.scheme == "https" ? kHttpsPort : kHttpPort);
}

std::string hmac_hex(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    return hex(std::span(digest).first(size));
}

}  // namespace

Result<FetchRules> FetchRules::parse(std::string_view hosts, std::string signing_key, OwnNetworks own) {
    FetchRules rules;
    rules.signing_key_ = std::move(signing_key);
    rules.own_ = std::move(own);
    constexpr std::string_view kBetween = " ,\t\r\n";
    while (!hosts.empty()) {
        const std::size_t begin = std::min(hosts.find_first_not_of(kBetween), hosts.size());
        const std::size_t end = std::min(hosts.find_first_of(kBetween, begin), hosts.size());
        const std::string_view word = hosts.substr(begin, end - begin);
        hosts.remove_prefix(end);
        if (word.empty()) continue;
        const std::size_t equals = word.find('=');
        Pattern pattern;
        if (equals != std::string_view::npos) pattern.tenant = word.substr(0, equals);
        pattern.host = word.substr(equals == std::string_view::npos ? 0 : equals + 1);
        if (!well_formed(pattern.host) || equals == 0) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "'" + std::string(word) +
                                    "' is no host (media.example, *.media.example, *, tenant=media.example)"};
        }
        rules.patterns_.push_back(std::move(pattern));
    }
    return rules;
}

Status FetchRules::allow(const WebUrl& url, std::string_view tenant) const {
    if (!enabled())
        return Error{.code = ErrorCode::unsupported,
                     .message = "media behind http: and https: URIs is not fetched: no host is allowed"};
    const bool allowed = std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern& pattern) {
        return (pattern.tenant.empty() || pattern.tenant == tenant) && matches(pattern.host, url.host);
    });
    if (!allowed)
        return Error{.code = ErrorCode::unsupported,
                     .message = "the host is not among those that media is fetched from"};
    if (!usual_port(url) && !(own_.name_port(url.port) && named(url, tenant)))
        return Error{.code = ErrorCode::unsupported,
                     .message = "media is fetched from ports 80 and 443 only"};
    return ok_status();
}

std::string_view FetchRules::refused(const WebUrl& url, std::string_view tenant,
                                     const IpAddress& address) const {
    if (own_.contain(address, url.port, usual_port(url)) && named(url, tenant)) return {};
    const std::string_view range = refused_range(address);
    return range.empty() && !usual_port(url) ? "a port for our own networks only" : range;
}

bool FetchRules::named(const WebUrl& url, std::string_view tenant) const {
    return std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern& pattern) {
        return pattern.host != "*" && (pattern.tenant.empty() || pattern.tenant == tenant) &&
               matches(pattern.host, url.host);
    });
}

Status FetchRules::check_signature(std::string_view uri) const {
    if (signing_key_.empty()) return ok_status();
    const std::size_t at = uri.rfind(kSignature);
    const bool separated =
        at != std::string_view::npos && at > 0 && (uri[at - 1] == '?' || uri[at - 1] == '&');
    const std::string expected = separated ? hmac_hex(signing_key_, uri.substr(0, at - 1)) : std::string();
    const std::string_view given = separated ? uri.substr(at + kSignature.size()) : std::string_view();
    if (separated && given.size() == expected.size() &&
        CRYPTO_memcmp(given.data(), expected.data(), expected.size()) == 0) {
        return ok_status();
    }
    return Error{.code = ErrorCode::invalid_argument,
                 .message = separated ? "the URI's signature is wrong" : "the URI is not signed"};
}

}  // namespace bgm
