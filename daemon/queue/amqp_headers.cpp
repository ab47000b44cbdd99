#include "daemon/queue/amqp_headers.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "daemon/queue/amqp_connection.hpp"

namespace bgm {
namespace {

std::int64_t number_of(const amqp_field_value_t& value) {
    switch (value.kind) {
        case AMQP_FIELD_KIND_I8:
            return value.value.i8;
        case AMQP_FIELD_KIND_U8:
            return value.value.u8;
        case AMQP_FIELD_KIND_I16:
            return value.value.i16;
        case AMQP_FIELD_KIND_U16:
            return value.value.u16;
        case AMQP_FIELD_KIND_I32:
            return value.value.i32;
        case AMQP_FIELD_KIND_U32:
            return value.value.u32;
        case AMQP_FIELD_KIND_I64:
            return value.value.i64;
        case AMQP_FIELD_KIND_U64:
            return static_cast<std::int64_t>(
                std::min<std::uint64_t>(value.value.u64, static_cast<std::uint64_t>(INT64_MAX)));
        default:
            return 0;
    }
}

std::string word_of(const amqp_field_value_t& value) {
    return value.kind == AMQP_FIELD_KIND_UTF8 ? printable_reply(text_of(value.value.bytes)) : "";
}

}  // namespace

DeliveryHeaders read_delivery_headers(const amqp_table_t& headers) {
    DeliveryHeaders read;
    for (int i = 0; i < headers.num_entries; ++i) {
        const std::string_view key = text_of(headers.entries[i].key);
        const amqp_field_value_t& value = headers.entries[i].value;
        if (key == "x-delivery-count") read.deliveries = std::max<std::int64_t>(0, number_of(value));
        if (key == "x-first-death-reason") read.death_reason = word_of(value);
        if (key == "x-first-death-queue") read.death_queue = word_of(value);
    }
    return read;
}

}  // namespace bgm
