#include "tests/hostile/zero_stream.hpp"

#include <zlib.h>

#include <stdexcept>

#include "tests/hostile/byte_writing.hpp"

namespace bgm::test {
namespace {

constexpr std::size_t kMebibyte = 1 << 20;

// A mebibyte of zeros as deflate blocks that need nothing of what stands before them (a full flush): so the
// same bytes can be repeated without compressing each gigabyte anew.
std::string one_mebibyte() {
    z_stream stream{};
    if (deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("zlib");
    std::string source(kMebibyte, '\0');
    std::string packed(16'384, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(source.data());
    stream.avail_in = static_cast<uInt>(source.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int done = deflate(&stream, Z_FULL_FLUSH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (done != Z_OK || stream.avail_in != 0) throw std::runtime_error("zlib");
    return packed;
}

constexpr std::string_view kLastBlock("\x03\x00", 2);  // final, fixed codes, nothing in it

template <typename Combine>
unsigned long checksum(std::size_t mebibytes, unsigned long of_one, unsigned long start, Combine combine) {
    unsigned long sum = start;
    for (std::size_t i = 0; i < mebibytes; ++i)
        sum = combine(sum, of_one, static_cast<z_off_t>(kMebibyte));
    return sum;
}

}  // namespace

std::string zlib_of_zeros(std::size_t mebibytes) {
    const std::string source(kMebibyte, '\0');
    const auto* bytes = reinterpret_cast<const Bytef*>(source.data());
    const unsigned long sum =
        checksum(mebibytes, adler32(1, bytes, static_cast<uInt>(kMebibyte)), 1, adler32_combine);
    return "\x78\xDA" + repeated(one_mebibyte(), mebibytes) + std::string(kLastBlock) + big(sum, 4);
}

std::string gzip_of_zeros(std::size_t mebibytes) {
    const std::string source(kMebibyte, '\0');
    const auto* bytes = reinterpret_cast<const Bytef*>(source.data());
    const unsigned long sum =
        checksum(mebibytes, crc32(0, bytes, static_cast<uInt>(kMebibyte)), 0, crc32_combine);
    return std::string("\x1F\x8B\x08\0\0\0\0\0\2\xFF", 10) + repeated(one_mebibyte(), mebibytes) +
           std::string(kLastBlock) + little(sum, 4) + little(mebibytes * kMebibyte, 4);
}

}  // namespace bgm::test
