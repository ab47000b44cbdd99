#include "workers/tokenizers/vocabulary.hpp"

#include <algorithm>
#include <bit>

namespace bgm {
namespace {

// Half full and evenly spread, the longest run of taken slots is a few dozen; a file made to hang us has
// more.
constexpr std::size_t kCrowdMax = 1024;
constexpr std::size_t kSlotsMin = 1024;

Error corrupt(std::string message) {
    return Error{.code = ErrorCode::corrupt, .message = std::move(message)};
}

// FNV's low bits are its best; the upper half only tells tokens of one slot apart.
std::size_t first_slot(std::uint64_t hash, std::size_t slots) {
    return static_cast<std::size_t>(hash) & (slots - 1);
}
std::uint32_t fingerprint(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> 32);
}

// FNV-1a.
std::uint64_t extended(std::uint64_t hash, std::string_view bytes) {
    for (const char byte : bytes)
        hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001B3U;
    return hash;
}

}  // namespace

Vocabulary::Vocabulary(std::size_t tokens, std::size_t bytes) {
    tokens = std::min<std::size_t>(tokens, kIdsMax);
    bytes_.reserve(bytes);
    tokens_.reserve(tokens);
    slots_.resize(std::bit_ceil(std::max(tokens * 2, kSlotsMin)));
}

Status Vocabulary::add(std::string_view token, std::int64_t id) {
    if (id < 0 || id >= kIdsMax) return corrupt("the id " + std::to_string(id) + " is out of range");
    const auto index = static_cast<std::uint32_t>(id);
    if (index < tokens_.size() && tokens_[index].length != kNone) {
        return corrupt("two tokens have the id " + std::to_string(id));
    }
    if (find(token)) return corrupt("a token is listed twice, the second time with id " + std::to_string(id));
    if (index >= tokens_.size()) tokens_.resize(index + 1);
    tokens_[index] = {static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(token.size())};
    bytes_.append(token);
    longest_ = std::max(longest_, token.size());
    ++size_;
    if (size_ * 2 > slots_.size()) return grow();
    return insert(extended(kHashStart, token), index);
}

Status Vocabulary::insert(std::uint64_t hash, std::uint32_t id) {
    std::size_t slot = first_slot(hash, slots_.size());
    for (std::size_t crowd = 0; crowd < kCrowdMax; ++crowd) {
        if (slots_[slot].id == kNone) {
            slots_[slot] = {fingerprint(hash), id};
            return ok_status();
        }
        slot = (slot + 1) & (slots_.size() - 1);
    }
    return corrupt("its tokens are made to collide");
}

Status Vocabulary::grow() {
    slots_.assign(slots_.size() * 2, Slot{});
    for (std::uint32_t id = 0; id < tokens_.size(); ++id) {
        if (tokens_[id].length == kNone) continue;
        if (auto inserted = insert(extended(kHashStart, token(id)), id); !inserted) return inserted;
    }
    return ok_status();
}

std::string_view Vocabulary::token(std::size_t id) const {
    if (id >= tokens_.size() || tokens_[id].length == kNone) return {};
    return std::string_view(bytes_).substr(tokens_[id].begin, tokens_[id].length);
}

std::optional<std::uint32_t> Vocabulary::find(std::string_view token) const {
    Reading reading(*this);
    reading.append(token);
    return reading.find(token, {});
}

void Vocabulary::Reading::append(std::string_view bytes) {
    hash_ = extended(hash_, bytes);
    size_ += bytes.size();
}

std::optional<std::uint32_t> Vocabulary::Reading::find(std::string_view head, std::string_view tail) const {
    const auto& slots = vocabulary_->slots_;
    const std::uint32_t wanted = fingerprint(hash_);
    for (std::size_t slot = first_slot(hash_, slots.size()); slots[slot].id != kNone;
         slot = (slot + 1) & (slots.size() - 1)) {
        if (slots[slot].hash != wanted) continue;
        const std::string_view token = vocabulary_->token(slots[slot].id);
        if (token.size() == size_ && token.starts_with(head) && token.ends_with(tail)) return slots[slot].id;
    }
    return std::nullopt;
}

}  // namespace bgm
