// Lines come out alike from a plain, a gzip and a zstd file; damage and endless lines cost no memory; reading
// can begin in the middle.
#include "ops/bgmctl/input/ndjson_reader.hpp"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>

#include "tests/ops/bgmctl/temporary_folder.hpp"

namespace bgm {
namespace {

std::string gzip(const std::string& bytes) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string packed(deflateBound(&stream, bytes.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

std::string zstd(const std::string& bytes) {
    const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);  // as the zstd program does
    std::string packed(ZSTD_compressBound(bytes.size()), '\0');
    packed.resize(ZSTD_compress2(context.get(), packed.data(), packed.size(), bytes.data(), bytes.size()));
    return packed;
}

/// "1:first", "2:second" ... and "3:TOO LONG"; an error's code at its place.
std::vector<std::string> lines_of(const std::string& path, std::size_t bytes_max = 1 << 20,
                                  std::uint64_t lines_done = 0, std::uint64_t offset = 0) {
    auto reader = NdjsonReader::open(path, bytes_max, lines_done, offset);
    if (!reader) return {std::string(name(reader.error().code))};
    std::vector<std::string> lines;
    while (true) {
        auto line = reader->next();
        if (!line) {
            lines.emplace_back(name(line.error().code));
            return lines;
        }
        if (!*line) return lines;
        lines.push_back(std::to_string((*line)->number) + ":" +
                        ((*line)->too_long ? "TOO LONG" : (*line)->text));
    }
}

std::string many_lines() {
    std::string text;
    for (int i = 0; i < 50'000; ++i) {
        text += "{\"post_id\": \"p-" + std::to_string(i) + "\"}\n";
    }
    return text;
}

TEST(NdjsonReader, ReadsPlainGzipAndZstdAlike) {
    const TemporaryFolder folder;
    const std::string text = many_lines();
    const auto plain = lines_of(folder.write("a.ndjson", text));
    ASSERT_EQ(plain.size(), 50'000u);
    EXPECT_EQ(plain[41'999], "42000:{\"post_id\": \"p-41999\"}");
    EXPECT_EQ(lines_of(folder.write("b.ndjson.gz", gzip(text))), plain);
    EXPECT_EQ(lines_of(folder.write("c.ndjson.zst", zstd(text))), plain);
    EXPECT_EQ(lines_of(folder.write("misnamed.txt", gzip(text))), plain)
        << "the content decides, not the name";
}

TEST(NdjsonReader, ReadsSeveralMembersOneAfterTheOther) {
    // That is what `cat a.gz b.gz` and log rotation make.
    const TemporaryFolder folder;
    const std::vector<std::string> expected{"1:a", "2:bc", "3:d"};
    EXPECT_EQ(lines_of(folder.write("a.gz", gzip("a\nb") + gzip("c\nd\n"))), expected);
    EXPECT_EQ(lines_of(folder.write("a.zst", zstd("a\nb") + zstd("c\nd\n"))), expected);
}

TEST(NdjsonReader, TakesLineEndsAsPeopleHaveThem) {
    const TemporaryFolder folder;
    EXPECT_EQ(lines_of(folder.write("a", "\xef\xbb\xbf{1}\r\n\n  \t\n{4}")),
              (std::vector<std::string>{"1:{1}", "4:{4}"}));
    EXPECT_EQ(lines_of(folder.write("torn.gz", gzip("{1}\r") + gzip("\n{2}\r\n"))),
              (std::vector<std::string>{"1:{1}", "2:{2}"}))
        << "a member may end inside CRLF";
    EXPECT_EQ(lines_of(folder.write("joined.gz", gzip("\xef\xbb\xbf{1}\n") + gzip("\xef\xbb\xbf{2}\n"))),
              (std::vector<std::string>{"1:{1}", "2:{2}"}));
    EXPECT_TRUE(lines_of(folder.write("empty", "")).empty());
    EXPECT_TRUE(lines_of(folder.write("blank", "\n\n\n")).empty());
}

TEST(NdjsonReader, TakesLoneCarriageReturnsWhereThereAreNoOtherLineEnds) {
    const TemporaryFolder folder;
    const std::string path = folder.write("mac", "{1}\r{2}\r\r{4}");
    EXPECT_EQ(lines_of(path), (std::vector<std::string>{"1:{1}", "2:{2}", "4:{4}"}));
    EXPECT_EQ(lines_of(path, 100, 1, 4), (std::vector<std::string>{"2:{2}", "4:{4}"})) << "on resume, too";
    EXPECT_EQ(lines_of(folder.write("unix", "{\r1}\n{2}")), (std::vector<std::string>{"1:{\r1}", "2:{2}"}));
}

TEST(NdjsonReader, PassesOverALineThatIsTooLong) {
    const TemporaryFolder folder;
    const std::string text = "a\n" + std::string(3'000'000, 'x') + "\nc\n" + std::string(100, 'y');
    EXPECT_EQ(lines_of(folder.write("a", text), 99),
              (std::vector<std::string>{"1:a", "2:TOO LONG", "3:c", "4:TOO LONG"}));
    EXPECT_EQ(lines_of(folder.write("b", text), 100).back(), "4:" + std::string(100, 'y'))
        << "the limit itself is allowed";
}

TEST(NdjsonReader, SaysWhenCompressionIsDamagedOrCutShort) {
    const TemporaryFolder folder;
    for (const std::string& whole : {gzip(many_lines()), zstd(many_lines())}) {
        const auto cut = lines_of(folder.write("cut", whole.substr(0, whole.size() / 2)));
        EXPECT_GT(cut.size(), 1u) << "what came before is read";
        EXPECT_EQ(cut.back(), "corrupt");
        std::string damaged = whole;
        for (std::size_t i = damaged.size() / 2; i < damaged.size() / 2 + 64; ++i) {
            damaged[i] = static_cast<char>(damaged[i] ^ 0x5a);
        }
        EXPECT_EQ(lines_of(folder.write("damaged", damaged)).back(), "corrupt");
    }
    EXPECT_EQ(lines_of(folder.file("none")).back(), "not_found");
    EXPECT_EQ(lines_of("/tmp").back(), "invalid_argument");
}

TEST(NdjsonReader, GoesOnWhereAnotherOneEnded) {
    const TemporaryFolder folder;
    const std::string text = many_lines();
    for (const std::string& path :
         {folder.write("a", text), folder.write("b", gzip(text)), folder.write("c", zstd(text))}) {
        auto reader = NdjsonReader::open(path, 1000);
        ASSERT_TRUE(reader);
        std::uint64_t offset = 0;
        for (int i = 0; i < 30'000; ++i) {
            offset = (*reader->next())->end_offset;
        }
        const auto rest = lines_of(path, 1000, 30'000, offset);
        ASSERT_EQ(rest.size(), 20'000u);
        EXPECT_EQ(rest.front(), "30001:{\"post_id\": \"p-30000\"}");
        EXPECT_EQ(lines_of(path, 1000, 99, text.size() + 1).back(), "corrupt") << "the file has shrunk";
    }
}

}  // namespace
}  // namespace bgm
