// What a client of the gateway hears of an error.
//
// A mistake of its own it hears as it is. Of everything else it hears the code, and words that give away
// nothing of the host: where MySQL listens, as whom bgmd logs in, what a file is called. Those go to the log.
// Belongs to the loop's thread.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "schemas/result.hpp"

namespace bgm {

class OutwardErrors {
 public:
    /// Of one operation and one code the log gets one line a minute: whoever asks again and again fills no
    /// disk.
    Error of(std::string_view operation, const Error& error);

 private:
    std::map<std::pair<std::string, ErrorCode>, std::chrono::steady_clock::time_point> logged_;
};

}  // namespace bgm
