// URLs of media, the configured rules for them, signatures, and addresses as text. The first line is the
// rules, the second the URL.
#include "daemon/fetch/web_url.hpp"

#include <cctype>

#include "daemon/fetch/fetch_rules.hpp"
#include "daemon/fetch/ip_address.hpp"
#include "tests/fuzz/promise.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    std::string_view input = fuzz::as_text(data, size);
    const std::string_view patterns = fuzz::take_part(input, '\n');
    if (const auto address = IpAddress::parse(input)) {
        (void)refused_range(*address);
        fuzz::require(IpAddress::parse(address->text()) == address, "an address is read as it is written");
    }
    if (const auto own = OwnNetworks::parse(patterns)) {
        const auto metadata = IpAddress::parse("169.254.169.254").value();
        const auto everybodys = IpAddress::parse("93.184.216.34").value();
        for (const bool usual : {true, false}) {
            fuzz::require(!own->contain(metadata, 80, usual), "a cloud's metadata is nobody's own");
            fuzz::require(!own->contain(everybodys, 80, usual), "a public address is nobody's own");
        }
    }
    const auto url = WebUrl::parse(input);
    if (url) {
        fuzz::require(url->scheme == "http" || url->scheme == "https", "a URL is of the web");
        fuzz::require(!url->host.empty() && url->host.back() != '.', "a host is without its last dot");
        fuzz::require(url->port != 0, "a port is there");
        for (const char c : url->host)
            fuzz::require(c > 0x20 && c < 0x7F && std::isupper(static_cast<unsigned char>(c)) == 0,
                          "a host is lower-case ASCII");
        const auto again = WebUrl::parse(url->text);
        fuzz::require(again.ok() && again->host == url->host && again->port == url->port,
                      "the normalised URL leads to the same place");
    }
    const auto rules = FetchRules::parse(patterns, "key");
    if (!rules) return 0;
    (void)rules->check_signature(input);
    if (!url) return 0;
    (void)rules->allow(*url, "default");
    (void)rules->allow(*url, "tenant");
    return 0;
}
