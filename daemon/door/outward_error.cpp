#include "daemon/door/outward_error.hpp"

#include "daemon/base/log.hpp"

namespace bgm {
namespace {

constexpr std::chrono::minutes kSilence{1};

bool is_the_clients(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_argument:
        case ErrorCode::unsupported:
        case ErrorCode::too_large:
        case ErrorCode::not_found:
            return true;
        default:
            return false;
    }
}

std::string_view words(ErrorCode code) {
    switch (code) {
        case ErrorCode::unavailable:
            return "what this needs is away for now";
        case ErrorCode::resource_exhausted:
            return "there is too much to do";
        case ErrorCode::deadline_exceeded:
            return "it took too long";
        default:
            return "something went wrong inside; the log says what";
    }
}

}  // namespace

Error OutwardErrors::of(std::string_view operation, const Error& error) {
    if (is_the_clients(error.code)) return error;
    const auto now = std::chrono::steady_clock::now();
    const auto [entry, first] = logged_.try_emplace({std::string(operation), error.code}, now);
    if (first || now - entry->second > kSilence) {
        log_warn("the gateway's question cannot be answered",
                 {{"operation", std::string(operation)}, {"error", error.to_string()}});
        entry->second = now;
    }
    return {.code = error.code, .message = std::string(words(error.code)), .field = {}};
}

}  // namespace bgm
