// A post that is durable and has come to this bgmd to be analysed.
#pragma once

#include <cstdint>
#include <string>

#include "schemas/bgm.pb.h"

namespace bgm {

struct AcceptedPost {
    std::int64_t seq = 0;
    std::uint32_t revision = 0;
    v1::Post post;
    std::string media;  // folder of its inline media, may be empty
};

}  // namespace bgm
