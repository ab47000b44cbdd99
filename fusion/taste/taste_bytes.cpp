#include "fusion/taste/taste_bytes.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace bgm {
namespace {

constexpr std::uint8_t kVersion = 1;
// What a catalogue takes of an embedding.
constexpr std::size_t kWidthMax = 1024;
constexpr std::size_t kModelBytesMax = 255;

class Writer {
 public:
    template <typename Number>
    void number(Number value) {
        static_assert(std::endian::native == std::endian::little);
        std::array<char, sizeof value> bytes{};
        std::memcpy(bytes.data(), &value, sizeof value);
        out_.append(bytes.data(), bytes.size());
    }
    void text(std::string_view value) {
        number(static_cast<std::uint8_t>(value.size()));
        out_.append(value);
    }
    void tally(const Tally& value) {
        number(value.weight);
        number(value.value);
    }
    void named(const std::vector<NamedTally>& list) {
        number(static_cast<std::uint8_t>(list.size()));
        for (const NamedTally& one : list) {
            number(one.key);
            text(one.name);
            tally(one.tally);
            number(one.turned_away);
            number(one.turned_away_ms);
        }
    }
    std::string take() { return std::move(out_); }

 private:
    std::string out_;
};

class Reader {
 public:
    explicit Reader(std::string_view bytes) : left_(bytes) {}

    template <typename Number>
    void number(Number& value) {
        if (left_.size() < sizeof value) {
            fine_ = false;
            return;
        }
        std::memcpy(&value, left_.data(), sizeof value);
        left_.remove_prefix(sizeof value);
        if constexpr (std::is_floating_point_v<Number>) fine_ = fine_ && std::isfinite(value);
    }
    void text(std::string& value, std::size_t most) {
        std::uint8_t size = 0;
        number(size);
        if (size > most || size > left_.size()) {
            fine_ = false;
            return;
        }
        value = left_.substr(0, size);
        left_.remove_prefix(size);
    }
    void tally(Tally& value) {
        number(value.weight);
        number(value.value);
        // No reaction is worth more than its weight.
        fine_ = fine_ && value.weight >= 0 && value.weight < 1e9F &&
                std::abs(value.value) <= value.weight * 1.001F + 1e-6F;
    }
    void named(std::vector<NamedTally>& list, std::size_t most) {
        std::uint8_t size = 0;
        number(size);
        fine_ = fine_ && size <= most;
        for (std::size_t i = 0; fine_ && i < size; ++i) {
            NamedTally& one = list.emplace_back();
            number(one.key);
            text(one.name, kTasteNameBytes);
            tally(one.tally);
            number(one.turned_away);
            number(one.turned_away_ms);
            fine_ = fine_ && (i == 0 || list[i - 1].key < one.key);
        }
    }
    void numbers(std::vector<float>& list, std::size_t count) {
        if (left_.size() < count * sizeof(float)) {
            fine_ = false;
            return;
        }
        list.resize(count);
        for (float& one : list)
            number(one);
    }
    bool fine() const { return fine_; }
    bool ended() const { return left_.empty(); }

 private:
    std::string_view left_;
    bool fine_ = true;
};

}  // namespace

std::string taste_bytes(const Taste& taste) {
    Writer out;
    out.number(kVersion);
    out.number(taste.at_ms);
    out.number(taste.reactions);
    out.number(taste.day);
    out.number(taste.of_day);
    out.tally(taste.all);
    for (const Tally& mood : taste.moods)
        out.tally(mood);
    out.named(taste.artists);
    out.named(taste.genres);
    out.text(std::string_view(taste.sound_model).substr(0, kModelBytesMax));
    out.tally(taste.heard);
    out.number(taste.heard_squares);
    out.number(taste.heard_value_squares);
    out.number(static_cast<std::uint16_t>(taste.sound.size()));
    for (const auto* vector : {&taste.sound, &taste.sound_valued}) {
        for (const float number : *vector)
            out.number(number);
    }
    return out.take();
}

Result<Taste> taste_from_bytes(std::string_view bytes) {
    Reader in(bytes);
    std::uint8_t version = 0;
    in.number(version);
    if (in.fine() && version != kVersion)
        return Error{.code = ErrorCode::unsupported,
                     .message = "a taste of version " + std::to_string(version) + ", and this reads " +
                                std::to_string(kVersion)};
    Taste taste;
    in.number(taste.at_ms);
    in.number(taste.reactions);
    in.number(taste.day);
    in.number(taste.of_day);
    in.tally(taste.all);
    for (Tally& mood : taste.moods)
        in.tally(mood);
    in.named(taste.artists, kTasteArtistsMax);
    in.named(taste.genres, kTasteGenresMax);
    in.text(taste.sound_model, kModelBytesMax);
    in.tally(taste.heard);
    in.number(taste.heard_squares);
    in.number(taste.heard_value_squares);
    std::uint16_t width = 0;
    in.number(width);
    if (in.fine() && width <= kWidthMax) {
        in.numbers(taste.sound, width);
        in.numbers(taste.sound_valued, width);
    }
    // Times are subtracted from each other.
    constexpr std::int64_t kTimeMax = std::int64_t{1} << 50;
    bool times = std::abs(taste.at_ms) < kTimeMax;
    for (const auto* list : {&taste.artists, &taste.genres}) {
        for (const NamedTally& one : *list)
            times = times && std::abs(one.turned_away_ms) < kTimeMax;
    }
    const bool squares = taste.heard_squares >= 0 && taste.heard_value_squares >= 0;
    if (!in.fine() || !in.ended() || !times || !squares)
        return Error{.code = ErrorCode::corrupt, .message = "is no taste"};
    return taste;
}

}  // namespace bgm
