// Posts as JSON: the general decoder, the fast one, the strict one, and that all read the same.
#include <google/protobuf/util/message_differencer.h>

#include "schemas/json_message.hpp"
#include "schemas/plain_json.hpp"
#include "tests/fuzz/judge_post.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    const std::string_view json = fuzz::as_text(data, size);
    (void)wire_format(json);
    v1::Post plain;
    if (read_plain_json(json, plain)) {
        v1::Post general;
        fuzz::require(from_json(json, general).ok(),
                      "what the fast decoder reads is JSON to the general one");
        fuzz::require(google::protobuf::util::MessageDifferencer::Equals(plain, general),
                      "both decoders read the same");
    }
    v1::Post strict;
    auto lenient = decode_post(WireFormat::json, json);
    if (const auto fault = read_strict_message(json, strict, "post")) {
        fuzz::require(!fault->error.message.empty() && !fault->error.field.empty(), "a fault is named");
        fuzz::require(valid_utf8(fault->error.to_string()), "a reason is UTF-8");
    } else {
        fuzz::require(lenient.ok() && google::protobuf::util::MessageDifferencer::Equals(strict, *lenient),
                      "what is strict JSON is read alike by all");
    }
    fuzz::judge_post(std::move(lenient));
    return 0;
}
