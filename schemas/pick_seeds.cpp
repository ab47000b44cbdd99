#include "schemas/pick_seeds.hpp"

#include <google/protobuf/unknown_field_set.h>

namespace bgm {

void add_seeds(v1::Pick& pick, const v1::Seeds& seeds) {
    if (!seeds.seeds().empty()) (void)pick.MergeFromString(seeds.SerializeAsString());
}

v1::Seeds seeds_of(const v1::Pick& pick) {
    v1::Seeds seeds;
    const auto& unknown = pick.GetReflection()->GetUnknownFields(pick);
    std::string bytes;
    if (unknown.empty() || !unknown.SerializeToString(&bytes) || !seeds.ParseFromString(bytes)) return {};
    return seeds;
}

}  // namespace bgm
