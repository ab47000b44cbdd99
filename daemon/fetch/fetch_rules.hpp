// What may be fetched for whom: hosts by tenant, ports, signatures. Pure; the address is checked elsewhere,
// once it is known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/fetch/web_url.hpp"
#include "schemas/result.hpp"

namespace bgm {

class FetchRules {
 public:
    /// `hosts`: separated by spaces or commas. "media.example" is that host, "*.media.example" everything
    /// below it,
    /// "*" every public host; "tenant=pattern" holds for that tenant only. Empty: nothing is fetched.
    /// `signing_key`: empty, or what every URI must be signed with. `invalid_argument` names the pattern.
    static Result<FetchRules> parse(std::string_view hosts, std::string signing_key);

    bool enabled() const { return !patterns_.empty(); }
    /// May this tenant have this URL fetched? Of a redirect too. The message says what is missing.
    Status allow(const WebUrl& url, std::string_view tenant) const;
    /// Where URIs must be signed: the query ends in "bgm_sig=" and the HMAC-SHA256, in hexadecimal, of all
    /// that stands before "?bgm_sig=" or "&bgm_sig=". Only what the post gives is signed, not where it
    /// redirects to.
    Status check_signature(std::string_view uri) const;

 private:
    struct Pattern {
        std::string tenant;  // empty: all
        std::string host;
    };

    std::vector<Pattern> patterns_;
    std::string signing_key_;
};

}  // namespace bgm
