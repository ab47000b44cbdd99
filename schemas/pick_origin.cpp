#include "schemas/pick_origin.hpp"

#include <google/protobuf/unknown_field_set.h>

#include <string>
#include <utility>

namespace bgm {
namespace {

template <typename Message>
void set(Message& message, const v1::Origin& origin) {
    // Two of them would be read as one that has the messages of both.
    message.GetReflection()->MutableUnknownFields(&message)->DeleteByNumber(v1::Carried::kOriginFieldNumber);
    v1::Carried carried;
    *carried.mutable_origin() = origin;
    (void)message.MergeFromString(carried.SerializeAsString());
}

template <typename Message>
std::optional<v1::Origin> read(const Message& message) {
    const auto& unknown = message.GetReflection()->GetUnknownFields(message);
    v1::Carried carried;
    std::string bytes;
    if (unknown.empty() || !unknown.SerializeToString(&bytes) || !carried.ParseFromString(bytes) ||
        !carried.has_origin())
        return {};
    return std::move(*carried.mutable_origin());
}

}  // namespace

void set_origin(v1::Pick& pick, const v1::Origin& origin) {
    set(pick, origin);
}

void set_origin(v1::DeadLetter& dead, const v1::Origin& origin) {
    set(dead, origin);
}

std::optional<v1::Origin> origin_of(const v1::Pick& pick) {
    return read(pick);
}

std::optional<v1::Origin> origin_of(const v1::DeadLetter& dead) {
    return read(dead);
}

}  // namespace bgm
