// The parts of a form, as browsers and curl write them; and what is refused of what others do.
#include "daemon/gateway/multipart_reader.hpp"

#include <gmock/gmock.h>

namespace bgm::gateway {
namespace {

const std::string kHead = "Content-Disposition: form-data; name=\"a\"\r\n";

TEST(MultipartReader, ReadsWhatCurlWrites) {
    const std::string body = "--B\r\n" + kHead +
                             "Content-Type: application/json; charset=utf-8\r\n\r\n{}\r\n"
                             "--B\r\nContent-Disposition: form-data; name=\"p \\\"q\"; "
                             "filename=\"\xed\x95\x9c.jpg\"\r\n\r\n\r\n--\r\n-\r\n\r\n--B--\r\n";
    const auto parts = read_multipart(body, "B").value();
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].name, "a");
    EXPECT_EQ(parts[0].type, "application/json");
    EXPECT_EQ(parts[0].bytes, "{}");
    EXPECT_FALSE(parts[0].file_name);
    EXPECT_EQ(parts[1].name, "p \"q");
    EXPECT_EQ(*parts[1].file_name, "\xed\x95\x9c.jpg");
    EXPECT_EQ(parts[1].bytes, "\r\n--\r\n-\r\n") << "line ends within belong to the file";
    EXPECT_EQ(read_multipart("--B\r\n" + kHead + "\r\n\r\n--B--", "B").value()[0].bytes, "");
}

TEST(MultipartReader, NamesThePartThatIsWrong) {
    struct Case {
        std::string body, field;
    };
    for (const Case& each : std::vector<Case>{
             {"", "body"},
             {"x--B\r\n", "body"},
             {"--B--", "body"},
             {"--B\r\n" + kHead + "\r\nx", "a"},
             {"--B\r\n" + kHead + "\r\nx\r\n--B--trailing", "body"},
             {"--B\r\n" + kHead, "part 1"},
             {"--B\r\nX: y\r\n\r\nx\r\n--B--", "part 1"},
             {"--B\r\n" + kHead + kHead + "\r\nx\r\n--B--", "part 1"},
             {"--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--", "part 1"},
             {"--B\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nx\r\n--B--", "part 1"},
             {"--B\r\n" + kHead + "Content-Transfer-Encoding: base64\r\n\r\nx\r\n--B--", "part 1"},
             {"--B\r\n" + kHead + "X: " + std::string(5000, 'x') + "\r\n\r\nx\r\n--B--", "part 1"},
             {"--B\r\n" + kHead + "\r\nx\r\n--Bx\r\n", "part 2"}})
        EXPECT_EQ(read_multipart(each.body, "B").error().field, each.field) << each.body;
    std::string many;
    for (int i = 0; i < 65; ++i)
        many += "--B\r\n" + kHead + "\r\nx\r\n";
    EXPECT_EQ(read_multipart(many + "--B--", "B").error().code, ErrorCode::too_large);
}

TEST(MultipartReader, FindsTheBoundary) {
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=abc").value(), "abc");
    EXPECT_EQ(multipart_boundary("multipart/form-data; charset=x; Boundary=\"a b\"").value(), "a b");
    for (const char* bad :
         {"multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a",
          "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary=\"a\r\nb\""})
        EXPECT_FALSE(multipart_boundary(bad)) << bad;
    EXPECT_FALSE(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'b')));
}

}  // namespace
}  // namespace bgm::gateway
