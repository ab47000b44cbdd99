#include "schemas/result.hpp"

#include <array>

namespace bgm {
namespace {

struct CodeRow {
    ErrorCode code;
    std::string_view name;
    bool retryable;
};

constexpr std::array kCodes{
    CodeRow{ErrorCode::invalid_argument, "invalid_argument", false},
    CodeRow{ErrorCode::unsupported, "unsupported", false},
    CodeRow{ErrorCode::too_large, "too_large", false},
    CodeRow{ErrorCode::corrupt, "corrupt", false},
    CodeRow{ErrorCode::not_found, "not_found", false},
    CodeRow{ErrorCode::deadline_exceeded, "deadline_exceeded", true},
    CodeRow{ErrorCode::unavailable, "unavailable", true},
    CodeRow{ErrorCode::resource_exhausted, "resource_exhausted", true},
    CodeRow{ErrorCode::internal, "internal", true},
};

const CodeRow& row(ErrorCode code) {
    return kCodes.at(static_cast<std::size_t>(code));
}

}  // namespace

std::string_view name(ErrorCode code) {
    return row(code).name;
}

std::optional<ErrorCode> error_code_from_name(std::string_view wanted) {
    for (const auto& candidate : kCodes) {
        if (candidate.name == wanted) return candidate.code;
    }
    return std::nullopt;
}

bool retryable(ErrorCode code) {
    return row(code).retryable;
}

std::string Error::to_string() const {
    std::string text;
    if (!field.empty()) text = field + ": ";
    return text + message + " (" + std::string(name(code)) + ")";
}

}  // namespace bgm
