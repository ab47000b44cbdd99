#include "ops/client/curve_pair.hpp"

#include <zmq.h>

#include <array>

namespace bgm {

CurvePair make_curve_pair() {
    std::array<char, 41> open{};
    std::array<char, 41> secret{};
    zmq_curve_keypair(open.data(), secret.data());
    return {.public_key = open.data(), .secret_key = secret.data()};
}

}  // namespace bgm
