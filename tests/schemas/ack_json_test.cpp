// Acks are written by hand where speed matters: what is written must be what the library would have written.
#include <gtest/gtest.h>

#include "schemas/codec.hpp"

namespace bgm {
namespace {

v1::Ack ack(const std::string& post_id, v1::Ack::Status status, std::uint32_t revision) {
    v1::Ack made;
    made.set_post_id(post_id);
    made.set_status(status);
    made.set_revision(revision);
    return made;
}

TEST(AckJson, IsTheMappingOfTheMessage) {
    v1::Ack rejected = ack("p", v1::Ack::REJECTED, 0);
    rejected.mutable_error()->set_field("text");
    v1::Ack busy = ack("p", v1::Ack::BUSY, 0);
    busy.set_retry_after_ms(250);
    for (const v1::Ack& made : {ack("p-1", v1::Ack::ACCEPTED, 1),
                                ack("p-1", v1::Ack::DUPLICATE, 4'000'000'000U), ack("", v1::Ack::ACCEPTED, 0),
                                ack("바다 \"quoted\" \\ / \x7F 🌊", v1::Ack::ACCEPTED, 2), rejected, busy}) {
        const std::string json = encode_ack(WireFormat::json, made);
        v1::Ack read;
        ASSERT_TRUE(from_json(json, read)) << json;
        EXPECT_EQ(read.SerializeAsString(), made.SerializeAsString()) << json;
    }
    EXPECT_EQ(encode_ack(WireFormat::json, ack("p-1", v1::Ack::ACCEPTED, 1)),
              R"({"post_id":"p-1","status":"ACCEPTED","revision":1})");
}

}  // namespace
}  // namespace bgm
