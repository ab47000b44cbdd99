#include "daemon/base/metrics.hpp"

#include <gmock/gmock.h>

#include "tests/daemon/fetch/fetching.hpp"
#include "tests/daemon/fetch/loopback_server.hpp"

namespace bgm {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// Real transfers from a loopback server, as the daemon measures them.
class FetchMetricsTest : public testing::Test {
 protected:
    static LoopbackServer::Answer answer(const std::string& head) {
        if (head.starts_with("GET /gone")) return {.bytes = LoopbackServer::status(404)};
        if (head.starts_with("GET /away")) return {.bytes = LoopbackServer::status(503)};
        if (head.starts_with("GET /to-us")) return {.bytes = LoopbackServer::redirect("http://10.0.0.1/")};
        return {.bytes = LoopbackServer::ok("twelve bytes")};
    }

    Metrics metrics_;
    Dialled dialled_;
    LoopbackServer server_{answer};
    MediaFetcher fetcher_{FetchRules::parse("media.example 10.0.0.1", "").value(),
                          {.first_pause = 1ms},
                          std::make_unique<TableResolver>(std::map<std::string, TableResolver::Answers>{
                              {"media.example", {{"93.184.216.34"}}}}),
                          std::make_unique<RecordingConnector>(dialled_, server_.port()),
                          [this](const FetchReport& report) { metrics_.observe_fetch(report); }};
};

TEST_F(FetchMetricsTest, CountWhatHappened) {
    EXPECT_TRUE(fetch_now(fetcher_, "http://media.example/a.jpg?token=hush"));
    EXPECT_TRUE(fetch_now(fetcher_, "http://media.example/b.jpg"));
    EXPECT_FALSE(fetch_now(fetcher_, "http://media.example/gone"));
    EXPECT_FALSE(fetch_now(fetcher_, "http://media.example/away"));
    EXPECT_FALSE(fetch_now(fetcher_, "http://media.example/to-us"));
    EXPECT_FALSE(fetch_now(fetcher_, "http://10.0.0.1/"));
    EXPECT_FALSE(fetch_now(fetcher_, "http://stranger.example/"));
    const std::string text = metrics_.text();
    for (const char* line : {
             "bgmd_fetches_total{outcome=\"ok\"} 2\n",
             "bgmd_fetches_total{outcome=\"not_found\"} 1\n",
             "bgmd_fetches_total{outcome=\"unavailable\"} 1\n",
             "bgmd_fetches_total{outcome=\"unsupported\"} 3\n",
             "bgmd_fetch_refusals_total{guard=\"address\"} 2\n",
             "bgmd_fetch_refusals_total{guard=\"host\"} 1\n",
             "bgmd_fetch_refusals_total{guard=\"url\"} 0\n",
             "bgmd_fetch_refusals_total{guard=\"redirects\"} 0\n",
             "bgmd_fetch_refusals_total{guard=\"signature\"} 0\n",
             "bgmd_fetched_bytes_total 24\n",
             "bgmd_fetch_retries_total 2\n",
             "bgmd_fetch_connections_total{kind=\"opened\"} 1\n",
             "bgmd_fetch_connections_total{kind=\"reused\"} 6\n",
             "bgmd_fetch_seconds_count 7\n",
         })
        EXPECT_THAT(text, HasSubstr(line));
    for (const char* secret : {"media.example", "hush", "10.0.0.1", "93.184.216.34"})
        EXPECT_THAT(text, Not(HasSubstr(secret))) << "labels come from closed sets";
}

TEST_F(FetchMetricsTest, MemoryIsHeldUntilTheBytesAreLetGo) {
    auto fetched = fetch_now(fetcher_, "http://media.example/a.jpg");
    ASSERT_TRUE(fetched);
    metrics_.set_fetches(fetcher_.counts());
    EXPECT_THAT(metrics_.text(), Not(HasSubstr("bgmd_fetch_memory_bytes 0\n")));
    *fetched = nullptr;
    metrics_.set_fetches(fetcher_.counts());
    EXPECT_THAT(metrics_.text(), HasSubstr("bgmd_fetch_memory_bytes 0\n"));
    EXPECT_THAT(metrics_.text(), HasSubstr("bgmd_fetches_running 0\n"));
    EXPECT_THAT(metrics_.text(), HasSubstr("bgmd_fetches_waiting 0\n"));
}

TEST(SharedMediaMetrics, CountWhatHasGrown) {
    Metrics metrics;
    EXPECT_THAT(metrics.text(), Not(HasSubstr("bgmd_shared_media_available ")));
    metrics.set_shared_media({.written = 3, .swept = 1, .bytes = 70, .available = true});
    metrics.set_shared_media({.written = 5, .missing = 2, .swept = 1, .bytes = 50});
    for (const char* line : {"bgmd_shared_media_files_total{outcome=\"written\"} 5\n",
                             "bgmd_shared_media_files_total{outcome=\"missing\"} 2\n",
                             "bgmd_shared_media_files_total{outcome=\"swept\"} 1\n",
                             "bgmd_shared_media_files_total{outcome=\"read\"} 0\n",
                             "bgmd_shared_media_available 0\n", "bgmd_shared_media_bytes 50\n"})
        EXPECT_THAT(metrics.text(), HasSubstr(line));
}

}  // namespace
}  // namespace bgm
