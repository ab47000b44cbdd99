// An event's JSON is written by hand, and read by clients of years ago: it must be the library's, byte by
// byte, whatever the pick holds, and no field that the message gets later may be missing. So both writers are
// given the same picks: every field set, none set, numbers and characters of all kinds. A map is compared
// with one entry, since its order is nobody's promise, and with many by what it says.
#include "schemas/pick_json.hpp"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "schemas/codec.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

namespace pb = google::protobuf;

std::string encoded(std::uint32_t point) {
    if (point < 0x80) return {static_cast<char>(point)};
    const unsigned tail = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    std::string text{static_cast<char>((0xFFU << (7 - tail)) | point >> (6 * tail))};
    for (unsigned left = tail; left-- > 0;)
        text += static_cast<char>(0x80U | (point >> (6 * left) & 0x3FU));
    return text;
}

class Filler {
 public:
    explicit Filler(unsigned seed) : random_(seed) {}

    // Every field there is, of whatever message.
    void fill(pb::Message& message, int entries_max) {
        if (message.GetDescriptor() == pb::Timestamp::descriptor()) {
            auto& time = static_cast<pb::Timestamp&>(message);
            time.set_seconds(static_cast<std::int64_t>(random_() % 253'402'300'799ULL));
            constexpr std::array<std::int32_t, 4> kFractions{0, 120'000'000, 123'456'000, 123'456'789};
            time.set_nanos(kFractions.at(random_() % kFractions.size()));
            return;
        }
        const auto& reflection = *message.GetReflection();
        for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
            const auto* field = message.GetDescriptor()->field(i);
            const int count = field->is_repeated() ? 1 + static_cast<int>(random_() % entries_max) : 1;
            for (int entry = 0; entry < count; ++entry)
                set(message, reflection, field, entries_max);
        }
    }

    std::string text() {
        std::string text;
        for (auto left = random_() % 12; left > 0; --left) {
            std::uint32_t point = static_cast<std::uint32_t>(random_());
            // Everywhere, and more often where something is escaped.
            constexpr std::array<std::uint32_t, 6> kBelow{0x80, 0x100, 0x800, 0x2100, 0x10000, 0x110000};
            point %= kBelow.at(random_() % kBelow.size());
            if (point >= 0xD800 && point < 0xE000) point = 0xFEFF;
            text += encoded(point);
        }
        return text;
    }

    float number() {
        switch (random_() % 4) {
            case 0:
                return std::uniform_real_distribution<float>(-1, 1)(random_);
            case 1:
                return static_cast<float>(random_() % 1000) / 100;
            case 2:
                return std::bit_cast<float>(
                    static_cast<std::uint32_t>(random_()));  // any: subnormal, infinite, no number
            default:
                return 0;
        }
    }

 private:
    void set(pb::Message& message, const pb::Reflection& reflection, const pb::FieldDescriptor* field,
             int entries_max) {
        const bool add = field->is_repeated();
        switch (field->cpp_type()) {
            case pb::FieldDescriptor::CPPTYPE_STRING:
                return add ? reflection.AddString(&message, field, text())
                           : reflection.SetString(&message, field, text());
            case pb::FieldDescriptor::CPPTYPE_FLOAT:
                return reflection.SetFloat(&message, field, number());
            case pb::FieldDescriptor::CPPTYPE_UINT32:
                return reflection.SetUInt32(&message, field, static_cast<std::uint32_t>(random_()));
            case pb::FieldDescriptor::CPPTYPE_UINT64:
                return reflection.SetUInt64(&message, field, random_());
            case pb::FieldDescriptor::CPPTYPE_BOOL:
                return reflection.SetBool(&message, field, random_() % 2 == 0);
            case pb::FieldDescriptor::CPPTYPE_ENUM:
                return reflection.SetEnumValue(&message, field, static_cast<int>(random_() % 3));
            case pb::FieldDescriptor::CPPTYPE_MESSAGE:
                return fill(add ? *reflection.AddMessage(&message, field)
                                : *reflection.MutableMessage(&message, field),
                            entries_max);
            default:
                FAIL() << field->full_name() << " is of a type that a pick did not have";
        }
    }

    std::mt19937_64 random_;
};

TEST(PickJson, IsTheLibrarysByteByByte) {
    EXPECT_EQ(pick_json({}), to_json(v1::Pick()));
    for (unsigned seed = 0; seed < 3000; ++seed) {
        v1::Pick pick;
        Filler(seed).fill(pick, 1);
        ASSERT_EQ(pick_json(pick), to_json(pick)) << "seed " << seed;
    }
}

TEST(PickJson, SaysWhatTheLibrarySaysWhereEverythingIsThereManyTimes) {
    for (unsigned seed = 0; seed < 200; ++seed) {
        v1::Pick pick;
        Filler(seed).fill(pick, 6);
        ASSERT_EQ(nlohmann::json::parse(pick_json(pick)), nlohmann::json::parse(to_json(pick)))
            << "seed " << seed;
    }
}

TEST(PickJson, WritesNumbersWithTheLibrarysDigits) {
    Filler filler(1);
    v1::Pick pick;
    for (int i = 0; i < 100'000; ++i) {
        pick.set_valence(filler.number());
        ASSERT_EQ(pick_json(pick), to_json(pick)) << pick.valence();
    }
}

TEST(PickJson, EscapesWhatTheLibraryEscapes) {
    v1::Pick pick;
    for (std::uint32_t point = 0; point < 0x110000; point += point < 0x3000 ? 1 : 61) {
        if (point >= 0xD800 && point < 0xE000) continue;
        pick.set_language("a" + encoded(point) + "b");
        ASSERT_EQ(pick_json(pick), to_json(pick)) << "code point " << point;
    }
}

TEST(PickJson, WritesWhatIsNoTextAsTheLibraryDoes) {
    for (const std::string_view bytes : {"\xFF", "a\xEAz", "\xED\xA0\x80", "\xC0\x80", "\xEA\xB0"}) {
        v1::Pick pick;
        pick.set_user_id(std::string(bytes));
        EXPECT_EQ(pick_json(pick), to_json(pick));
    }
}

}  // namespace
}  // namespace bgm
