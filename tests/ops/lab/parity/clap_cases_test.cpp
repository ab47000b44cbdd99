// Idea: both towers against the reference's own arrays, where they are at hand, on plain operators and on
// oneDNN; and a fixture that does not fit its model is told, not passed.
#include "ops/lab/parity/clap_cases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/shared_folder.hpp"

namespace bgm {
namespace {

class ClapParity : public testing::TestWithParam<bool> {};

TEST_P(ClapParity, EveryArrayIsWithinItsLimit) {
    const auto directory = shared_folder() / "parity" / "clap_tiny_a";
    if (!std::filesystem::exists(directory)) GTEST_SKIP() << "no reference outputs at " << directory;
    const auto lines = check_clap(directory, {.fused = GetParam()});
    ASSERT_TRUE(lines) << lines.error().to_string();
    EXPECT_EQ(lines->size(), 18U) << "17 arrays, and the spectra";
    for (const ParityLine& line : *lines)
        EXPECT_TRUE(line.ok) << line.name << ": " << line.difference << " " << line.detail;
}

INSTANTIATE_TEST_SUITE_P(Arithmetics, ClapParity, testing::Bool(),
                         [](const auto& fused) { return fused.param ? "OneDnn" : "PlainOperators"; });

TEST(ClapParity, ADirectoryWithoutAManifestIsAnError) {
    const auto lines = check_clap(std::filesystem::path(testing::TempDir()) / "no-such-fixture", {});
    ASSERT_FALSE(lines.ok());
    EXPECT_THAT(lines.error().message, testing::HasSubstr("manifest.json"));
}

}  // namespace
}  // namespace bgm
