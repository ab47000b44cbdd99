// What may be fetched for whom: hosts by tenant, ports, signatures, and addresses once they are known. Pure
// and immutable; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/fetch/own_networks.hpp"
#include "daemon/fetch/web_url.hpp"
#include "schemas/result.hpp"

namespace bgm {

class FetchRules {
 public:
    /// `hosts`: separated by spaces or commas. "media.example" is that host, "*.media.example" everything
    /// below it,
    /// "*" every public host; "tenant=pattern" holds for that tenant only. Empty: nothing is fetched.
    /// `signing_key`: empty, or what every URI must be signed with. `own`: not public, and allowed all the
    /// same, to hosts that a pattern names otherwise than by "*". `invalid_argument` names the pattern.
    static Result<FetchRules> parse(std::string_view hosts, std::string signing_key, OwnNetworks own = {});

    bool enabled() const { return !patterns_.empty(); }
    /// May this tenant have this URL fetched? Of a redirect too. The message says what is missing.
    Status allow(const WebUrl& url, std::string_view tenant) const;
    /// Why this URL, which is allowed, must not be fetched for this tenant from that address; empty where it
    /// may.
    std::string_view refused(const WebUrl& url, std::string_view tenant, const IpAddress& address) const;
    /// Where URIs must be signed: the query ends in "bgm_sig=" and the HMAC-SHA256, in hexadecimal, of all
    /// that stands before "?bgm_sig=" or "&bgm_sig=". Only what the post gives is signed, not where it
    /// redirects to.
    Status check_signature(std::string_view uri) const;

 private:
    struct Pattern {
        std::string tenant;  // empty: all
        std::string host;
    };

    /// By a pattern that says which host, not by "*": anybody can give his name one of our addresses.
    bool named(const WebUrl& url, std::string_view tenant) const;

    std::vector<Pattern> patterns_;
    std::string signing_key_;
    OwnNetworks own_;
};

}  // namespace bgm
