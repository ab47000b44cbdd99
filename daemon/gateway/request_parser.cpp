#include "daemon/gateway/request_parser.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace bgm::gateway {

namespace http = boost::beast::http;
using boost::beast::error_code;
using Text = boost::beast::string_view;

std::string_view RequestHead::field(std::string_view name) const {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const auto& each) { return equal_names(each.first, name); });
    return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

std::string RequestHead::list(std::string_view name) const {
    std::string joined;
    for (const auto& [each, value] : fields) {
        if (equal_names(each, name)) joined.append(joined.empty() ? "" : ", ").append(value);
    }
    return joined;
}

namespace {

// What stands behind a chunk, of which not enough has come for Beast to judge: whether it can still become
// the next chunk, or the trailer. Else a client that has lost count would hear of it only when its time is
// over.
bool can_become_chunk(std::string_view rest, bool behind_another) {
    constexpr std::string_view kHex = "0123456789abcdefABCDEF";
    constexpr std::size_t kSizeDigitsMax = 16;
    for (std::size_t at = rest.find_first_of("\r\n"); at != std::string_view::npos;
         at = rest.find_first_of("\r\n", at + 2)) {
        if (rest[at] != '\r' || (at + 1 < rest.size() && rest[at + 1] != '\n')) return false;
    }
    if (behind_another) {
        if (rest.size() <= 2) return rest.empty() || rest.front() == '\r';
        if (!rest.starts_with("\r\n")) return false;
        rest.remove_prefix(2);
    }
    if (rest.empty()) return true;
    const std::string_view size = rest.substr(0, rest.find_first_not_of(kHex));
    const std::string_view behind = rest.substr(size.size());
    const std::string_view digits = size.substr(std::min(size.size(), size.find_first_not_of('0')));
    return !size.empty() && digits.size() <= kSizeDigitsMax &&
           (behind.empty() || std::string_view("\r; \t").find(behind.front()) != std::string_view::npos);
}

}  // namespace

struct RequestParser::Impl final : http::basic_parser<true> {
    RequestHead request;
    bool head_is_done = false;
    std::uint64_t body_bytes_max = ~std::uint64_t{0};
    bool in_chunk = false;
    bool behind_chunk = false;
    const OnBody* on_body = nullptr;

    void on_request_impl(http::verb /*known*/, Text method, Text target, int version,
                         error_code& error) override {
        request.method.assign(method.data(), method.size());
        request.target.assign(target.data(), target.size());
        request.http11 = version >= 11;
        error = {};
    }
    void on_response_impl(int /*status*/, Text /*reason*/, int /*version*/, error_code& error) override {
        error = http::error::bad_version;  // never called of a parser of requests
    }
    void on_field_impl(http::field /*known*/, Text name, Text value, error_code& error) override {
        error = {};
        if (head_is_done) return;  // a trailer: nobody asks for it
        request.fields.emplace_back(std::string(name.data(), name.size()),
                                    std::string(value.data(), value.size()));
    }
    void on_header_impl(error_code& error) override {
        head_is_done = true;
        error = {};
    }
    void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/, error_code& error) override {
        error = {};
    }
    std::size_t on_body_impl(Text body, error_code& error) override { return take(body, error); }
    void on_chunk_header_impl(std::uint64_t size, Text /*extensions*/, error_code& error) override {
        in_chunk = size > 0;
        error = {};
    }
    std::size_t on_chunk_body_impl(std::uint64_t remain, Text body, error_code& error) override {
        if (body.size() >= remain) {
            in_chunk = false;
            behind_chunk = true;
        }
        return take(body, error);
    }
    void on_finish_impl(error_code& error) override { error = {}; }

    std::size_t take(Text body, error_code& error) const {
        error = {};
        if (!(*on_body)({body.data(), body.size()})) error = http::error::buffer_overflow;
        return body.size();
    }
};

RequestParser::RequestParser() : impl_(std::make_unique<Impl>()) {
    // The connection has limited the head before, and the body's limit depends on what is asked for.
    impl_->header_limit(~std::uint32_t{0});
    impl_->body_limit(~std::uint64_t{0});
}

RequestParser::~RequestParser() = default;

std::optional<HeadFault> RequestParser::put_head(std::string_view head) {
    Impl& parser = *impl_;
    parser.eager(false);
    error_code error;
    const std::size_t used = parser.put({head.data(), head.size()}, error);
    if (error || !parser.is_header_done() || used != head.size())
        return HeadFault{.status = 400, .field = {}, .message = "the head cannot be read"};
    parser.request.chunked = parser.chunked();
    if (const auto length = parser.content_length()) parser.request.content_length = *length;
    parser.request.keep_alive = parser.keep_alive();
    // What the lint let pass as framing must be framing to the parser, too.
    if (parser.request.chunked == parser.request.field("Transfer-Encoding").empty() ||
        parser.request.content_length.has_value() == parser.request.field("Content-Length").empty())
        return HeadFault{.status = 400, .field = {}, .message = "the length of the body cannot be read"};
    parser.eager(true);
    return std::nullopt;
}

const RequestHead& RequestParser::head() const {
    return impl_->request;
}

RequestHead& RequestParser::head() {
    return impl_->request;
}

RequestParser::Step RequestParser::put_body(std::string_view bytes, const OnBody& on_body) {
    Step step;
    // The library holds a Content-Length to the limit where it reads the head, and nobody knows the limit
    // yet.
    if (impl_->request.content_length.value_or(0) > impl_->body_bytes_max)
        return {.consumed = 0, .fault = true, .too_large = true};
    impl_->on_body = &on_body;
    // One call stops where a chunk ends before its successor is whole.
    while (!impl_->is_done() && step.consumed < bytes.size()) {
        // Of an empty body's end, "0\r\n\r\n", Beast asserts that it is whole once it has seen its first
        // line.
        constexpr std::size_t kShortestEnd = 5;
        const std::string_view left = bytes.substr(step.consumed);
        if (impl_->request.chunked && !impl_->in_chunk && left.front() == '0' && left.size() < kShortestEnd)
            break;
        error_code error;
        const std::size_t used =
            impl_->put({bytes.data() + step.consumed, bytes.size() - step.consumed}, error);
        step.consumed += used;
        if (error && error != http::error::need_more) {
            step.fault = true;
            step.too_large = error == http::error::body_limit;
            break;
        }
        if (used == 0) break;
    }
    if (!step.fault && !impl_->is_done() && impl_->request.chunked && !impl_->in_chunk)
        step.fault = !can_become_chunk(bytes.substr(step.consumed), impl_->behind_chunk);
    impl_->on_body = nullptr;
    return step;
}

void RequestParser::limit_body(std::uint64_t bytes_max) {
    impl_->body_bytes_max = bytes_max;
    impl_->body_limit(bytes_max);
}

bool RequestParser::done() const {
    return impl_->is_done();
}

}  // namespace bgm::gateway
