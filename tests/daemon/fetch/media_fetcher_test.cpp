#include "daemon/fetch/media_fetcher.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/daemon/fetch/fetching.hpp"
#include "tests/daemon/fetch/loopback_server.hpp"
#include "tests/eventually.hpp"

namespace bgm {
namespace {

using namespace std::chrono_literals;
using Answer = LoopbackServer::Answer;

class MediaFetcherTest : public testing::Test {
 protected:
    std::unique_ptr<MediaFetcher> fetcher(std::uint16_t port, FetchLimits limits = quick(),
                                          const std::string& hosts = "*") {
        return std::make_unique<MediaFetcher>(
            FetchRules::parse(hosts, "").value(), limits,
            std::make_unique<TableResolver>(std::map<std::string, TableResolver::Answers>{
                {"media.example", {{"93.184.216.34", "93.184.216.35"}}}}),
            std::make_unique<RecordingConnector>(dialled_, port), reports_.keep());
    }
    static FetchLimits quick() { return {.first_pause = 1ms}; }

    Dialled dialled_;
    Reports reports_;
};

TEST_F(MediaFetcherTest, FetchesTheBytesAsTheyAre) {
    const std::string body = std::string("\x1f\x8b\0not a gzip\0", 14);
    std::string request;
    LoopbackServer server([&](const std::string& head) {
        request = head;
        return Answer{
            .bytes =
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nSet-Cookie: a=b\r\nContent-Length: 14\r\n\r\n" +
                body};
    });
    auto fetcher = this->fetcher(server.port());
    const auto fetched = fetch_now(*fetcher, "http://media.example/a%20b.jpg?q=1#part");
    ASSERT_TRUE(fetched) << fetched.error().to_string();
    EXPECT_EQ(**fetched, body);
    EXPECT_TRUE(request.starts_with("GET /a%20b.jpg?q=1 HTTP/1.1\r\nHost: media.example\r\n")) << request;
    EXPECT_EQ(request.find("Accept-Encoding"), std::string::npos);
}

TEST_F(MediaFetcherTest, UsesNoProxyAndKeepsNoCookie) {
    std::string requests;
    LoopbackServer server([&](const std::string& head) {
        requests += head;
        return Answer{.bytes = "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 1\r\n\r\nx"};
    });
    ASSERT_EQ(setenv("http_proxy", "http://user:secret@127.0.0.1:9", 1), 0);
    auto fetcher = this->fetcher(server.port());
    for (int i = 0; i < 2; ++i)
        EXPECT_TRUE(fetch_now(*fetcher, "http://media.example/" + std::to_string(i)));
    unsetenv("http_proxy");
    EXPECT_EQ(requests.find("Cookie"), std::string::npos) << requests;
    EXPECT_EQ(requests.find("Authorization"), std::string::npos) << requests;
    EXPECT_NE(requests.find("GET /1 HTTP/1.1"), std::string::npos) << "as to a server, not to a proxy";
}

TEST_F(MediaFetcherTest, UsesAConnectionAgain) {
    LoopbackServer server([](const std::string&) { return Answer{.bytes = LoopbackServer::ok("x")}; });
    auto fetcher = this->fetcher(server.port());
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(fetch_now(*fetcher, "http://media.example/" + std::to_string(i)));
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(MediaFetcherTest, FollowsThreeRedirectsAndNoMore) {
    for (const int hops : {3, 4}) {
        LoopbackServer server([&](const std::string& head) {
            const int hop = head[5] - '0';
            return Answer{.bytes = hop < hops ? LoopbackServer::redirect("/" + std::to_string(hop + 1))
                                              : LoopbackServer::ok("there")};
        });
        auto fetcher = this->fetcher(server.port());
        EXPECT_EQ(fetch_now(*fetcher, "http://media.example/0").ok(), hops == 3) << hops;
    }
}

TEST_F(MediaFetcherTest, StopsAtTheSizeWhateverTheHeadersSay) {
    const std::string big(100'000, 'x');
    const std::map<std::string, std::string> lies{
        {"announced", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"},
        {"silent", "HTTP/1.1 200 OK\r\n\r\n" + big},
        {"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" + big + "\r\n0\r\n\r\n"},
    };
    for (const auto& [lie, answer] : lies) {
        LoopbackServer server([&](const std::string&) { return Answer{.bytes = answer}; });
        auto fetcher = this->fetcher(server.port());
        const auto fetched = fetch_now(*fetcher, "http://media.example/", 50'000);
        ASSERT_FALSE(fetched) << lie;
        EXPECT_EQ(fetched.error().code, ErrorCode::too_large) << lie;
        EXPECT_EQ(fetcher->counts().memory_bytes, 0) << lie;
    }
}

TEST_F(MediaFetcherTest, ABodyShorterThanAnnouncedIsNoBody) {
    LoopbackServer server([](const std::string&) {
        return Answer{.bytes = "HTTP/1.0 200 OK\r\nContent-length: 100\r\n\r\nshort"};
    });
    auto fetcher = this->fetcher(server.port());
    const auto fetched = fetch_now(*fetcher, "http://media.example/");
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code, ErrorCode::unavailable);
}

TEST_F(MediaFetcherTest, AServerThatDripsRunsOutOfTime) {
    LoopbackServer server([](const std::string& request) {
        if (request.starts_with("GET /honest")) return Answer{.bytes = LoopbackServer::ok("all of it")};
        return Answer{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx", .hold = true};
    });
    auto fetcher = this->fetcher(server.port(), {.whole = 200ms});
    // It is spoken to over a connection that stands.
    ASSERT_TRUE(test::eventually([&] { return fetch_now(*fetcher, "http://media.example/honest").ok(); }));
    const auto fetched = fetch_now(*fetcher, "http://media.example/");
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code, ErrorCode::deadline_exceeded);
}

TEST_F(MediaFetcherTest, AServerThatDripsIsTooSlowLongBeforeTheTimeIsOver) {
    LoopbackServer server([](const std::string&) {
        return Answer{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", .drip = 1};
    });
    auto fetcher = this->fetcher(server.port(), {.whole = 1h, .slow_for = 1s});
    const auto fetched = fetch_now(*fetcher, "http://media.example/");
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code, ErrorCode::deadline_exceeded);
}

TEST_F(MediaFetcherTest, TriesAgainWhatMayHeal) {
    std::atomic<int> requests{0};
    LoopbackServer server([&](const std::string&) {
        return Answer{.bytes = ++requests < 3 ? LoopbackServer::status(503) : LoopbackServer::ok("healed")};
    });
    auto fetcher = this->fetcher(server.port());
    const auto fetched = fetch_now(*fetcher, "http://media.example/");
    ASSERT_TRUE(fetched);
    EXPECT_EQ(**fetched, "healed");
    EXPECT_EQ(requests, 3);
}

TEST_F(MediaFetcherTest, TriesNothingAgainThatIsFinal) {
    std::atomic<int> requests{0};
    LoopbackServer server([&](const std::string&) {
        ++requests;
        return Answer{.bytes = LoopbackServer::status(404)};
    });
    auto fetcher = this->fetcher(server.port());
    const auto fetched = fetch_now(*fetcher, "http://media.example/");
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code, ErrorCode::not_found);
    EXPECT_EQ(requests, 1);
}

TEST_F(MediaFetcherTest, TriesTheHostsOtherAddress) {
    auto fetcher = this->fetcher(0);  // nothing can be connected
    EXPECT_FALSE(fetch_now(*fetcher, "http://media.example/"));
    EXPECT_EQ(dialled_.all(), (std::vector<std::string>{"93.184.216.34", "93.184.216.35", "93.184.216.34"}));
}

TEST_F(MediaFetcherTest, BeginsNothingNewUntilMemoryIsLetGo) {
    const std::string body(300'000, 'x');
    LoopbackServer server([&](const std::string&) { return Answer{.bytes = LoopbackServer::ok(body)}; });
    auto fetcher = this->fetcher(server.port(), {.memory_bytes_max = 500'000});
    auto first = fetch_now(*fetcher, "http://media.example/1");
    ASSERT_TRUE(first);
    EXPECT_GE(fetcher->counts().memory_bytes, body.size());
    std::promise<bool> promise;
    auto second = promise.get_future();
    fetcher->fetch({.uri = "http://media.example/2", .tenant = "t", .bytes_max = 1'000'000},
                   [&](const Result<FetchedBytes>& result) { promise.set_value(result.ok()); });
    EXPECT_EQ(fetcher->counts().waiting, 1);
    *first = FetchedBytes();
    EXPECT_TRUE(second.get());
    EXPECT_EQ(dialled_.all().size(), 1);
}

TEST_F(MediaFetcherTest, ABodyThatFillsTheMemoryIsBrokenOff) {
    const std::string body(300'000, 'x');
    LoopbackServer server([&](const std::string&) { return Answer{.bytes = LoopbackServer::ok(body)}; });
    auto fetcher = this->fetcher(server.port(), {.memory_bytes_max = 100'000, .attempts_max = 1});
    const auto fetched = fetch_now(*fetcher, "http://media.example/");
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code, ErrorCode::resource_exhausted);
    EXPECT_EQ(fetcher->counts().memory_bytes, 0);
}

TEST_F(MediaFetcherTest, FetchesManyAtOnceWithinItsBounds) {
    LoopbackServer server([](const std::string&) { return Answer{.bytes = LoopbackServer::ok("x")}; });
    auto fetcher = this->fetcher(server.port(), {.transfers_max = 3});
    std::vector<std::future<bool>> answers;
    for (int i = 0; i < 40; ++i) {
        auto promise = std::make_shared<std::promise<bool>>();
        answers.push_back(promise->get_future());
        fetcher->fetch({.uri = "http://media.example/", .tenant = "t", .bytes_max = 10},
                       [promise](const Result<FetchedBytes>& result) { promise->set_value(result.ok()); });
    }
    for (auto& answer : answers)
        EXPECT_TRUE(answer.get());
    EXPECT_EQ(fetcher->counts().running + fetcher->counts().waiting, 0);
    EXPECT_LE(server.connections(), 3);
}

TEST_F(MediaFetcherTest, AServerThatTakesNoConnectionMayHeal) {
    // A full backlog: the kernel drops what knocks.
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(bind(listener, generic, size), 0);
    ASSERT_EQ(listen(listener, 0), 0);
    ASSERT_EQ(getsockname(listener, generic, &size), 0);
    const int guest = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(connect(guest, generic, size), 0);
    auto fetcher = this->fetcher(ntohs(address.sin_port), {.connect = 50ms, .first_pause = 1ms});
    const auto fetched = fetch_now(*fetcher, "http://media.example/");
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code, ErrorCode::unavailable) << fetched.error().to_string();
    EXPECT_EQ(dialled_.all().size(), 3);
    close(guest);
    close(listener);
}

TEST_F(MediaFetcherTest, WithAKeyOnlySignedUrisAreFetchedAndTheirRedirectsNeedNoSignature) {
    std::atomic<int> requests{0};
    LoopbackServer server([&](const std::string& head) {
        ++requests;
        return Answer{.bytes = head.starts_with("GET /b.jpg") ? LoopbackServer::ok("there")
                                                              : LoopbackServer::redirect("/b.jpg")};
    });
    MediaFetcher fetcher(FetchRules::parse("*", "key").value(), quick(),
                         std::make_unique<TableResolver>(std::map<std::string, TableResolver::Answers>{
                             {"media.example", {{"93.184.216.34"}}}}),
                         std::make_unique<RecordingConnector>(dialled_, server.port()));
    // HMAC-SHA256 with the key "key", computed with `openssl dgst -sha256 -hmac key`.
    const std::string digest = "88f22647b06b81c02523c2832fec307b5bb0468c3f523f396714736a51e4acd5";
    EXPECT_TRUE(fetch_now(fetcher, "http://media.example/a.jpg?bgm_sig=" + digest));
    EXPECT_EQ(requests, 2);
    for (const std::string& unsigned_uri :
         {std::string("http://media.example/a.jpg"), std::string("http://media.example/b.jpg"),
          "http://media.example/other.jpg?bgm_sig=" + digest}) {
        const auto fetched = fetch_now(fetcher, unsigned_uri);
        ASSERT_FALSE(fetched) << unsigned_uri;
        EXPECT_EQ(fetched.error().code, ErrorCode::invalid_argument) << unsigned_uri;
    }
    EXPECT_EQ(requests, 2) << "nobody was asked";
}

TEST_F(MediaFetcherTest, ReportsBytesTriesAndConnections) {
    std::atomic<int> requests{0};
    LoopbackServer server([&](const std::string&) {
        return Answer{.bytes =
                          ++requests < 3 ? LoopbackServer::status(503) : LoopbackServer::ok("twelve bytes")};
    });
    auto fetcher = this->fetcher(server.port());
    ASSERT_TRUE(fetch_now(*fetcher, "http://media.example/"));
    const FetchReport report = reports_.last();
    EXPECT_FALSE(report.failure);
    EXPECT_EQ(report.refusal, FetchRefusal::none);
    EXPECT_EQ(report.bytes, 12);
    EXPECT_EQ(report.retries, 2);
    // The host has two addresses, which take turns; the third request goes where the first one went.
    EXPECT_EQ(report.connections_opened, 2);
    EXPECT_EQ(report.connections_reused, 1);
    EXPECT_GT(report.seconds, 0.003) << "the pauses count";
}

TEST_F(MediaFetcherTest, ReportsBytesOfWhatItBreaksOff) {
    const std::string big(100'000, 'x');
    LoopbackServer server(
        [&](const std::string&) { return Answer{.bytes = "HTTP/1.1 200 OK\r\n\r\n" + big}; });
    auto fetcher = this->fetcher(server.port());
    EXPECT_FALSE(fetch_now(*fetcher, "http://media.example/", 50'000));
    EXPECT_EQ(reports_.last().failure, ErrorCode::too_large);
    EXPECT_EQ(reports_.last().refusal, FetchRefusal::none);
    EXPECT_GT(reports_.last().bytes, 0);
}

TEST_F(MediaFetcherTest, ReportsWhichGuardRefused) {
    LoopbackServer server([](const std::string&) { return Answer{.bytes = LoopbackServer::redirect("/")}; });
    auto fetcher = this->fetcher(server.port(), quick(), "media.example 127.0.0.1");
    const std::map<std::string, FetchRefusal> cases{
        {"ftp://media.example/", FetchRefusal::url},        {"http://user@media.example/", FetchRefusal::url},
        {"http://other.example/", FetchRefusal::host},      {"http://media.example:22/", FetchRefusal::host},
        {"http://127.0.0.1/", FetchRefusal::address},       {"http://0x7f000001/", FetchRefusal::address},
        {"http://media.example/", FetchRefusal::redirects},
    };
    for (const auto& [url, refusal] : cases) {
        EXPECT_FALSE(fetch_now(*fetcher, url)) << url;
        EXPECT_EQ(reports_.last().refusal, refusal) << url;
        EXPECT_TRUE(reports_.last().failure) << url;
    }
    MediaFetcher signed_only(FetchRules::parse("*", "key").value(), quick(),
                             std::make_unique<TableResolver>(std::map<std::string, TableResolver::Answers>{}),
                             std::make_unique<RecordingConnector>(dialled_, 0), reports_.keep());
    EXPECT_FALSE(fetch_now(signed_only, "http://media.example/"));
    EXPECT_EQ(reports_.last().refusal, FetchRefusal::signature);
}

TEST_F(MediaFetcherTest, GivesUpWhatIsUnderWayWhenItEnds) {
    LoopbackServer server(
        [](const std::string&) { return Answer{.bytes = "HTTP/1.1 200 OK\r\n", .hold = true}; });
    auto fetcher = this->fetcher(server.port());
    std::promise<Result<FetchedBytes>> promise;
    auto future = promise.get_future();
    fetcher->fetch({.uri = "http://media.example/", .tenant = "t", .bytes_max = 10},
                   [&](Result<FetchedBytes> result) { promise.set_value(std::move(result)); });
    fetcher.reset();
    EXPECT_EQ(future.get().error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace bgm
