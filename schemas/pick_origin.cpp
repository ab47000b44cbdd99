#include "schemas/pick_origin.hpp"

#include <google/protobuf/unknown_field_set.h>

#include <string>

namespace bgm {
namespace {

template <typename Message>
void carry(Message& message, const v1::Origin& origin) {
    v1::Carried carried;
    *carried.mutable_origin() = origin;
    (void)message.MergeFromString(carried.SerializeAsString());
}

template <typename Message>
std::optional<v1::Origin> carried_by(const Message& message) {
    const auto& unknown = message.GetReflection()->GetUnknownFields(message);
    std::string bytes;
    v1::Carried carried;
    if (unknown.empty() || !unknown.SerializeToString(&bytes) || !carried.ParseFromString(bytes) ||
        !carried.has_origin())
        return std::nullopt;
    return carried.origin();
}

}  // namespace

void set_origin(v1::Pick& pick, const v1::Origin& origin) {
    carry(pick, origin);
}

void set_origin(v1::DeadLetter& dead, const v1::Origin& origin) {
    carry(dead, origin);
}

std::optional<v1::Origin> origin_of(const v1::Pick& pick) {
    return carried_by(pick);
}

std::optional<v1::Origin> origin_of(const v1::DeadLetter& dead) {
    return carried_by(dead);
}

}  // namespace bgm
