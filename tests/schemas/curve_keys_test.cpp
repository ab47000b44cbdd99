// The files with keys: what is taken, and that a mistake is told with its line, and without the key.
#include "schemas/curve_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/daemon/base/scratch_folder.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

const std::string kOne = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
const std::string kOther = "#Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hI";  // one may begin with a #

class CurveKeys : public ::testing::Test {
 protected:
    std::string file(const std::string& text, mode_t mode = 0600) {
        const auto path = folder_.write("keys", text);
        ::chmod(path.c_str(), mode);
        return path;
    }

    testing::ScratchFolder folder_;
};

TEST_F(CurveKeys, ASecretIsForItsOwnerAlone) {
    const auto secret = read_curve_secret(file(kOne + "\n"));
    ASSERT_TRUE(secret) << secret.error().to_string();
    EXPECT_EQ(*secret, kOne);
    for (const mode_t mode : {0640U, 0604U, 0620U, 0601U}) {
        const auto open = read_curve_secret(file(kOne, mode));
        ASSERT_FALSE(open) << mode;
        EXPECT_THAT(open.error().to_string(), HasSubstr("chmod 600"));
        EXPECT_THAT(open.error().to_string(), Not(HasSubstr(kOne)));
    }
    EXPECT_EQ(read_curve_secret(folder_.path() / "none").error().code, ErrorCode::not_found);
    EXPECT_FALSE(read_curve_secret(folder_.path()));
    const auto wrong = read_curve_secret(file(kOne + "x"));
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().to_string(), Not(HasSubstr(kOne)));
}

TEST_F(CurveKeys, ASecretIsWrittenForItsOwnerAloneAndNeverOver) {
    const auto path = folder_.path() / "made";
    ASSERT_TRUE(write_curve_secret(path, kOne));
    EXPECT_EQ(read_curve_secret(path).value(), kOne);
    const auto again = write_curve_secret(path, kOther);
    ASSERT_FALSE(again);
    EXPECT_THAT(again.error().to_string(), HasSubstr("already"));
    EXPECT_EQ(read_curve_secret(path).value(), kOne);
}

TEST_F(CurveKeys, APublicKeyMayHaveItsNameBehindIt) {
    EXPECT_EQ(read_curve_public(file(kOne + " bgmd\n", 0644)).value(), kOne);
    EXPECT_FALSE(read_curve_public(file("\n" + kOne)));
}

TEST_F(CurveKeys, AListIsALineForEachHost) {
    const auto clients = read_curve_clients(
        file("# hosts\n\n" + kOne + "  gpu1\n" + kOther + " gpu-2.example # the new one\n"));
    ASSERT_TRUE(clients) << clients.error().to_string();
    EXPECT_THAT(*clients, ElementsAre(Pair(kOther, "gpu-2.example"), Pair(kOne, "gpu1")));
    EXPECT_TRUE(read_curve_clients(file("")).value().empty());
}

TEST_F(CurveKeys, AMistakeInTheListIsToldWithItsLine) {
    const std::vector<std::pair<std::string, std::string>> mistakes{
        {kOne, "line 1: has no name"},
        {kOne + " a/b", "line 1: has no name"},
        {kOne + " " + std::string(33, 'a'), "line 1: has no name"},
        {"short gpu1", "line 1: does not begin with a public key"},
        {kOne + " gpu1 gpu2", "line 1: holds more"},
        {kOne + " gpu1\n" + kOther + " gpu1", "line 2: repeats the name gpu1"},
        {kOne + " gpu1\n" + kOne + " gpu2", "line 2: repeats a key"},
    };
    for (const auto& [text, message] : mistakes) {
        const auto clients = read_curve_clients(file(text));
        ASSERT_FALSE(clients) << text;
        EXPECT_THAT(clients.error().message, HasSubstr(message));
    }
    EXPECT_EQ(read_curve_clients(folder_.path() / "none").error().code, ErrorCode::not_found);
    EXPECT_FALSE(read_curve_clients(folder_.path()));
}

}  // namespace
}  // namespace bgm
