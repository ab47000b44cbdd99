#include "schemas/plain_json.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>
#include <simdjson.h>

#include <limits>

namespace bgm {
namespace {

namespace pb = google::protobuf;
namespace dom = simdjson::dom;

using Field = pb::FieldDescriptor;

bool read_object(const dom::object& object, pb::Message& message);

bool read_message(const dom::element& value, pb::Message& message) {
    if (message.GetDescriptor() == pb::Timestamp::descriptor()) {
        std::string_view text;
        return value.get(text) == simdjson::SUCCESS &&
               pb::util::TimeUtil::FromString(std::string(text), static_cast<pb::Timestamp*>(&message));
    }
    dom::object object;
    return value.get(object) == simdjson::SUCCESS && read_object(object, message);
}

// Sets a singular field, or adds to a repeated one.
bool read_value(const dom::element& value, pb::Message& message, const Field& field) {
    const auto& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
        case Field::CPPTYPE_STRING: {
            std::string_view text;
            if (value.get(text) != simdjson::SUCCESS) return false;
            if (field.is_repeated()) {
                reflection.AddString(&message, &field, std::string(text));
            } else {
                reflection.SetString(&message, &field, std::string(text));
            }
            return true;
        }
        case Field::CPPTYPE_UINT32: {
            std::uint64_t number = 0;
            if (field.is_repeated() || value.get(number) != simdjson::SUCCESS) return false;
            if (number > std::numeric_limits<std::uint32_t>::max()) return false;
            reflection.SetUInt32(&message, &field, static_cast<std::uint32_t>(number));
            return true;
        }
        case Field::CPPTYPE_BOOL: {
            bool flag = false;
            if (field.is_repeated() || value.get(flag) != simdjson::SUCCESS) return false;
            reflection.SetBool(&message, &field, flag);
            return true;
        }
        case Field::CPPTYPE_ENUM: {
            std::string_view text;
            if (field.is_repeated() || value.get(text) != simdjson::SUCCESS) return false;
            const auto* number = field.enum_type()->FindValueByName(std::string(text));
            if (number == nullptr) return false;
            reflection.SetEnum(&message, &field, number);
            return true;
        }
        case Field::CPPTYPE_MESSAGE:
            return read_message(value, field.is_repeated() ? *reflection.AddMessage(&message, &field)
                                                           : *reflection.MutableMessage(&message, &field));
        default:
            return false;
    }
}

bool read_object(const dom::object& object, pb::Message& message) {
    std::uint64_t seen = 0;  // by field number, all of which are small
    for (const auto entry : object) {
        const Field* field = message.GetDescriptor()->FindFieldByName(std::string(entry.key));
        if (field == nullptr || field->number() >= 64 || field->is_map()) return false;
        const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(field->number());
        if ((seen & bit) != 0) return false;
        seen |= bit;
        if (!field->is_repeated()) {
            if (!read_value(entry.value, message, *field)) return false;
            continue;
        }
        dom::array array;
        if (entry.value.get(array) != simdjson::SUCCESS) return false;
        for (const dom::element element : array) {
            if (!read_value(element, message, *field)) return false;
        }
    }
    return true;
}

}  // namespace

bool read_plain_json(std::string_view json, pb::Message& message) {
    // One parser a thread: it keeps its buffers from document to document.
    thread_local dom::parser parser;
    dom::object root;
    if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return false;
    return read_object(root, message);
}

}  // namespace bgm
