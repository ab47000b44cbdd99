// A request out of its bytes, by the parser of Boost.Beast, without Boost for the includer.
//
// The head is one that lint_head() has let pass, so that lengths and encodings are unambiguous. The body is
// handed on as it comes, with chunks put together. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/gateway/head_lint.hpp"

namespace bgm::gateway {

struct RequestHead {
    std::string method;
    std::string target;
    bool http11 = true;
    std::vector<std::pair<std::string, std::string>> fields;
    bool keep_alive = true;
    bool chunked = false;
    std::optional<std::uint64_t> content_length;

    /// The first of that name, in whatever case; empty where there is none.
    std::string_view field(std::string_view name) const;
    /// Of a header that is a list: all of that name, joined by commas (RFC 9110, section 5.3).
    std::string list(std::string_view name) const;
    bool expects_continue() const { return http11 && !field("Expect").empty(); }
    bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

class RequestParser {
 public:
    /// False where the bytes cannot be taken: parsing ends with that fault.
    using OnBody = std::function<bool(std::string_view)>;

    RequestParser();
    ~RequestParser();
    RequestParser(const RequestParser&) = delete;
    RequestParser& operator=(const RequestParser&) = delete;

    /// The whole head, once. A fault where the two readers of it disagree.
    std::optional<HeadFault> put_head(std::string_view head);
    const RequestHead& head() const;
    RequestHead& head();

    struct Step {
        std::size_t consumed = 0;  // what is left comes again, with more behind it
        bool fault = false;        // no chunk, or more than the limit, or refused by `on_body`
        bool too_large = false;    // which of them
    };
    /// After the head, and until done(). The body as a whole may have `bytes_max`.
    Step put_body(std::string_view bytes, const OnBody& on_body);
    void limit_body(std::uint64_t bytes_max);
    bool done() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bgm::gateway
