#include "schemas/codec.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/wire_format_lite.h>

#include <array>

#include <nlohmann/json.hpp>

#include "schemas/json_message.hpp"
#include "schemas/json_text.hpp"
#include "schemas/plain_json.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

namespace pb = google::protobuf;

Error invalid(std::string field, std::string message) {
    return Error{
        .code = ErrorCode::invalid_argument, .message = std::move(message), .field = std::move(field)};
}

// Looks for a string field that is not UTF-8 in a message that the parser refused for it.
std::string wire_field_not_utf8(const pb::UnknownFieldSet& wire, const pb::Descriptor& type,
                                const std::string& path) {
    std::map<int, int> seen;
    for (int i = 0; i < wire.field_count(); ++i) {
        const auto& entry = wire.field(i);
        const auto* field = type.FindFieldByNumber(entry.number());
        if (field == nullptr || entry.type() != pb::UnknownField::TYPE_LENGTH_DELIMITED) continue;
        std::string here = joined_path(path, field->name());
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
    // What is also no strict JSON is read all the same: clients of long ago may rely on it. Only where it
    // cannot be read is it judged as that, since the library seldom says which field is at fault.
    const std::string whole = "post";
    const auto strict = read_strict_json(json, whole);
    const auto* fault = std::get_if<JsonFault>(&strict);
    if (fault != nullptr && !fault->malformed) return fault->error;
    const pb::Descriptor& type = *message.GetDescriptor();
    if (fault == nullptr) {
        if (auto judged = judge_json(std::get<nlohmann::json>(strict), type, "", whole); !judged)
            return judged;
    }
    Error said = reworded({status.message().data(), status.message().size()}, type, whole);
    return said.field == whole && fault != nullptr ? fault->error : said;
}

Result<v1::Post> decode_post(WireFormat format, std::string_view bytes) {
    v1::Post post;
    if (format == WireFormat::json) {
        if (read_plain_json(bytes, post)) return post;
        post.Clear();
        if (!valid_utf8(bytes)) return not_utf8(bytes, post, "post");
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
