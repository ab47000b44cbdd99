// Posts as protobuf, and the header frame that announces them.
#include "tests/fuzz/judge_post.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    const std::string_view bytes = fuzz::as_text(data, size);
    (void)wire_format(bytes);
    fuzz::judge_post(decode_post(WireFormat::protobuf, bytes));
    return 0;
}
