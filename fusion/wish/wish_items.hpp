// The phrases and numbers of a text that asks for music, where they stand, and which of them are denied.
// Pure; linear in the length of the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fusion/context/moment_table.hpp"
#include "fusion/wish/wish_numbers.hpp"
#include "fusion/wish/wish_words.hpp"
#include "fusion/words/said_words.hpp"

namespace bgm {

/// A phrase of one of the tables, or a number, at its place in the text.
struct WishItem {
    const WishWords* words = nullptr;
    const MomentEffect* moment = nullptr;
    std::optional<WishNumber> number{};
    std::size_t begin = 0, end = 0;
    std::size_t clause = 0;
    bool denied = false;

    bool is(WishField field) const { return words != nullptr && words->field == field; }
    bool denies() const { return is(WishField::denial_before) || is(WishField::denial_behind); }
};

class WishItems {
 public:
    static constexpr std::size_t kDenialReach = 3;  // words between a denial and what it denies

    /// `text` must be valid UTF-8.
    explicit WishItems(std::string_view text);

    const std::vector<SaidWord>& said() const { return said_; }
    /// In the order of the text, without fillers.
    const std::vector<WishItem>& items() const { return items_; }
    /// As it was said.
    std::string text_of(const WishItem& item) const;
    /// Whether an item stands on one of these words.
    bool covered(std::size_t begin, std::size_t end) const;
    /// The words that no item, filler or mark stands on and nothing denies.
    const std::vector<std::size_t>& unread() const { return unread_; }
    /// Those that something denies.
    const std::vector<std::size_t>& unread_denied() const { return unread_denied_; }

 private:
    void find_items();
    WishItem longest_at(std::size_t at) const;
    void deny_behind(std::size_t denial);
    void deny_before(std::size_t denial);
    bool joined(std::size_t from, const WishItem& next) const;
    bool denied_alone(std::size_t at) const;

    const std::vector<SaidWord> said_;
    std::vector<WishItem> items_;
    std::vector<std::size_t> unread_, unread_denied_;
};

/// Adds the names of a list "rock|hard rock" that are not there.
void add_names(std::vector<std::string>& list, std::string_view names);

}  // namespace bgm
