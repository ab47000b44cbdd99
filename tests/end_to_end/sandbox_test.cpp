// Workers that are made to try what a taken-over decoder would: each is stopped, told apart by its reason,
// and started again; and the post gets its pick from what is left of it.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"

namespace bgm::test {
namespace {

class Sandbox : public testing::TestWithParam<const char*> {
 protected:
    static void SetUpTestSuite() {
        stack_ = std::make_unique<Stack>(
            Stack::Options{.mysql = true,
                           .settings = {"workers.program=" BGM_BINARY_DIR "/rogue-worker", "workers.audio=0",
                                        "workers.video=0", "workers.sandbox=required", "workers.task_cpu_s=1",
                                        "dispatch.text_deadline_ms=120000", "workers.restart_min_ms=1",
                                        "workers.restart_max_ms=20"}});
    }
    static void TearDownTestSuite() { stack_.reset(); }

    static long deaths_by(const std::string& reason) {
        const std::string metrics = stack_->http_get("/metrics").body;
        const std::string series = "bgmd_worker_ends_total{modality=\"text\",reason=\"" + reason + "\"} ";
        const std::size_t at = metrics.find(series);
        return at == std::string::npos ? 0 : std::stol(metrics.substr(at + series.size()));
    }

    static std::unique_ptr<Stack> stack_;
    Conversation client_{*stack_};
};
std::unique_ptr<Stack> Sandbox::stack_;

TEST_P(Sandbox, StopsAWorkerThatTriesTo) {
    std::string post_id = std::string("rogue ") + GetParam();
    std::replace(post_id.begin(), post_id.end(), ' ', '-');
    const std::string reason = post_id == "rogue-compute-for-ever" ? "cpu" : "sandbox";
    const long before = deaths_by(reason);
    const auto ack = client_.post(
        {{"post_id", post_id}, {"text", GetParam()}, {"assets", {{{"kind", "IMAGE"}, {"frame", 0}}}}},
        {jpeg_photo()});
    ASSERT_EQ(ack.status, PostAck::Status::accepted) << ack.error_message;
    ASSERT_TRUE(wait_for_pick(*stack_, post_id));
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM picks WHERE post_id = '" + post_id +
                            "' AND degraded LIKE '%\"text\"%' AND degraded LIKE '%corrupt%'"),
              1)
        << "the text is given up once it has ended two workers";
    EXPECT_TRUE(eventually([&] { return deaths_by(reason) >= before + 2; }));
    const std::string after = post_id + "-after";
    client_.post({{"post_id", after}, {"text", "everything is fine"}});
    EXPECT_TRUE(wait_for_pick(*stack_, after)) << "a new worker serves";
}

INSTANTIATE_TEST_SUITE_P(AllDeeds, Sandbox,
                         testing::Values("connect", "connect locally", "open", "write", "fork", "exec",
                                         "unlink", "kill", "ptrace", "make code", "compute for ever"),
                         [](const auto& deed) {
                             std::string name = deed.param;
                             name.erase(std::remove(name.begin(), name.end(), ' '), name.end());
                             return name;
                         });

}  // namespace
}  // namespace bgm::test
