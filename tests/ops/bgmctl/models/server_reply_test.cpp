// What a server says of a file is taken from where it may say so, and never from what only looks like it.
#include "ops/bgmctl/models/server_reply.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace bgm {
namespace {

const std::string kSha256(64, 'a');
const std::string kBlob(40, 'b');

ServerReply reply(bool from_home, std::initializer_list<std::string> lines) {
    ServerReply made(from_home);
    for (const std::string& line : lines)
        made.take_line(line + "\r\n");
    return made;
}

TEST(ServerReply, KnowsFilesThatAreKeptElsewhere) {
    ServerReply found = reply(true, {"HTTP/2 302", "X-Linked-ETag: \"" + kSha256 + "\"", "X-LINKED-SIZE: 7",
                                     "ETag: \"" + kBlob + "\"", "Content-Length: 99"});
    EXPECT_EQ(found.digest(), kSha256);
    EXPECT_EQ(found.file_bytes(), 7U);
    EXPECT_FALSE(found.redirects()) << "not before it is known where to";
    found.redirect_to("https://store/x");
    EXPECT_TRUE(found.redirects());
    EXPECT_FALSE(found.has_file());
}

TEST(ServerReply, KnowsFilesThatAreSentAtOnce) {
    const ServerReply found =
        reply(true, {"HTTP/1.1 200 OK", "etag:W/\"" + kBlob + "\"", "content-length: 12"});
    EXPECT_EQ(found.digest(), kBlob);
    EXPECT_EQ(found.file_bytes(), 12U);
    EXPECT_TRUE(found.has_file());
    EXPECT_EQ(found.strong_version(), "") << "a weak one may stand for other bytes";
}

TEST(ServerReply, TakesNoDigestFromAStore) {
    const ServerReply found =
        reply(false, {"HTTP/1.1 200 OK", "ETag: \"" + kBlob + "\"", "Content-Length: 12",
                      "X-Linked-Etag: \"" + kSha256 + "\"", "X-Linked-Size: 7"});
    EXPECT_EQ(found.digest(), "");
    EXPECT_EQ(found.file_bytes(), 12U);
    EXPECT_EQ(found.strong_version(), "\"" + kBlob + "\"");
}

TEST(ServerReply, APartSaysNothingOfTheWhole) {
    const ServerReply found =
        reply(true, {"HTTP/1.1 206 Partial Content", "Content-Length: 12", "Content-Range: bytes 5-16/17"});
    EXPECT_FALSE(found.file_bytes());
    EXPECT_EQ(found.header("content-range"), "bytes 5-16/17");
}

TEST(ServerReply, AnInterimAnswerIsForgotten) {
    const ServerReply found =
        reply(true, {"HTTP/1.1 103 Early Hints", "X-Linked-Size: 7", "", "HTTP/1.1 404 Not Found"});
    EXPECT_EQ(found.status(), 404);
    EXPECT_FALSE(found.file_bytes());
}

TEST(ServerReply, NonsenseIsNoAnswer) {
    ServerReply found = reply(true, {"HTTP/1.1", "HTTP/", "HTTP/9 abc", ":", "no colon", "etag", "etag: \"",
                                     "content-length: 12 or so", "x-linked-size: -1"});
    EXPECT_EQ(found.status(), 0);
    EXPECT_EQ(found.digest(), "");
    EXPECT_FALSE(found.file_bytes());
    for (int i = 0; i < 10'000; ++i)
        found.take_line("a" + std::to_string(i) + ": b");
    EXPECT_EQ(found.header("a9999"), "") << "no end of headers is kept";
}

}  // namespace
}  // namespace bgm
