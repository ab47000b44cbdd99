// The bytes of .npy files, as numpy.save() lays them out.
#pragma once

#include <cstring>
#include <initializer_list>
#include <string>

namespace bgm::test {

/// The header is padded with blanks to a multiple of 64 bytes.
inline std::string npy(const std::string& dictionary, const std::string& data, char version = 1) {
    std::string header = dictionary;
    const std::size_t prefix = version == 1 ? 10 : 12;
    while ((prefix + header.size() + 1) % 64 != 0)
        header += ' ';
    header += '\n';
    std::string file = "\x93NUMPY";
    file += version;
    file += '\0';
    for (std::size_t i = 0; i < prefix - 8; ++i)
        file += static_cast<char>(header.size() >> (8 * i) & 0xFFU);
    return file + header + data;
}

inline std::string header_of(const std::string& type, const std::string& shape) {
    return "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
}

template <typename T>
std::string raw(std::initializer_list<T> values) {
    std::string bytes(values.size() * sizeof(T), '\0');
    std::memcpy(bytes.data(), std::data(values), bytes.size());
    return bytes;
}

}  // namespace bgm::test
