// What is said through the shared queues reads back, and nothing incomplete is taken for a message.
#include "daemon/queue/queue_message.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace bgm {
namespace {

v1::QueueMessage message(v1::QueueMessage::Kind kind) {
    v1::QueueMessage message;
    message.set_kind(kind);
    message.set_id(MessageIds().next(false));
    message.set_tenant("t");
    message.set_post_id("p");
    message.set_content_hash(std::string(32, 'h'));
    message.set_topic("pick.t");
    return message;
}

std::string refused_field(const v1::QueueMessage& message) {
    const auto read = read_queue_message(message.SerializeAsString());
    EXPECT_TRUE(read || read.error().code == ErrorCode::corrupt);
    return read ? "none" : read.error().field;
}

TEST(QueueMessageTest, ReadsEachKind) {
    for (const auto kind :
         {v1::QueueMessage::POST, v1::QueueMessage::RETRY, v1::QueueMessage::ERASE, v1::QueueMessage::EVENT})
        EXPECT_EQ(refused_field(message(kind)), "none") << kind;
}

TEST(QueueMessageTest, NamesTheFieldThatIsMissing) {
    for (const auto kind : {v1::QueueMessage::POST, v1::QueueMessage::RETRY}) {
        auto damaged = message(kind);
        damaged.mutable_id()->pop_back();
        EXPECT_EQ(refused_field(damaged), "id");
        damaged = message(kind);
        damaged.clear_tenant();
        EXPECT_EQ(refused_field(damaged), "tenant");
        damaged = message(kind);
        damaged.clear_post_id();
        EXPECT_EQ(refused_field(damaged), "post_id");
        damaged = message(kind);
        damaged.set_content_hash("short");
        EXPECT_EQ(refused_field(damaged), "content_hash");
    }
    auto event = message(v1::QueueMessage::EVENT);
    event.clear_topic();
    EXPECT_EQ(refused_field(event), "topic");
}

TEST(QueueMessageTest, AnErasureIsOfAPostOrOfAUser) {
    auto erasure = message(v1::QueueMessage::ERASE);
    erasure.set_user_id("u");
    EXPECT_EQ(refused_field(erasure), "post_id");
    erasure.clear_post_id();
    EXPECT_EQ(refused_field(erasure), "none");
    erasure.clear_user_id();
    EXPECT_EQ(refused_field(erasure), "post_id");
}

TEST(QueueMessageTest, RefusesKindsOfLaterVersions) {
    EXPECT_EQ(refused_field(message(v1::QueueMessage::UNKNOWN)), "kind");
    EXPECT_EQ(refused_field(message(static_cast<v1::QueueMessage::Kind>(77))), "kind");
}

TEST(QueueMessageTest, AFileInTheMediaFolderIsOfOneMessageOnly) {
    auto one = message(v1::QueueMessage::POST);
    for (int frame = 0; frame < 2; ++frame) {
        one.add_shared_media()->set_bytes(7);
        one.mutable_shared_media(frame)->set_sha256(std::string(32, 's'));
    }
    EXPECT_EQ(refused_field(one), "none");
    std::set<std::string> names;
    const auto note = [&](const v1::QueueMessage& each) {
        for (const NamedMedia& file : media_files(each)) {
            EXPECT_EQ(file.bytes, 7U);
            EXPECT_EQ(file.digest.size(), 32U);
            EXPECT_EQ(file.name.size(), 64U);
            EXPECT_EQ(file.name.find_first_not_of("0123456789abcdef"), std::string::npos);
            names.insert(file.name);
        }
    };
    note(one);
    note(one);
    EXPECT_EQ(names.size(), 2U);
    auto other = one;
    other.set_post_id("../../etc");
    note(other);
    other.set_tenant("t:..");
    note(other);
    other.set_id(std::string(16, 'i'));
    note(other);
    for (v1::SharedMedium& medium : *other.mutable_shared_media())
        medium.set_sha256(std::string(32, '/'));
    note(other);
    EXPECT_EQ(names.size(), 10U);
}

TEST(QueueMessageTest, RefusesFilesThatCannotBe) {
    auto damaged = message(v1::QueueMessage::POST);
    v1::SharedMedium& medium = *damaged.add_shared_media();
    medium.set_bytes(1);
    medium.set_sha256("short");
    EXPECT_EQ(refused_field(damaged), "shared_media");
    medium.set_sha256(std::string(32, 's'));
    medium.set_bytes(UINT64_MAX);
    EXPECT_EQ(refused_field(damaged), "shared_media.bytes");
    medium.set_bytes(1);
    damaged.add_media("bytes");
    EXPECT_EQ(refused_field(damaged), "shared_media");
}

TEST(QueueMessageTest, RefusesDamagedBytes) {
    EXPECT_EQ(read_queue_message("\x0a\xff").error().field, "message");
    const std::string whole = message(v1::QueueMessage::POST).SerializeAsString();
    std::minstd_rand chance(1);
    for (int round = 0; round < 2000; ++round) {
        std::string damaged = whole;
        damaged[chance() % damaged.size()] = static_cast<char>(chance());
        damaged.resize(chance() % (damaged.size() + 1));
        if (const auto read = read_queue_message(damaged); read && read->kind() != v1::QueueMessage::EVENT) {
            EXPECT_EQ(read->id().size(), kMessageIdBytes);
            EXPECT_FALSE(read->tenant().empty());
        }
    }
}

TEST(MessageIdsTest, SaysWhenAndOnWhichLine) {
    MessageIds ids;
    std::set<std::string> all;
    std::string last;
    for (int count = 0; count < 1000; ++count) {
        const std::string id = ids.next(count % 2 == 1);
        ASSERT_EQ(id.size(), kMessageIdBytes);
        EXPECT_EQ(line_of(id), count % 2);
        EXPECT_LE(last, std::string(stamp_of(id)));  // the clock of a test's machine may be set: not here
        last = std::string(stamp_of(id));
        all.insert(id);
    }
    EXPECT_EQ(all.size(), 1000U);
    EXPECT_EQ(last.substr(0, 2), std::string("\0\6", 2));  // microseconds since 1970, until 2041
}

TEST(QueueNamesTest, SpreadsPostsOverItsQueues) {
    const QueueNames names("pre", 12);
    EXPECT_EQ(names.posts(false, 3), "pre.live.3");
    EXPECT_EQ(names.posts(true, 11), "pre.backfill.11");
    EXPECT_TRUE(names.is_backfill("pre.backfill.11"));
    EXPECT_FALSE(names.is_backfill("pre.live.3"));
    EXPECT_EQ(names.dead(), "pre.dead");
    EXPECT_EQ(names.events(), "pre.events");
    EXPECT_EQ(names.host("a.b"), "pre.host.a.b");
    std::set<int> used;
    for (int post = 0; post < 300; ++post)
        used.insert(names.partition("t", "p" + std::to_string(post)));
    EXPECT_EQ(used.size(), 12U);
    EXPECT_EQ(*used.begin(), 0);
    EXPECT_EQ(*used.rbegin(), 11);
    EXPECT_EQ(names.partition("t", "p1"), QueueNames("other", 12).partition("t", "p1"));
}

}  // namespace
}  // namespace bgm
