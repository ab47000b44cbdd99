#include "daemon/fetch/web_url.hpp"

#include <algorithm>
#include <cctype>

#include "daemon/fetch/curl_handles.hpp"

namespace bgm {
namespace {

constexpr std::size_t kBytesMax = 2048;

Error refused(std::string message) {
    return {.code = ErrorCode::invalid_argument, .message = std::move(message)};
}

bool plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

Result<WebUrl> read(const CurlUrl& url) {
    WebUrl web;
    web.scheme = url_part(url, CURLUPART_SCHEME);
    if (web.scheme != "http" && web.scheme != "https")
        return Error{.code = ErrorCode::unsupported, .message = "only http: and https: are fetched"};
    if (!url_part(url, CURLUPART_USER).empty() || !url_part(url, CURLUPART_PASSWORD).empty())
        return refused("a URL with user information is not fetched");
    web.host = url_part(url, CURLUPART_HOST, CURLU_URLDECODE);
    if (!url_part(url, CURLUPART_ZONEID).empty()) return refused("a URL with a zone is not fetched");
    if (web.host.size() > 2 && web.host.front() == '[' && web.host.back() == ']')
        web.host = web.host.substr(1, web.host.size() - 2);
    std::transform(web.host.begin(), web.host.end(), web.host.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (web.host.ends_with('.')) web.host.pop_back();
    if (web.host.empty()) return refused("the URL has no host");
    if (web.host.front() == '.' || web.host.back() == '.' || web.host.find("..") != std::string::npos)
        return refused("the URL's host has an empty label");
    if (!std::all_of(web.host.begin(), web.host.end(), [](unsigned char c) {
            return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':' || c == '_';
        })) {
        return refused("the URL's host has other characters than letters, digits, dots and dashes");
    }
    web.port = static_cast<std::uint16_t>(std::stoul(url_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT)));
    if (web.port == 0) return refused("the URL's port is 0");
    curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
    web.text = url_part(url, CURLUPART_URL);
    if (web.text.empty() || web.text.size() > kBytesMax) return refused("the URL is too long");
    return web;
}

}  // namespace

Result<WebUrl> WebUrl::parse(std::string_view text) {
    if (text.size() > kBytesMax) return refused("the URL is too long");
    if (!plain(text)) return refused("the URL has spaces, control or non-ASCII characters");
    // The scheme is asked for explicitly: libcurl would take "//host" or "host" for something.
    const std::size_t authority = text.find("://");
    if (authority == std::string_view::npos) return refused("not a URL that can be fetched");
    // libcurl decodes a host only after it has looked whether it is a number: "%31" would hide one.
    const std::string_view written = text.substr(authority + 3);
    if (written.substr(0, written.find_first_of("/?#")).find('%') != std::string_view::npos)
        return refused("the URL's host is percent-encoded");
    const CurlUrl url(curl_url());
    const std::string terminated(text);
    if (curl_url_set(url.get(), CURLUPART_URL, terminated.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
        return refused("not a URL that can be fetched");
    return read(url);
}

}  // namespace bgm
