// Where exceptions of libtorch end: what it throws becomes an Error.
#pragma once

#include <c10/util/Exception.h>

#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace bgm {

/// Runs a function that gives a Result; `resource_exhausted` where memory ran out, else `internal`.
template <typename Function>
auto guarded(std::string_view what, Function&& function) -> decltype(function()) {
    try {
        return function();
    } catch (const c10::Error& error) {
        return Error{.code = ErrorCode::internal,
                     .message = std::string(what) + ": " + error.what_without_backtrace()};
    } catch (const std::bad_alloc&) {
        return Error{.code = ErrorCode::resource_exhausted, .message = std::string(what) + ": out of memory"};
    } catch (const std::exception& error) {
        return Error{.code = ErrorCode::internal, .message = std::string(what) + ": " + error.what()};
    }
}

}  // namespace bgm
