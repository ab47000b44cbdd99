#include "workers/tokenizers/byte_pairs.hpp"

#include <algorithm>
#include <bit>

#include "workers/tokenizers/characters.hpp"

namespace bgm {
namespace {

// Half full and evenly spread, the longest run of taken slots is a few dozen; a file made to hang us has
// more.
constexpr std::size_t kCrowdMax = 1024;

std::uint64_t key_of(std::uint32_t left, std::uint32_t right) {
    return (std::uint64_t{left} << 32) | right;
}

// Fibonacci hashing: the upper bits of the product are the spread ones.
std::size_t first_slot(std::uint64_t key, unsigned shift) {
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15U) >> shift);
}

}  // namespace

std::string byte_symbol(std::uint8_t byte) {
    const auto is_printable = [](unsigned value) {
        return (value >= 0x21 && value <= 0x7E) || (value >= 0xA1 && value <= 0xFF && value != 0xAD);
    };
    char32_t character = byte;
    if (!is_printable(byte)) {
        character = 0x100;
        for (unsigned before = 0; before < byte; ++before)
            character += is_printable(before) ? 0 : 1;
    }
    std::string symbol;
    append_utf8(symbol, character);
    return symbol;
}

BytePairs::BytePairs(std::size_t merges) {
    const std::size_t slots = std::bit_ceil(std::max<std::size_t>(merges * 2, 1024));
    slots_.resize(slots);
    shift_ = static_cast<unsigned>(64 - std::countr_zero(slots));
}

Result<BytePairs> BytePairs::make(const Vocabulary& vocabulary, const std::vector<Merge>& merges,
                                  std::string_view word_end, std::optional<std::uint32_t> unknown_id) {
    BytePairs pairs(merges.size());
    pairs.unknown_id_ = unknown_id;
    for (unsigned byte = 0; byte < 256; ++byte) {
        const std::string symbol = byte_symbol(static_cast<std::uint8_t>(byte));
        pairs.symbols_[byte] = vocabulary.find(symbol).value_or(kNone);
        pairs.last_symbols_[byte] = vocabulary.find(symbol + std::string(word_end)).value_or(kNone);
    }
    std::string joined;
    for (std::size_t rank = 0; rank < merges.size(); ++rank) {
        joined.assign(merges[rank].left).append(merges[rank].right);
        const auto left = vocabulary.find(merges[rank].left);
        const auto right = vocabulary.find(merges[rank].right);
        const auto both = vocabulary.find(joined);
        const auto failed = [&](std::string_view why) {
            return Error{.code = ErrorCode::corrupt,
                         .message = "merge " + std::to_string(rank + 1) + " " + std::string(why)};
        };
        if (!left || !right || !both) return failed("is of tokens that the vocabulary does not have");
        if (auto added = pairs.add(*left, *right, static_cast<std::uint32_t>(rank), *both); !added)
            return failed(added.error().message);
    }
    return pairs;
}

Status BytePairs::add(std::uint32_t left, std::uint32_t right, std::uint32_t rank, std::uint32_t id) {
    const std::uint64_t key = key_of(left, right);
    std::size_t slot = first_slot(key, shift_);
    for (std::size_t crowd = 0; crowd < kCrowdMax; ++crowd) {
        if (slots_[slot].pair == key) return Error{.code = ErrorCode::corrupt, .message = "is there twice"};
        if (slots_[slot].rank == kNone) {
            slots_[slot] = {key, rank, id};
            return ok_status();
        }
        slot = (slot + 1) & (slots_.size() - 1);
    }
    return Error{.code = ErrorCode::corrupt, .message = "is made to collide with others"};
}

const BytePairs::Slot* BytePairs::find(std::uint32_t left, std::uint32_t right) const {
    const std::uint64_t key = key_of(left, right);
    for (std::size_t slot = first_slot(key, shift_); slots_[slot].rank != kNone;
         slot = (slot + 1) & (slots_.size() - 1)) {
        if (slots_[slot].pair == key) return &slots_[slot];
    }
    return nullptr;
}

void BytePairs::append(std::string_view word, Scratch& scratch, std::vector<std::int64_t>& ids) const {
    auto& symbols = scratch.symbols_;
    symbols.clear();
    for (std::size_t i = 0; i < word.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(word[i]);
        std::uint32_t id = i + 1 == word.size() ? last_symbols_[byte] : symbols_[byte];
        if (id == kNone) id = unknown_id_.value_or(kNone);
        if (id == kNone) continue;
        const auto place = static_cast<std::int32_t>(symbols.size());
        symbols.push_back({.id = id, .previous = place - 1, .next = place + 1, .joined = false});
    }
    if (symbols.empty()) return;
    symbols.back().next = -1;
    join_all(scratch);
    for (std::int32_t place = 0; place >= 0; place = symbols[static_cast<std::size_t>(place)].next)
        ids.push_back(symbols[static_cast<std::size_t>(place)].id);
}

// Adds the pair that starts at `place` to the candidates, where it is one.
void BytePairs::offer(Scratch& scratch, std::int32_t place) const {
    const auto& symbols = scratch.symbols_;
    const auto& left = symbols[static_cast<std::size_t>(place)];
    if (left.next < 0) return;
    if (const Slot* merge = find(left.id, symbols[static_cast<std::size_t>(left.next)].id)) {
        scratch.candidates_.push_back({.rank = merge->rank, .place = place, .id = merge->id});
    }
}

void BytePairs::join_all(Scratch& scratch) const {
    auto& symbols = scratch.symbols_;
    auto& candidates = scratch.candidates_;
    // The lowest rank first, of equal ones the leftmost.
    const auto later = [](const Scratch::Candidate& a, const Scratch::Candidate& b) {
        return a.rank != b.rank ? a.rank > b.rank : a.place > b.place;
    };
    const auto offer_to_heap = [&](std::int32_t place) {
        const std::size_t before = candidates.size();
        offer(scratch, place);
        if (candidates.size() > before) std::push_heap(candidates.begin(), candidates.end(), later);
    };
    candidates.clear();
    for (std::size_t place = 0; place < symbols.size(); ++place)
        offer(scratch, static_cast<std::int32_t>(place));
    std::make_heap(candidates.begin(), candidates.end(), later);

    while (!candidates.empty()) {
        std::pop_heap(candidates.begin(), candidates.end(), later);
        const Scratch::Candidate best = candidates.back();
        candidates.pop_back();
        auto& left = symbols[static_cast<std::size_t>(best.place)];
        if (left.joined || left.next < 0) continue;
        auto& right = symbols[static_cast<std::size_t>(left.next)];
        // Either side may have grown since the pair was offered.
        const Slot* merge = find(left.id, right.id);
        if (merge == nullptr || merge->id != best.id) continue;
        left.id = best.id;
        left.next = right.next;
        right.joined = true;
        if (right.next >= 0) symbols[static_cast<std::size_t>(right.next)].previous = best.place;
        if (left.previous >= 0) offer_to_heap(left.previous);
        offer_to_heap(best.place);
    }
}

}  // namespace bgm
