// The eras of a wish, those to be left out among them, as the one stretch of years that options can state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bgm {

class WishYears {
 public:
    struct Settled {
        std::uint32_t from = 0, to = 0;    // 0 = open; from > to > 0: all but the years between them
        std::vector<std::string> unmet{};  // a sentence for what cannot be left out
    };

    /// 0 = open. Several that are asked for are one from the first to the last: "80s and 90s".
    void ask(std::uint32_t from, std::uint32_t to);
    void deny(std::uint32_t from, std::uint32_t to);

    /// What is denied cuts an end off what is asked for. In the midst of all years one stretch may be left
    /// out, where nothing else is said.
    Settled settle() const;

 private:
    struct Years {
        std::uint32_t from = 0, to = 0;
    };
    static constexpr std::uint32_t kLast = 9999;  // stands for an open end

    /// In order, those that touch as one.
    std::vector<Years> denied() const;

    std::optional<Years> asked_;
    std::vector<Years> denied_;
};

}  // namespace bgm
