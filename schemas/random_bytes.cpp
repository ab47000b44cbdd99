#include "schemas/random_bytes.hpp"

#include <openssl/rand.h>

#include <new>

namespace bgm {

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
        throw std::bad_alloc();
    return bytes;
}

}  // namespace bgm
