#include "workers/media/picture/heif_references.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bgm {
namespace {

std::string big_endian(std::uint32_t value, int bytes) {
    std::string text;
    for (int i = bytes - 1; i >= 0; --i)
        text += static_cast<char>(value >> (8 * i));
    return text;
}

std::string box(const std::string& type, const std::string& content) {
    return big_endian(static_cast<std::uint32_t>(8 + content.size()), 4) + type + content;
}

// One picture and the pictures that it is made of, or ("auxl") the opacity and the pictures that it is of.
std::string made_of(int picture, const std::vector<int>& parts, bool wide = false,
                    const std::string& type = "dimg") {
    const int bytes = wide ? 4 : 2;
    std::string content = big_endian(static_cast<std::uint32_t>(picture), bytes) +
                          big_endian(static_cast<std::uint32_t>(parts.size()), 2);
    for (const int part : parts)
        content += big_endian(static_cast<std::uint32_t>(part), bytes);
    return box(type, content);
}

Status check(const std::string& references, bool wide = false) {
    const std::string version(wide ? std::string("\1\0\0\0", 4) : std::string(4, '\0'));
    const std::string file =
        box("ftyp", "heic") + box("meta", std::string(4, '\0') + box("iref", version + references));
    return check_heif_references(std::as_bytes(std::span(file.data(), file.size())));
}

TEST(HeifReferences, OfAGridOfTilesEnd) {
    EXPECT_TRUE(check(""));
    EXPECT_TRUE(check(made_of(1, {2, 3, 4, 5})));
    EXPECT_TRUE(check(made_of(1, {2}) + made_of(2, {3, 4}) + made_of(6, {3, 4})));
    EXPECT_TRUE(check(made_of(1, {70'000}, true), true));
}

TEST(HeifReferences, ThatGoInACircleAreCorrupt) {
    for (const std::string& circle : {made_of(1, {1}), made_of(1, {2}) + made_of(2, {1}),
                                      made_of(1, {2, 3}) + made_of(3, {4}) + made_of(4, {3})}) {
        const Status checked = check(circle);
        ASSERT_FALSE(checked);
        EXPECT_EQ(checked.error().code, ErrorCode::corrupt);
    }
    EXPECT_FALSE(check(made_of(70'000, {70'000}, true), true));
}

TEST(HeifReferences, OfAPictureThatIsItsOwnOpacityAreCorrupt) {
    const auto opacity = [](int of, int picture) { return made_of(of, {picture}, false, "auxl"); };
    EXPECT_TRUE(check(opacity(2, 1)));
    EXPECT_TRUE(check(made_of(3, {1, 2}) + made_of(2, {1, 3}, false, "auxl"))) << "a gain map of two";
    EXPECT_FALSE(check(opacity(1, 1)));
    EXPECT_FALSE(check(opacity(2, 1) + opacity(1, 2)));
    EXPECT_FALSE(check(made_of(1, {2, 3}) + opacity(1, 3)));
}

TEST(HeifReferences, WhoseBoxesAreLongerOrShorterThanTheyAreAreCorrupt) {
    for (const int more : {-2, 2, 0x00B00000}) {
        std::string circle = made_of(1, {1});
        const auto size = static_cast<std::uint32_t>(static_cast<int>(circle.size()) + more);
        circle.replace(0, 4, big_endian(size, 4));
        EXPECT_FALSE(check(circle)) << more;
    }
}

TEST(HeifReferences, ThatNeverSeemToEndAreCorrupt) {
    std::string chain;
    for (int i = 1; i < 50; ++i)
        chain += made_of(i, {i + 1});
    EXPECT_FALSE(check(chain));
}

TEST(HeifReferences, TooManyAreTooLarge) {
    std::string many;
    for (int i = 0; i < 4; ++i)
        many += made_of(i, std::vector<int>(60'000, 9));
    const Status checked = check(many);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ErrorCode::too_large);
}

TEST(HeifReferences, CutOffAnywhereHarmNobody) {
    const std::string whole =
        box("meta", std::string(4, '\0') + box("iref", std::string(4, '\0') + made_of(1, {1})));
    for (std::size_t size = 0; size < whole.size(); ++size)
        (void)check_heif_references(std::as_bytes(std::span(whole.data(), size)));
}

}  // namespace
}  // namespace bgm
