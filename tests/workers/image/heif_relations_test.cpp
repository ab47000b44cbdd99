// Phones since iOS 18 say of a gain map, a thumbnail or a description that it goes with two pictures: the one
// that is shown and its tone-mapped twin. The photo is read all the same, and by whatever way its file is
// built.
#include "workers/media/picture/heif_relations.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/shared_folder.hpp"
#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/heif_files.hpp"
#include "tests/workers/image/heif_parts.hpp"
#include "workers/media/picture/image_decoder.hpp"

namespace bgm {
namespace {

using namespace test;

constexpr int kSide = 64;
constexpr std::uint32_t kPhoto = 1, kBeside = 2, kTwin = 7, kThumbnail = 8, kExif = 9, kOther = 10;

RgbImage decode(const Bytes& file) {
    auto decoded = ImageDecoder().decode(as_media(file));
    EXPECT_TRUE(decoded.ok()) << (decoded ? "" : decoded.error().message);
    return decoded ? std::move(decoded->image) : RgbImage{};
}

HeifItem numbered(HeifItem item, std::uint32_t id) {
    item.id = id;
    return item;
}

// A photo whose right half is see-through: two coded pictures, the second says so of the first.
struct Photo {
    HeifParts parts;
    RgbImage shown;
};

Photo photo(HeifCodec codec) {
    const Bytes file = encode_heif(draw_flat(kSide, kSide, 200, 0, 0), {.codec = codec, .alpha = 0});
    const auto items = take_apart(file);
    Photo made;
    made.shown = decode(file);
    made.parts.brand = codec == HeifCodec::av1 ? "avif" : "heic";
    made.parts.items = {numbered(items.at(0), kPhoto), numbered(items.at(1), kBeside)};
    return made;
}

// The twin: made of the photo and of what lies beside it, of a kind that no decoder here knows.
void add_twin(HeifParts& parts) {
    parts.items.push_back({.id = kTwin,
                           .type = "tmap",
                           .data = Bytes(62, 0),
                           .properties = {shown_size(kSide, kSide)},
                           .in_directory = true});
    parts.relations.push_back({"dimg", kTwin, {kPhoto, kBeside}});
}

void add_thumbnail_and_exif(HeifParts& parts, const std::vector<std::uint32_t>& of) {
    parts.items.push_back(numbered(parts.items[0], kThumbnail));
    parts.items.push_back({.id = kExif, .type = "Exif", .data = Bytes(20, 0)});
    parts.relations.push_back({"thmb", kThumbnail, of});
    parts.relations.push_back({"cdsc", kExif, of});
}

class HeifRelations : public testing::TestWithParam<HeifCodec> {};

TEST_P(HeifRelations, ToOnePictureStayAsTheyAre) {
    auto [parts, shown] = photo(GetParam());
    parts.relations = {{"auxl", kBeside, {kPhoto}}};
    add_thumbnail_and_exif(parts, {kPhoto});
    const Bytes file = put_together(parts);
    EXPECT_TRUE(with_plain_relations(as_media(file)).empty());
    EXPECT_EQ(decode(file).pixels, shown.pixels);
}

TEST_P(HeifRelations, ToSeveralPicturesAreRead) {
    const auto [plain, shown] = photo(GetParam());
    int ways = 0;
    for (const auto& targets : std::vector<std::vector<std::uint32_t>>{
             {kPhoto, kTwin}, {kTwin, kPhoto}, {kPhoto, kPhoto}, {kPhoto, kTwin, kOther}}) {
        for (const int form : {0, 1, 2, 3, 4}) {
            HeifParts parts = plain;
            parts.wide_numbers = form == 1;
            parts.base_offsets = form == 2;
            parts.pixels_first = form == 3;
            parts.endless_pixels = form == 4;
            parts.items.push_back(numbered(parts.items[0], kOther));
            parts.relations = {{"auxl", kBeside, targets}};
            add_twin(parts);
            add_thumbnail_and_exif(parts, targets);
            EXPECT_EQ(decode(put_together(parts)).pixels, shown.pixels) << "opacity is kept; form " << form;
            ++ways;
        }
    }
    EXPECT_EQ(ways, 20);
}

TEST_P(HeifRelations, OfOneKindMayBeSeveral) {
    auto [parts, shown] = photo(GetParam());
    add_twin(parts);
    parts.relations.push_back({"auxl", kBeside, {kPhoto}});
    parts.relations.push_back({"auxl", kBeside, {kTwin}});
    add_thumbnail_and_exif(parts, {kPhoto});
    add_thumbnail_and_exif(parts, {kTwin});
    parts.items.resize(parts.items.size() - 2);
    EXPECT_EQ(decode(put_together(parts)).pixels, shown.pixels);
}

TEST_P(HeifRelations, ToTheTwinAloneAreLeftOut) {
    auto [parts, shown] = photo(GetParam());
    add_twin(parts);
    parts.relations.push_back({"auxl", kBeside, {kPhoto, kTwin}});
    add_thumbnail_and_exif(parts, {kTwin});
    EXPECT_EQ(decode(put_together(parts)).pixels, shown.pixels);
}

TEST_P(HeifRelations, OfGainAndDepthMapsAreRead) {
    for (const char* kind : {"urn:com:apple:photo:2020:aux:hdrgainmap", "urn:mpeg:hevc:2015:auxid:2",
                             "urn:com:apple:photo:2018:aux:portraiteffectsmatte"}) {
        auto [parts, shown] = photo(GetParam());
        auto& beside = parts.items[1].properties;
        std::erase_if(
            beside, [](const Bytes& box) { return std::string(box.begin() + 4, box.begin() + 8) == "auxC"; });
        beside.push_back(auxiliary_kind(kind));
        add_twin(parts);
        parts.relations.push_back({"auxl", kBeside, {kPhoto, kTwin}});
        const RgbImage image = decode(put_together(parts));
        ASSERT_EQ(image.width, kSide) << kind;
        EXPECT_LT(difference(image, draw_flat(kSide, kSide, 200, 0, 0)), 6.0) << "no opacity: " << kind;
    }
}

// Tiles keep all their references: that is what the picture is made of.
TEST_P(HeifRelations, OfAGridKeepItsTiles) {
    const std::string brand = GetParam() == HeifCodec::av1 ? "avif" : "heic";
    HeifParts parts{.brand = brand};
    RgbImage shown = draw_flat(2 * kSide, kSide, 0, 0, 0);
    parts.items.push_back({.id = kPhoto,
                           .type = "grid",
                           .data = grid_of(2, 1, 2 * kSide, kSide),
                           .properties = {shown_size(2 * kSide, kSide)},
                           .in_directory = true});
    for (const std::uint32_t tile : {0U, 1U}) {
        const RgbImage half = draw_flat(kSide, kSide, tile == 0 ? 220 : 20, 60, 90);
        HeifItem item = take_apart(encode_heif(half, {.codec = GetParam()})).at(0);
        item.id = 20 + tile;
        item.hidden = true;
        parts.items.push_back(item);
        for (int y = 0; y < kSide; ++y)
            std::copy_n(half.pixels.begin() + static_cast<std::ptrdiff_t>(y) * kSide * 3, kSide * 3,
                        shown.pixels.begin() + (static_cast<std::ptrdiff_t>(y) * 2 + tile) * kSide * 3);
    }
    HeifItem map = numbered(parts.items.back(), kBeside);
    map.properties.push_back(auxiliary_kind("urn:com:apple:photo:2020:aux:hdrgainmap"));
    parts.items.push_back(map);
    parts.relations = {{"dimg", kPhoto, {20, 21}}, {"auxl", kBeside, {kPhoto, kTwin}}};
    add_twin(parts);
    const RgbImage image = decode(put_together(parts));
    ASSERT_EQ(image.width, 2 * kSide);
    EXPECT_LT(difference(image, shown), 6.0);
}

TEST_P(HeifRelations, DamagedAnywhereHarmNobody) {
    auto [parts, shown] = photo(GetParam());
    add_twin(parts);
    parts.relations.push_back({"auxl", kBeside, {kPhoto, kTwin}});
    add_thumbnail_and_exif(parts, {kPhoto, kTwin});
    const Bytes file = put_together(parts);
    for (std::size_t length = 0; length < file.size(); ++length)
        (void)with_plain_relations(
            as_media(Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length))));
    for (std::size_t at = 0; at < std::min<std::size_t>(file.size(), 900); ++at) {
        for (const int value : {0, 1, 255}) {
            Bytes damaged = file;
            damaged[at] = static_cast<std::uint8_t>(value);
            const auto rewritten = with_plain_relations(as_media(damaged));
            EXPECT_LE(rewritten.size(), 2 * file.size());
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Of, HeifRelations, testing::Values(HeifCodec::hevc, HeifCodec::av1),
                         [](const auto& codec) { return codec.param == HeifCodec::av1 ? "Avif" : "Heic"; });

TEST(HeifRelationsOfAPhone, AreRead) {
    const auto folder = shared_folder() / "cases";
    if (!std::filesystem::exists(folder / "ios18-like-auxl.heic")) GTEST_SKIP() << "no cases at " << folder;
    const auto read = [&](const char* name) {
        std::ifstream stream(folder / name, std::ios::binary);
        return decode({std::istreambuf_iterator<char>(stream), {}});
    };
    EXPECT_EQ(read("ios18-like-auxl.heic").pixels, read("ios18-like-before.heic").pixels);
}

}  // namespace
}  // namespace bgm
