// Error codes travel as words (acks, dead letters, metric labels, worker answers): every code has one name of
// its own, the name leads back to the code, and the retryable ones are exactly those that waiting can heal.
#include "schemas/result.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>

#include "schemas/modality.hpp"

namespace bgm {
namespace {

constexpr std::array kAllCodes{
    ErrorCode::invalid_argument, ErrorCode::unsupported,        ErrorCode::too_large,
    ErrorCode::corrupt,          ErrorCode::not_found,          ErrorCode::deadline_exceeded,
    ErrorCode::unavailable,      ErrorCode::resource_exhausted, ErrorCode::internal};

TEST(ErrorCodes, HaveOneNameEachThatLeadsBack) {
    std::set<std::string_view> names;
    for (const ErrorCode code : kAllCodes) {
        EXPECT_TRUE(names.insert(name(code)).second) << name(code);
        EXPECT_EQ(error_code_from_name(name(code)), code);
    }
    EXPECT_FALSE(error_code_from_name(""));
    EXPECT_FALSE(error_code_from_name("INTERNAL"));
    EXPECT_FALSE(error_code_from_name("internal "));
}

TEST(ErrorCodes, AreRetryableWhereWaitingCanHeal) {
    std::vector<std::string_view> retried;
    for (const ErrorCode code : kAllCodes) {
        if (retryable(code)) retried.push_back(name(code));
    }
    EXPECT_THAT(retried,
                testing::ElementsAre("deadline_exceeded", "unavailable", "resource_exhausted", "internal"));
}

TEST(ErrorText, NamesTheFieldWhereThereIsOne) {
    EXPECT_EQ((Error{ErrorCode::too_large, "is long", "text"}.to_string()), "text: is long (too_large)");
    EXPECT_EQ((Error{ErrorCode::unavailable, "is away", ""}.to_string()), "is away (unavailable)");
}

TEST(AResult, HoldsAValueOrAnError) {
    Result<std::string> good = std::string("here");
    ASSERT_TRUE(good.ok());
    EXPECT_EQ(*std::move(good), "here");
    const Result<std::string> bad = Error{.code = ErrorCode::corrupt, .message = "no"};
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, ErrorCode::corrupt);
    EXPECT_THROW((void)bad.value(), std::bad_variant_access);
}

TEST(Modalities, HaveNamesThatLeadBack) {
    for (const Modality modality : kModalities)
        EXPECT_EQ(modality_from_name(name(modality)), modality);
    EXPECT_FALSE(modality_from_name("smell"));
    EXPECT_FALSE(modality_from_name(""));
}

}  // namespace
}  // namespace bgm
