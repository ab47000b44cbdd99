// Reads numbers from untrusted bytes. Past the end every read answers 0 and `ok()` turns false for good, so
// that a parser can read a whole record and check once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bgm {

enum class Endian { big, little };

class ByteReader {
 public:
    explicit ByteReader(std::span<const std::byte> bytes, Endian endian = Endian::big)
        : bytes_(bytes), endian_(endian) {}

    bool ok() const { return ok_; }
    std::size_t position() const { return position_; }
    std::size_t left() const { return bytes_.size() - position_; }
    void set_endian(Endian endian) { endian_ = endian; }

    /// False, and nothing moves, where `position` lies behind the end.
    bool seek(std::size_t position) {
        if (position > bytes_.size()) return ok_ = false;
        position_ = position;
        return true;
    }
    bool skip(std::size_t count) {
        if (count > left()) return ok_ = false;
        position_ += count;
        return true;
    }

    std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u24() { return number(3); }
    std::uint32_t u32() { return number(4); }

    /// The next `count` bytes, or none at all.
    std::span<const std::byte> take(std::size_t count) {
        if (count > left()) {
            ok_ = false;
            return {};
        }
        const auto taken = bytes_.subspan(position_, count);
        position_ += count;
        return taken;
    }

 private:
    std::uint32_t number(std::size_t count) {
        const auto taken = take(count);
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < taken.size(); ++i) {
            const auto byte = std::to_integer<std::uint32_t>(taken[i]);
            value |= byte << (8 * (endian_ == Endian::big ? count - 1 - i : i));
        }
        return value;
    }

    std::span<const std::byte> bytes_;
    std::size_t position_ = 0;
    Endian endian_;
    bool ok_ = true;
};

}  // namespace bgm
