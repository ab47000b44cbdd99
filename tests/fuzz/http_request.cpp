// A request as a stranger sends it to the gateway: head, target, and body by length or in chunks.
#include <algorithm>

#include "daemon/gateway/head_lint.hpp"
#include "daemon/gateway/request_parser.hpp"
#include "daemon/gateway/request_target.hpp"
#include "schemas/utf8.hpp"
#include "tests/fuzz/promise.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    constexpr std::uint64_t kBodyBytesMax = 1000;
    const std::string_view bytes = fuzz::as_text(data, size);
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        (void)gateway::lint_request_line(bytes);
        return 0;
    }
    const std::string_view head = bytes.substr(0, end + 4);
    if (const auto fault = gateway::lint_head(head)) {
        fuzz::require(fault->status >= 400 && fault->status < 600, "a fault has a status");
        fuzz::require(!fault->message.empty(), "a fault has a reason");
        return 0;
    }
    gateway::RequestParser parser;
    if (parser.put_head(head)) return 0;
    fuzz::require(!(parser.head().chunked && parser.head().content_length), "a body has one end");
    const auto parsed = gateway::RequestTarget::parse(parser.head().target, parser.head().field("Host"));
    if (const auto* fault = std::get_if<gateway::TargetFault>(&parsed)) {
        fuzz::require(!fault->field.empty() && valid_utf8(fault->field), "what is wrong is named in UTF-8");
    } else {
        const auto* target = &std::get<gateway::RequestTarget>(parsed);
        fuzz::require(!target->segments.empty(), "a path has a segment");
        for (const std::string& segment : target->segments) {
            fuzz::require(segment != "." && segment != "..", "no segment leads elsewhere");
            fuzz::require(valid_utf8(segment), "a segment is UTF-8");
        }
    }
    if (!parser.head().has_body()) return 0;
    parser.limit_body(kBodyBytesMax);
    std::uint64_t taken = 0;
    std::string_view rest = bytes.substr(end + 4);
    while (!rest.empty() && !parser.done()) {
        const auto step = parser.put_body(rest, [&](std::string_view piece) {
            taken += piece.size();
            return true;
        });
        fuzz::require(step.consumed <= rest.size(), "no more is consumed than there is");
        if (step.fault || step.too_large || step.consumed == 0) break;
        rest.remove_prefix(step.consumed);
    }
    fuzz::require(taken <= kBodyBytesMax, "a body is as large as it may be, at most");
    return 0;
}
