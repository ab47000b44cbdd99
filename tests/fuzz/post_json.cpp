// Posts as JSON: the general decoder, the fast one, and that both read the same.
#include <google/protobuf/util/message_differencer.h>

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
    fuzz::judge_post(decode_post(WireFormat::json, json));
    return 0;
}
