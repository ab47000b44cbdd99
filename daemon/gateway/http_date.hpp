// The Date header, made once a second.
#pragma once

#include <array>
#include <ctime>
#include <string_view>

namespace bgm::gateway {

class HttpDate {
 public:
    std::string_view text() {
        const std::time_t now = std::time(nullptr);
        if (now != second_) {
            second_ = now;
            std::tm parts{};
            gmtime_r(&now, &parts);
            // The names are English: no program here sets a locale.
            length_ = std::strftime(text_.data(), text_.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        }
        return {text_.data(), length_};
    }

 private:
    std::time_t second_ = -1;
    std::size_t length_ = 0;
    std::array<char, 40> text_{};
};

}  // namespace bgm::gateway
