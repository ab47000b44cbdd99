// Errors as values: one closed set of codes, and Result<T>.
//
// The code, never the message, decides what happens next (see retryable()). Exceptions of libraries stop in
// the adapter that calls the library and become an Error there. Both types are plain values: copy and move
// them freely between threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace bgm {

enum class ErrorCode {
    invalid_argument,    // final: the caller's mistake; `field` names it
    unsupported,         // final: well-formed, but of a kind that is not handled
    too_large,           // final: beyond a limit, found before memory was taken
    corrupt,             // final: the bytes are not what they claim to be
    not_found,           // final: what was named does not exist
    deadline_exceeded,   // retried
    unavailable,         // retried: a peer is away
    resource_exhausted,  // retried: a queue, a disk or a quota is full
    internal,            // retried a few times, then a dead letter
};

/// snake_case, as it appears in acks, dead letters and metric labels.
std::string_view name(ErrorCode code);
std::optional<ErrorCode> error_code_from_name(std::string_view name);

/// True where trying the same thing again later can succeed.
bool retryable(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message = {};  // one sentence for a person; never holds a secret or media bytes
    std::string field = {};    // path of the offending field ("assets[1].uri"), empty where there is none

    /// "field: message (code)", for logs and terminals.
    std::string to_string() const;
};

/// Either a T or an Error. Accessing the wrong side is a programming error (std::bad_variant_access).
template <typename T>
class [[nodiscard]] Result {
 public:
    Result(T value) : state_(std::move(value)) {}      // NOLINT: implicit on purpose, `return value;`
    Result(Error error) : state_(std::move(error)) {}  // NOLINT: implicit on purpose, `return Error{...};`

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    const Error& error() const { return std::get<1>(state_); }

 private:
    std::variant<T, Error> state_;
};

struct Unit {};

/// The result of something that only succeeds or fails.
using Status = Result<Unit>;
inline Status ok_status() {
    return Unit{};
}

}  // namespace bgm
