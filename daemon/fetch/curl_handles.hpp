// libcurl's handles, each freed by what frees it, and the parts of a URL as strings.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "schemas/free_with.hpp"

namespace bgm {

using CurlHandle = std::unique_ptr<CURL, FreeWith<curl_easy_cleanup>>;
using CurlMulti = std::unique_ptr<CURLM, FreeWith<curl_multi_cleanup>>;
using CurlList = std::unique_ptr<curl_slist, FreeWith<curl_slist_free_all>>;
using CurlUrl = std::unique_ptr<CURLU, FreeWith<curl_url_cleanup>>;

/// Empty where it is absent.
inline std::string url_part(const CurlUrl& url, CURLUPart which, unsigned flags = 0) {
    char* text = nullptr;
    curl_url_get(url.get(), which, &text, flags);
    const std::unique_ptr<char, FreeWith<curl_free>> owned(text);
    return text != nullptr ? text : "";
}

}  // namespace bgm
