// Very many zeros, compressed to a thousandth: what a decompressor without a limit drowns in.
#pragma once

#include <cstddef>
#include <string>

namespace bgm::test {

/// `mebibytes` of zeros as a zlib stream, as PNG wants it.
std::string zlib_of_zeros(std::size_t mebibytes);
/// The same as a gzip file.
std::string gzip_of_zeros(std::size_t mebibytes);

}  // namespace bgm::test
