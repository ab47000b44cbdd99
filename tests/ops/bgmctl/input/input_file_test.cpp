// Compressed files as the programs of this world write them: several members or frames, skippable frames,
// padding, names and comments in the header. What cannot be read is named.
#include "ops/bgmctl/input/input_file.hpp"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "ops/bgmctl/input/file_kind.hpp"
#include "tests/ops/bgmctl/temporary_folder.hpp"
#include "tests/shared_folder.hpp"

namespace bgm {
namespace {

using namespace std::string_literals;

std::string gzip(const std::string& bytes, bool full_header = false) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    gz_header header{};
    std::string name = "posts.ndjson";
    std::string comment = "every post of November";
    std::string extra(4465, 'x');
    header.name = reinterpret_cast<Bytef*>(name.data());
    header.comment = reinterpret_cast<Bytef*>(comment.data());
    header.extra = reinterpret_cast<Bytef*>(extra.data());
    header.extra_len = static_cast<uInt>(extra.size());
    header.hcrc = 1;
    if (full_header) {
        EXPECT_EQ(deflateSetHeader(&stream, &header), Z_OK);
    }
    std::string packed(deflateBound(&stream, bytes.size()) + 100'000, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

struct ZstdOptions {
    bool content_size = true;
    int window_log = 0;
    std::string dictionary = {};
};

std::string zstd(const std::string& bytes, const ZstdOptions& options = {}) {
    const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, options.content_size ? 1 : 0);
    if (options.window_log > 0) {
        ZSTD_CCtx_setParameter(context.get(), ZSTD_c_enableLongDistanceMatching, 1);
        ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, options.window_log);
    }
    if (!options.dictionary.empty())
        ZSTD_CCtx_loadDictionary(context.get(), options.dictionary.data(), options.dictionary.size());
    // As a stream, in pieces: a frame that is written at once takes its window from its content.
    std::string packed(ZSTD_compressBound(bytes.size()) + 1024, '\0');
    ZSTD_outBuffer out{packed.data(), packed.size(), 0};
    for (const auto& [begin, end, how] : {std::tuple{std::size_t{0}, bytes.size() / 2, ZSTD_e_flush},
                                          std::tuple{bytes.size() / 2, bytes.size(), ZSTD_e_end}}) {
        if (options.content_size && how == ZSTD_e_flush) continue;
        const std::size_t from = options.content_size ? 0 : begin;
        ZSTD_inBuffer in{bytes.data() + from, end - from, 0};
        EXPECT_EQ(ZSTD_compressStream2(context.get(), &out, &in, how), 0U);
    }
    packed.resize(out.pos);
    return packed;
}

std::string skippable(const std::string& content, unsigned number = 0) {
    std::string frame = {static_cast<char>(0x50 + number), '\x2A', '\x4D', '\x18'};
    for (unsigned shift = 0; shift < 32; shift += 8)
        frame.push_back(static_cast<char>(content.size() >> shift & 0xFFU));
    return frame + content;
}

struct Reading {
    std::string text;
    std::string error;
    std::uint64_t ignored_bytes = 0;
};

/// Everything behind the first `skipped` bytes, read in pieces of `piece`.
Reading read_all(const std::string& path, std::uint64_t skipped = 0, std::size_t piece = 999) {
    auto file = InputFile::open(path);
    if (!file) return {.text = "", .error = file.error().message};
    if (auto done = file->skip(skipped); !done) return {.text = "", .error = done.error().message};
    Reading reading;
    std::vector<char> buffer(piece);
    while (true) {
        auto got = file->read(buffer);
        if (!got) reading.error = got.error().message;
        if (!got || *got == 0) break;
        reading.text.append(buffer.data(), *got);
    }
    reading.ignored_bytes = file->ignored_bytes();
    return reading;
}

std::string posts(int from = 0, int to = 20'000) {
    std::string text;
    for (int i = from; i < to; ++i)
        text += "{\"post_id\": \"p-" + std::to_string(i * 7919 % 100'003) + "\"}\n";
    return text;
}

struct Whole {
    const char* name;
    std::string bytes;
};

class ReadsWhole : public testing::TestWithParam<Whole> {};

// Two halves and what stands before, between and behind them; the same text comes out, from the start and
// from any other place, which is what --resume asks for.
TEST_P(ReadsWhole, FromTheStartAndFromTheMiddle) {
    const TemporaryFolder folder;
    const std::string path = folder.write("posts", GetParam().bytes);
    const Reading all = read_all(path);
    EXPECT_EQ(all.error, "");
    EXPECT_TRUE(all.text == posts()) << all.text.size() << " bytes";
    EXPECT_EQ(all.ignored_bytes, 0U);
    const std::string half = posts(0, 10'000);
    for (const std::size_t place : {std::size_t{1}, half.size() - 1, half.size(), half.size() + 1}) {
        const Reading rest = read_all(path, place);
        EXPECT_EQ(rest.error, "");
        EXPECT_TRUE(rest.text == posts().substr(place)) << "from " << place;
    }
    EXPECT_NE(read_all(path, posts().size() + 1).error, "") << "the file has shrunk";
}

std::vector<Whole> wholes() {
    const std::string a = posts(0, 10'000);
    const std::string b = posts(10'000, 20'000);
    const std::string zeros(100'000, '\0');
    std::string pieces;
    for (int i = 0; i < 20'000; i += 500)
        pieces += skippable("size") + zstd(posts(i, i + 500));
    std::string blocks;
    for (int i = 0; i < 20'000; i += 500)
        blocks += gzip(posts(i, i + 500));
    return {
        {"plain", a + b},
        {"gzip", gzip(a + b)},
        {"gzip_members", gzip(a) + gzip(b)},
        {"gzip_blocks_with_an_empty_one_last", blocks + gzip("")},
        {"gzip_empty_members", gzip("") + gzip("") + gzip(a) + gzip("") + gzip(b) + gzip("")},
        {"gzip_header_fields", gzip(a, true) + gzip(b, true)},
        {"gzip_padding", gzip(a + b) + zeros},
        {"gzip_padding_one_byte", gzip(a + b) + "\0"s},
        {"gzip_padding_to_the_block",
         [&] {
             std::string bytes = gzip(a + b);
             bytes.resize((bytes.size() + 511) / 512 * 512);
             return bytes;
         }()},
        {"gzip_padding_between", gzip(a) + zeros + gzip(b) + zeros},
        {"zstd", zstd(a + b)},
        {"zstd_frames", zstd(a) + zstd(b)},
        {"zstd_without_content_size", zstd(a, {.content_size = false}) + zstd(b, {.content_size = false})},
        {"zstd_skippable_first", skippable("four") + zstd(a + b)},
        {"zstd_skippable_empty", skippable("") + zstd(a) + skippable("") + zstd(b) + skippable("")},
        {"zstd_skippable_everywhere", skippable("a", 1) + skippable(std::string(300'000, 'x'), 15) + zstd(a) +
                                          skippable("b", 7) + zstd(b) + skippable("c")},
        {"zstd_pieces", pieces},
        {"zstd_seekable", zstd(a) + zstd(b) + skippable(std::string(17, 't') + "\xB1\xEA\x92\x8F", 14)},
        {"zstd_empty_frames", zstd("") + zstd(a) + zstd("") + zstd(b) + zstd("")},
        {"zstd_padding", zstd(a + b) + zeros},
        {"zstd_long_window", zstd(a + b, {.content_size = false, .window_log = 27})},
    };
}

INSTANTIATE_TEST_SUITE_P(InputFile, ReadsWhole, testing::ValuesIn(wholes()),
                         [](const auto& whole) { return std::string(whole.param.name); });

TEST(InputFile, IgnoresWhatFollowsGzipAndCountsIt) {
    const TemporaryFolder folder;
    for (const std::string& rest : {"garbage"s, "\x1f"s, "{\"post_id\": \"p-1\"}\n"s, "\0\0\0garbage"s}) {
        const Reading reading = read_all(folder.write("a.gz", gzip(posts()) + rest));
        EXPECT_EQ(reading.error, "") << rest;
        EXPECT_TRUE(reading.text == posts()) << rest;
        EXPECT_EQ(reading.ignored_bytes, rest.size() - std::min(rest.find_first_not_of('\0'), rest.size()));
    }
    const Reading member = read_all(folder.write("b.gz", gzip(posts()) + gzip(posts()).substr(0, 1000)));
    EXPECT_NE(member.error.find("ends in the middle"), std::string::npos) << "a member is no garbage";
}

TEST(InputFile, ReadsEverythingBeforeTheDamageThenSaysWhatItIs) {
    const TemporaryFolder folder;
    const auto check = [&](const std::string& bytes, const char* why, const std::string& before) {
        const Reading reading = read_all(folder.write("a", bytes));
        EXPECT_NE(reading.error.find(why), std::string::npos) << reading.error;
        EXPECT_TRUE(reading.text == before) << reading.text.size() << " bytes";
    };
    const std::string skip = skippable("1234");
    check(zstd(posts()) + "garbage", "something else", posts());
    check(zstd(posts()) + gzip(posts()), "something else", posts());
    check(zstd(posts()) + skip.substr(0, skip.size() - 1), "ends in the middle", posts());
    check(gzip(posts()).substr(0, 9), "ends in the middle", "");
    check(zstd(posts(), {.content_size = false, .window_log = 28}), "--long", "");
    check(zstd(posts(), {.content_size = false, .window_log = 31}), "--long", "");
    // A dictionary of raw content has no number, so that only its use shows.
    const std::string with_dictionary = zstd(posts(), {.dictionary = posts()});
    EXPECT_NE(read_all(folder.write("d", with_dictionary)).error, "");
}

TEST(InputFile, NamesWhatItCannotRead) {
    const TemporaryFolder folder;
    const std::pair<std::string, const char*> kinds[] = {
        {"\xFD"
         "7zXZ\0\0\4"s,
         "xz"},
        {"BZh91AY&SY"s, "bzip2"},
        {"PK\x03\x04\x14\0"s, "ZIP"},
        {"7z\xBC\xAF\x27\x1C"s, "7z"},
        {"\x04\x22\x4D\x18"s, "LZ4"},
        {"Rar!\x1A\x07\x01"s, "RAR"},
        {"\xFF\xFE{\0\"\0"s, "UTF-16"},
        {"\xFE\xFF\0{\0\""s, "UTF-16"},
        {"{\0\"\0p\0"s, "UTF-16"},
        {"\0{\0\"\0p"s, "UTF-16"},
        {"\xFF\xFE\0\0{\0\0\0"s, "UTF-32"},
        {"PAR1"s, "Parquet"},
        {"posts.ndjson"s + std::string(245, '\0') + "ustar\0"s, "tar"},
    };
    for (const auto& [bytes, kind] : kinds) {
        const Reading reading = read_all(folder.write("a.ndjson", bytes));
        EXPECT_NE(reading.error.find(kind), std::string::npos) << kind << ": " << reading.error;
    }
    EXPECT_EQ(foreign_file_kind("{\"post_id\": 1}"), "");
    EXPECT_EQ(foreign_file_kind("\xEF\xBB\xBF{}"), "");
    EXPECT_EQ(foreign_file_kind("제목,가수\n"), "");
    EXPECT_EQ(foreign_file_kind(""), "");
}

TEST(InputFile, ReadsThoseOfTheSharedFolder) {
    const auto cases = shared_folder() / "cases";
    if (!std::filesystem::exists(cases / "made-by-pzstd.ndjson.zst")) GTEST_SKIP() << "not at " << cases;
    for (const char* file : {"made-by-pzstd.ndjson.zst", "gzip-with-zero-padding.ndjson.gz"}) {
        const Reading reading = read_all((cases / file).string());
        EXPECT_EQ(reading.error, "") << file;
        EXPECT_NE(reading.text.find("post_id"), std::string::npos) << file;
    }
}

}  // namespace
}  // namespace bgm
