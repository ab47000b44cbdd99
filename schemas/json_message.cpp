#include "schemas/json_message.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "schemas/plain_json.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;
using nlohmann::json;

constexpr std::size_t kMessageMax = 200;
// Stands in for a byte that is not UTF-8 while the field that holds it is looked for. A noncharacter: no text
// has it.
constexpr std::string_view kBadByte = "\xEF\xB7\x90";

Error invalid(std::string field, std::string message) {
    return Error{
        .code = ErrorCode::invalid_argument, .message = std::move(message), .field = std::move(field)};
}

// "LIVE or BACKFILL"; what only stands for nothing said is left out.
std::string names_of(const pb::EnumDescriptor& type) {
    std::vector<std::string> names;
    for (int i = 0; i < type.value_count(); ++i) {
        if (!type.value(i)->name().ends_with("UNSPECIFIED")) names.push_back(type.value(i)->name());
    }
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
    return text;
}

std::string expected_of_one(const Field& field) {
    switch (field.cpp_type()) {
        case Field::CPPTYPE_STRING:
            return "must be a string";
        case Field::CPPTYPE_BOOL:
            return "must be true or false";
        case Field::CPPTYPE_ENUM:
            return "must be " + names_of(*field.enum_type());
        case Field::CPPTYPE_MESSAGE:
            return field.message_type() == pb::Timestamp::descriptor()
                       ? "must be a time such as \"2026-11-20T09:00:00Z\""
                       : "must be an object";
        case Field::CPPTYPE_UINT32:
            return "must be a whole number, 0 to 4294967295";
        default:
            return "must be a number";
    }
}

bool is_uint32(const json& value) {
    constexpr double kMost = std::numeric_limits<std::uint32_t>::max();
    if (value.is_string()) return true;  // the library reads it
    if (!value.is_number()) return false;
    const auto number = value.get<double>();
    return number >= 0 && number <= kMost &&
           number == static_cast<double>(static_cast<std::uint32_t>(number));
}

bool is_enum(const json& value, const pb::EnumDescriptor& type) {
    constexpr double kMost = std::numeric_limits<std::int32_t>::max();
    if (value.is_number()) {
        const auto number = value.get<double>();
        return number >= -kMost && number <= kMost &&
               number == static_cast<double>(static_cast<std::int32_t>(number));
    }
    return value.is_string() && type.FindValueByName(value.get_ref<const std::string&>()) != nullptr;
}

Status judge_object(const json& object, const pb::Descriptor& type, const std::string& path);

Status judge_one(const json& value, const Field& field, const std::string& path) {
    bool fits = true;
    switch (field.cpp_type()) {
        case Field::CPPTYPE_STRING:
            fits = value.is_string();
            break;
        case Field::CPPTYPE_BOOL:
            fits = value.is_boolean();
            break;
        case Field::CPPTYPE_UINT32:
            fits = is_uint32(value);
            break;
        case Field::CPPTYPE_ENUM:
            fits = is_enum(value, *field.enum_type());
            break;
        case Field::CPPTYPE_MESSAGE:
            if (field.message_type() == pb::Timestamp::descriptor()) {
                fits = value.is_string();
            } else if (value.is_object()) {
                return judge_object(value, *field.message_type(), path);
            } else {
                fits = false;
            }
            break;
        default:
            break;  // left to the library
    }
    return fits ? ok_status() : Status(invalid(path, expected_of_one(field)));
}

Status judge_field(const json& value, const Field& field, const std::string& path) {
    if (value.is_null() || field.is_map()) return ok_status();
    if (!field.is_repeated()) return judge_one(value, field, path);
    if (!value.is_array()) return invalid(path, "must be a list");
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (auto judged = judge_one(value[i], field, path + "[" + std::to_string(i) + "]"); !judged)
            return judged;
    }
    return ok_status();
}

const Field* find_field(const pb::Descriptor& type, const std::string& name) {
    if (const Field* field = type.FindFieldByName(name)) return field;
    for (int i = 0; i < type.field_count(); ++i) {
        if (type.field(i)->json_name() == name) return type.field(i);
    }
    return nullptr;
}

Status judge_object(const json& object, const pb::Descriptor& type, const std::string& path) {
    std::set<const Field*> seen;
    for (const auto& [name, value] : object.items()) {
        const Field* field = find_field(type, name);
        if (field == nullptr) return invalid(joined_path(path, name), "is not a field of this message");
        const std::string here = joined_path(path, field->name());
        if (!seen.insert(field).second) return invalid(here, "stands twice");
        if (auto judged = judge_field(value, *field, here); !judged) return judged;
    }
    return ok_status();
}

// The field at the end of "assets[1].kind"; null where there is none.
const Field* field_at(std::string_view path, const pb::Descriptor* type) {
    const Field* field = nullptr;
    while (!path.empty()) {
        if (type == nullptr) return nullptr;
        const std::string_view step = path.substr(0, path.find('.'));
        path.remove_prefix(std::min(path.size(), step.size() + 1));
        field = find_field(*type, std::string(step.substr(0, step.find('['))));
        if (field == nullptr) return nullptr;
        type = field->message_type();
    }
    return field;
}

// The path of the first string that contains `needle`.
std::string field_containing(const pb::Message& message, std::string_view needle, const std::string& path) {
    std::vector<const Field*> fields;
    const auto* reflection = message.GetReflection();
    reflection->ListFields(message, &fields);
    for (const auto* field : fields) {
        const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
        for (int i = 0; i < count; ++i) {
            std::string here = joined_path(path, field->name());
            if (field->is_repeated()) here += "[" + std::to_string(i) + "]";
            if (field->cpp_type() == Field::CPPTYPE_STRING) {
                std::string scratch;
                const auto& value = field->is_repeated()
                                        ? reflection->GetRepeatedStringReference(message, field, i, &scratch)
                                        : reflection->GetStringReference(message, field, &scratch);
                if (value.find(needle) != std::string::npos) return here;
            } else if (field->cpp_type() == Field::CPPTYPE_MESSAGE) {
                const auto& child = field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                                         : reflection->GetMessage(message, field);
                if (auto found = field_containing(child, needle, here); !found.empty()) return found;
            }
        }
    }
    return {};
}

}  // namespace

Status judge_json(const json& document, const pb::Descriptor& type, const std::string& path,
                  const std::string& whole) {
    if (!document.is_object()) return invalid(path.empty() ? whole : path, "must be an object");
    return judge_object(document, type, path);
}

// "(assets[0].kind): invalid value ..." or "(context) zz: Cannot find field.".
Error reworded(std::string_view text, const pb::Descriptor& type, const std::string& whole) {
    std::string path;
    if (text.starts_with("(")) {
        const auto close = text.find(')');
        if (close != std::string_view::npos) {
            path = text.substr(1, close - 1);
            text.remove_prefix(close + 1);
        }
    }
    const auto colon = text.find(": ");
    if (colon != std::string_view::npos && text.substr(colon + 2).starts_with("Cannot find field")) {
        std::string_view unknown = text.substr(0, colon);
        while (unknown.starts_with(' '))
            unknown.remove_prefix(1);
        return invalid(joined_path(path, unknown), "is not a field of this message");
    }
    if (const Field* field = field_at(path, &type); field != nullptr)
        return invalid(
            path, field->is_repeated() && !path.ends_with(']') ? "must be a list" : expected_of_one(*field));
    while (text.starts_with(':') || text.starts_with(' '))
        text.remove_prefix(1);
    const auto line = truncate_utf8(text.substr(0, text.find('\n')), kMessageMax);
    return invalid(path.empty() ? whole : path, "malformed JSON: " + std::string(line));
}

std::optional<JsonFault> read_strict_message(std::string_view text, pb::Message& message,
                                             const std::string& whole) {
    if (read_plain_json(text, message)) return std::nullopt;
    message.Clear();
    if (!valid_utf8(text)) return JsonFault{.error = not_utf8(text, message, whole), .malformed = true};
    auto read = read_strict_json(text, whole);
    if (auto* fault = std::get_if<JsonFault>(&read)) return std::move(*fault);
    if (auto judged = judge_json(std::get<json>(read), *message.GetDescriptor(), "", whole); !judged)
        return JsonFault{.error = judged.error()};
    const auto status = pb::util::JsonStringToMessage({text.data(), text.size()}, &message);
    if (status.ok()) return std::nullopt;
    return JsonFault{.error = reworded({status.message().data(), status.message().size()},
                                       *message.GetDescriptor(), whole)};
}

Error not_utf8(std::string_view text, const pb::Message& prototype, const std::string& whole) {
    std::string patched;
    while (!text.empty()) {
        std::size_t length = 1;
        while (length <= 4 && length <= text.size() && !valid_utf8(text.substr(0, length)))
            ++length;
        if (length <= 4 && length <= text.size()) {
            patched += text.substr(0, length);
            text.remove_prefix(length);
        } else {
            patched += kBadByte;
            text.remove_prefix(1);
        }
    }
    const std::unique_ptr<pb::Message> message(prototype.New());
    std::string field;
    if (pb::util::JsonStringToMessage(patched, message.get()).ok())
        field = field_containing(*message, kBadByte, "");
    return invalid(field.empty() ? whole : field, "is not valid UTF-8");
}

}  // namespace bgm
