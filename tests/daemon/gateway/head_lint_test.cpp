// Every form by which two readers of HTTP could be made to disagree is refused; what browsers and curl send
// is not.
#include "daemon/gateway/head_lint.hpp"

#include <gmock/gmock.h>

#include "daemon/gateway/request_parser.hpp"
#include "daemon/gateway/request_target.hpp"

namespace bgm::gateway {
namespace {

std::string head(const std::string& fields, const std::string& line = "POST /v1/posts HTTP/1.1") {
    return line + "\r\nHost: h:80\r\n" + fields + "\r\n";
}

TEST(HeadLint, LetsUsualHeadsPass) {
    for (const std::string& good :
         {head(""), head("Content-Length: 0\r\n"), head("Transfer-Encoding: Chunked\r\n"),
          head("Content-Length:5\r\nX-Empty:\r\nCookie: a=b; c=\"d\"\r\n"), head("Expect: 100-continue\r\n"),
          head("X: \xed\x95\x9c\r\n"), head("", "GET /a?b=%20&c=+ HTTP/1.0"),
          head("", "GET http://h:80/ HTTP/1.1"), std::string("GET / HTTP/1.0\r\n\r\n")}) {
        EXPECT_FALSE(lint_head(good)) << good << lint_head(good)->message;
        RequestParser parser;
        EXPECT_FALSE(parser.put_head(good)) << good;
    }
}

TEST(HeadLint, RefusesFormsOfSmuggling) {
    struct Case {
        std::string head;
        int status = 400;
        std::string field{};
    };
    const std::vector<Case> cases{
        {head("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400, "Transfer-Encoding"},
        {head("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400, "Transfer-Encoding"},
        {head("Content-Length: 5\r\nContent-Length: 5\r\n"), 400, "Content-Length"},
        {head("Content-Length: 5, 5\r\n"), 400, "Content-Length"},
        {head("Content-Length: +5\r\n"), 400, "Content-Length"},
        {head("Content-Length: -5\r\n"), 400, "Content-Length"},
        {head("Content-Length: 0x5\r\n"), 400, "Content-Length"},
        {head("Content-Length: 5 5\r\n"), 400, "Content-Length"},
        {head("Content-Length:\r\n"), 400, "Content-Length"},
        {head("Content-Length: 99999999999999999999\r\n"), 413, "Content-Length"},
        {head("Content-Length : 5\r\n")},
        {head(" Content-Length: 5\r\n")},
        {head("X: a\r\n b\r\n")},
        {head("X: a\r\n\tb\r\n")},
        {head("Transfer-Encoding: xchunked\r\n"), 501, "Transfer-Encoding"},
        {head("Transfer-Encoding: gzip, chunked\r\n"), 501, "Transfer-Encoding"},
        {head("Transfer-Encoding: chunked, chunked\r\n"), 501, "Transfer-Encoding"},
        {head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400, "Transfer-Encoding"},
        {head("Transfer-Encoding: \x0b"
              "chunked\r\n"),
         400, "Transfer-Encoding"},
        {head("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0"), 400, "Transfer-Encoding"},
        {head("X: a\nY: b\r\n")},
        {head("X: a\rY: b\r\n")},
        {head(std::string("X: a\0b\r\n", 8))},
        {head("X: \x7f\r\n"), 400, "X"},
        {head("X Y: a\r\n")},
        {head(": a\r\n")},
        {head("no colon\r\n")},
        {head("Host: other\r\n"), 400, "Host"},
        {"GET / HTTP/1.1\r\n\r\n", 400, "Host"},
        {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "Host"},
        {"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400, "Host"},
        {head("Expect: 200-ok\r\n"), 417, "Expect"},
        {head("Authorization: a\r\nauthorization: b\r\n"), 400, "authorization"},
        {head("", "GET /")},
        {head("", "GET  / HTTP/1.1")},
        {head("", "GET / HTTP/1.1 ")},
        {head("", "GET / http/1.1")},
        {head("", "GET / HTTP/2.0"), 505},
        {head("", "GET /\xed\x95\x9c HTTP/1.1")},
        {head("", "GET /a\\b HTTP/1.1")},
        {head("", "GET /a#b HTTP/1.1")},
        {head("", "G(T / HTTP/1.1")},
    };
    for (const Case& each : cases) {
        const auto fault = lint_head(each.head);
        ASSERT_TRUE(fault) << each.head;
        EXPECT_EQ(fault->status, each.status) << each.head;
        EXPECT_EQ(fault->field, each.field) << each.head;
    }
    std::string many;
    for (int i = 0; i < 101; ++i)
        many += "X-" + std::to_string(i) + ": a\r\n";
    EXPECT_EQ(lint_head(head(many))->status, 431);
}

RequestTarget target_of(std::string_view text) {
    return std::get<RequestTarget>(RequestTarget::parse(text, "h"));
}

TEST(RequestTarget, IsTakenApartOnce) {
    const auto target = target_of("/v1/posts/p%2F1%252e?a=b%26c&d=+e");
    EXPECT_EQ(target.segments, (std::vector<std::string>{"v1", "posts", "p/1%2e"}));
    EXPECT_EQ(*target.parameter("a"), "b&c");
    EXPECT_EQ(*target.parameter("d"), " e");
    EXPECT_EQ(target_of("http://H/x").segments, (std::vector<std::string>{"x"}));
    EXPECT_EQ(target_of("/").segments, (std::vector<std::string>{""}));
}

TEST(RequestTarget, RefusesPathsThatMeanTwoThings) {
    for (const char* trick : {"/..",
                              "/../etc/passwd",
                              "/page/../v1",
                              "/page/%2e%2e/v1",
                              "/page/.%2E/x",
                              "/.",
                              "/a/./b",
                              "//evil",
                              "/a//b",
                              "/a%00b",
                              "/a%0d%0ab",
                              "/a%",
                              "/a%g0",
                              "/a%ff",
                              "*",
                              "a",
                              "http://other/",
                              "http://h",
                              "ftp://h/",
                              "/?a=%00",
                              "/?a=1&a=2",
                              "/?a=%ff"})
        EXPECT_TRUE(std::holds_alternative<TargetFault>(RequestTarget::parse(trick, "h"))) << trick;
}

TEST(RequestTarget, SaysWhatIsWrongAndWhereItStands) {
    struct Case {
        std::string target, field, in;
    };
    for (const Case& each : std::vector<Case>{{"/a%zz", "path", "path"},
                                              {"/a/../b", "path", "path"},
                                              {"http://other/", "Host", "header"},
                                              {"/a?limit=1&limit=2", "limit", "query"},
                                              {"/a?limit=1&l%69mit=2", "limit", "query"},
                                              {"/a?mood=%zz", "mood", "query"},
                                              {"/a?mood=%", "mood", "query"},
                                              {"/a?mood=%ff", "mood", "query"},
                                              {"/a?mood=%0a", "mood", "query"},
                                              {"/a?path=%zz", "path", "query"},
                                              {"/a?Host=%zz", "Host", "query"},
                                              {"/a?%zz=1", "query", "query"},
                                              {"/a?%ff=1", "query", "query"}}) {
        const auto parsed = RequestTarget::parse(each.target, "h");
        const auto* fault = std::get_if<TargetFault>(&parsed);
        ASSERT_NE(fault, nullptr) << each.target;
        EXPECT_EQ(fault->field, each.field) << each.target;
        EXPECT_EQ(fault->in, each.in) << each.target;
    }
}

TEST(RequestParser, PutsChunksTogetherAndHoldsThemToTheLimit) {
    const auto read = [](const std::string& body, std::uint64_t most = 100) {
        RequestParser parser;
        EXPECT_FALSE(parser.put_head(head("Transfer-Encoding: chunked\r\n")));
        parser.limit_body(most);
        std::string text;
        std::string left;
        // Byte by byte, as it could come.
        for (const char byte : body) {
            left += byte;
            const auto step = parser.put_body(left, [&](std::string_view piece) {
                text += piece;
                return true;
            });
            if (step.fault) return std::string(step.too_large ? "too large" : "fault");
            left.erase(0, step.consumed);
        }
        return parser.done() ? text : "unfinished";
    };
    EXPECT_EQ(read("5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n"), "hello world");
    EXPECT_EQ(read("0\r\n\r\n"), "");
    EXPECT_EQ(read("0\r\nTrailer: x\r\n\r\n"), "");
    EXPECT_EQ(read("5\r\nhello\r\n"), "unfinished");
    EXPECT_EQ(read("65\r\n"), "too large");
    EXPECT_EQ(read("60\r\n" + std::string(96, 'x') + "\r\n5\r\n"), "too large");
    for (const char* lie : {"5\n",
                            "5\r\nhelloo",
                            "5\r\nhello\n",
                            "5\r\nhello\rX",
                            "5\r\nhello\r\n\r\n",
                            "5\r\nhello\r\nx",
                            "5\r\nhello-",
                            "x",
                            "-",
                            "0x",
                            "5 \r\n",
                            "5;a\n",
                            "5\rh",
                            "10000000000000000\r\n",
                            "fffffffffffffffff",
                            "\r",
                            "\n",
                            "0\n",
                            "0\r\nTrailer: x\n",
                            "0\r\n\n"})
        EXPECT_EQ(read(lie), "fault") << lie << ": as soon as it can be nothing else";
    EXPECT_EQ(read("00000000000000000000005;a=\"b\"\r\nhello\r\n00\r\nT: x\r\nU: y\r\n\r\n"), "hello");
}

// Whoever forgets to compare the header with the limit is not given the bytes.
TEST(RequestParser, HoldsAContentLengthToTheLimitThatIsKnownBehindTheHead) {
    for (const std::size_t most : {4U, 5U}) {
        RequestParser parser;
        EXPECT_FALSE(parser.put_head(head("Content-Length: 5\r\n")));
        parser.limit_body(most);
        std::string text;
        const auto step = parser.put_body("hello", [&](std::string_view piece) {
            text += piece;
            return true;
        });
        EXPECT_EQ(step.too_large, most < 5);
        EXPECT_EQ(step.fault, most < 5);
        EXPECT_EQ(text, most < 5 ? "" : "hello");
    }
}

}  // namespace
}  // namespace bgm::gateway
