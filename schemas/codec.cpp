#include "schemas/codec.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/wire_format_lite.h>

#include <array>

#include <nlohmann/json.hpp>

#include "schemas/json_text.hpp"
#include "schemas/plain_json.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

namespace pb = google::protobuf;

constexpr std::size_t kMessageMax = 200;
// Stands in for a byte that is not UTF-8 while the field that holds it is looked for. A noncharacter: no text
// has it.
constexpr std::string_view kBadByte = "\xEF\xB7\x90";

Error invalid(std::string field, std::string message) {
    return Error{
        .code = ErrorCode::invalid_argument, .message = std::move(message), .field = std::move(field)};
}

std::string joined(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "." + name;
}

// The path of the first string that contains `needle`.
std::string field_containing(const pb::Message& message, std::string_view needle, const std::string& path) {
    std::vector<const pb::FieldDescriptor*> fields;
    const auto* reflection = message.GetReflection();
    reflection->ListFields(message, &fields);
    for (const auto* field : fields) {
        const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
        for (int i = 0; i < count; ++i) {
            std::string here = joined(path, field->name());
            if (field->is_repeated()) here += "[" + std::to_string(i) + "]";
            if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
                std::string scratch;
                const auto& value = field->is_repeated()
                                        ? reflection->GetRepeatedStringReference(message, field, i, &scratch)
                                        : reflection->GetStringReference(message, field, &scratch);
                if (value.find(needle) != std::string::npos) return here;
            } else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
                const auto& child = field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                                         : reflection->GetMessage(message, field);
                if (auto found = field_containing(child, needle, here); !found.empty()) return found;
            }
        }
    }
    return {};
}

Error json_not_utf8(std::string_view json) {
    std::string patched;
    while (!json.empty()) {
        std::size_t length = 1;
        while (length <= 4 && length <= json.size() && !valid_utf8(json.substr(0, length)))
            ++length;
        if (length <= 4 && length <= json.size()) {
            patched += json.substr(0, length);
            json.remove_prefix(length);
        } else {
            patched += kBadByte;
            json.remove_prefix(1);
        }
    }
    v1::Post post;
    std::string field;
    if (pb::util::JsonStringToMessage(patched, &post).ok()) field = field_containing(post, kBadByte, "");
    return invalid(field.empty() ? "post" : field, "is not valid UTF-8");
}

// Looks for a string field that is not UTF-8 in a message that the parser refused for it.
std::string wire_field_not_utf8(const pb::UnknownFieldSet& wire, const pb::Descriptor& type,
                                const std::string& path) {
    std::map<int, int> seen;
    for (int i = 0; i < wire.field_count(); ++i) {
        const auto& entry = wire.field(i);
        const auto* field = type.FindFieldByNumber(entry.number());
        if (field == nullptr || entry.type() != pb::UnknownField::TYPE_LENGTH_DELIMITED) continue;
        std::string here = joined(path, field->name());
        if (field->is_repeated()) here += "[" + std::to_string(seen[entry.number()]++) + "]";
        if (field->type() == pb::FieldDescriptor::TYPE_STRING && !valid_utf8(entry.length_delimited()))
            return here;
        if (field->type() == pb::FieldDescriptor::TYPE_MESSAGE) {
            pb::UnknownFieldSet child;
            if (!child.ParseFromString(entry.length_delimited())) continue;
            if (auto found = wire_field_not_utf8(child, *field->message_type(), here); !found.empty())
                return found;
        }
    }
    return {};
}

// The library says "(assets[0].kind): invalid value ..." or "(context) zz: Cannot find field.".
Error from_library_message(std::string_view text) {
    std::string field;
    if (text.starts_with("(")) {
        const auto close = text.find(')');
        if (close != std::string_view::npos) {
            field = text.substr(1, close - 1);
            text.remove_prefix(close + 1);
        }
    }
    const auto colon = text.find(": ");
    if (colon != std::string_view::npos && text.substr(colon + 2).starts_with("Cannot find field")) {
        std::string_view unknown = text.substr(0, colon);
        while (unknown.starts_with(' '))
            unknown.remove_prefix(1);
        return invalid(joined(field, std::string(truncate_utf8(unknown, kMessageMax))),
                       "is not a field of this message");
    }
    while (text.starts_with(':') || text.starts_with(' '))
        text.remove_prefix(1);
    const auto line = truncate_utf8(text.substr(0, text.find('\n')), kMessageMax);
    return invalid(field.empty() ? "post" : field, "malformed JSON: " + std::string(line));
}

}  // namespace

std::optional<WireFormat> wire_format(std::string_view frame) {
    for (WireFormat format : {WireFormat::json, WireFormat::protobuf}) {
        if (frame == header_frame(format)) return format;
    }
    return std::nullopt;
}

std::string_view header_frame(WireFormat format) {
    return format == WireFormat::json ? "BGM1/json" : "BGM1/protobuf";
}

Status from_json(std::string_view json, pb::Message& message) {
    const auto status = pb::util::JsonStringToMessage({json.data(), json.size()}, &message);
    if (status.ok()) return ok_status();
    return from_library_message({status.message().data(), status.message().size()});
}

Result<v1::Post> decode_post(WireFormat format, std::string_view bytes) {
    v1::Post post;
    if (format == WireFormat::json) {
        if (read_plain_json(bytes, post)) return post;
        post.Clear();
        if (!valid_utf8(bytes)) return json_not_utf8(bytes);
        if (auto parsed = from_json(bytes, post); !parsed) return parsed.error();
        return post;
    }
    // The library logs a line for every string that is not UTF-8; a stranger must not be able to fill our
    // log.
    const pb::LogSilencer silence;
    if (post.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return post;
    pb::UnknownFieldSet wire;
    if (wire.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        if (auto field = wire_field_not_utf8(wire, *v1::Post::descriptor(), ""); !field.empty()) {
            return invalid(field, "is not valid UTF-8");
        }
    }
    return invalid("post", "is not a protobuf message of type bgm.v1.Post");
}

std::string encode_post(v1::Post& post) {
    using pb::internal::WireFormatLite;
    std::string text;
    text.swap(*post.mutable_text());
    std::string bytes = post.SerializeAsString();
    if (text.empty()) return bytes;
    // The fields before it are strings, in the order of their numbers; what the library does not know comes
    // last.
    pb::io::CodedInputStream fields(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                    static_cast<int>(bytes.size()));
    std::size_t before = 0;
    while (const std::uint32_t tag = fields.ReadTag()) {
        if (WireFormatLite::GetTagFieldNumber(tag) > v1::Post::kTextFieldNumber ||
            WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED ||
            !WireFormatLite::SkipField(&fields, tag))
            break;
        before = static_cast<std::size_t>(fields.CurrentPosition());
    }
    std::array<std::uint8_t, 16> head{};
    std::uint8_t* end = WireFormatLite::WriteTagToArray(
        v1::Post::kTextFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, head.data());
    end = pb::io::CodedOutputStream::WriteVarint64ToArray(text.size(), end);
    std::string whole;
    whole.reserve(bytes.size() + head.size() + text.size());
    whole.append(bytes, 0, before)
        .append(reinterpret_cast<const char*>(head.data()), static_cast<std::size_t>(end - head.data()))
        .append(text)
        .append(bytes, before);
    text.swap(*post.mutable_text());
    return whole;
}

std::string encode_ack(WireFormat format, const v1::Ack& ack) {
    if (format == WireFormat::protobuf) return ack.SerializeAsString();
    if (!ack.has_error() && ack.retry_after_ms() == 0) {
        // Nearly every ack: written by hand, because the library's printer costs intake more than the post's
        // own commit. The fields and their order are the library's.
        using nlohmann::json;
        std::string text = "{\"post_id\":";
        text += json_line(json(ack.post_id()));
        text += ",\"status\":\"" + v1::Ack::Status_Name(ack.status()) + "\"";
        if (ack.revision() != 0) text += ",\"revision\":" + std::to_string(ack.revision());
        return text + "}";
    }
    pb::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string json;
    (void)pb::util::MessageToJsonString(ack, &json, options);
    return json;
}

std::string to_json(const pb::Message& message) {
    pb::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    options.always_print_primitive_fields = true;
    std::string json;
    (void)pb::util::MessageToJsonString(message, &json, options);
    return json;
}

}  // namespace bgm
