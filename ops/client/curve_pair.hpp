// A pair of CURVE keys, as ZeroMQ makes them.
#pragma once

#include <string>

namespace bgm {

struct CurvePair {
    std::string public_key;  // Z85, 40 characters
    std::string secret_key;
};

CurvePair make_curve_pair();

}  // namespace bgm
