// What hostile and broken clients do to a server, over real sockets: they get an error or nothing, memory
// stays within its budget, and another client is served meanwhile.
#include <sys/resource.h>

#include <fstream>

#include "tests/daemon/gateway/gateway_fixture.hpp"

namespace bgm::test {
namespace {

using namespace std::chrono_literals;

gateway::GatewayOptions hurried() {
    gateway::GatewayOptions options;
    options.http.header_timeout = 300ms;
    options.http.body_timeout = 300ms;
    options.http.connections_max = 64;
    options.http.body_bytes_max = 1 << 20;
    options.memory_bytes_max = 4 << 20;
    return options;
}

class AbuseTest : public GatewayTest {
 protected:
    explicit AbuseTest(const gateway::GatewayOptions& options = hurried()) : GatewayTest(options) {}

    void expect_others_are_served() {
        EXPECT_EQ(post_json(client(), R"({"post_id":"o","text":"t"})").status, 202);
    }
    // Sent as it is; the answer's status, and the connection must end.
    int refused(const std::string& bytes) {
        RawClient hostile = client();
        (void)hostile.send(bytes);
        const auto answer = hostile.read_answer();
        EXPECT_TRUE(hostile.at_end()) << bytes.substr(0, 80);
        return answer.status;
    }
    static std::string chunked(const std::string& body) {
        return "POST /v1/posts HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer " + key_text("all") +
               "\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n" +
               body;
    }
    static std::size_t resident_kib() {
        std::ifstream status("/proc/self/status");
        for (std::string line; std::getline(status, line);) {
            if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
        }
        return 0;
    }
};

TEST_F(AbuseTest, SlowHeadsAndBodiesAreCutOff) {
    RawClient head = client();
    ASSERT_TRUE(head.send("POST /v1/posts HTTP/1.1\r\nHost"));
    RawClient body = client();
    ASSERT_TRUE(
        body.send(request("POST /v1/posts", std::string(1000, 'x'), "Content-Type: application/json\r\n")
                      .substr(0, 300)));
    expect_others_are_served();
    EXPECT_EQ(head.read_answer().status, 408);
    EXPECT_TRUE(head.at_end());
    EXPECT_EQ(body.read_answer().status, 408);
    EXPECT_TRUE(body.at_end());
}

TEST_F(AbuseTest, ADripOfBytesIsNoProgress) {
    RawClient drip = client();
    ASSERT_TRUE(drip.send("GET / HTTP/1.1\r\nHost: t\r\nX: "));
    // A byte now and then moves the head on, but not its deadline.
    while (drip.send("x")) {
        if (drip.read_more(20ms)) break;
    }
    EXPECT_EQ(drip.read_answer().status, 408);
}

TEST_F(AbuseTest, TooManyConnectionsPushOutTheLongestIdleOne) {
    std::vector<RawClient> idle;
    for (int i = 0; i < 200; ++i)
        idle.push_back(client());
    expect_others_are_served();
    EXPECT_TRUE(idle.front().at_end());
}

TEST_F(AbuseTest, LargeBodiesAreRefusedBeforeTheyTakeMemory) {
    const std::size_t before = resident_kib();
    const std::string head =
        "POST /v1/posts HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer " + key_text("all") +
        "\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1073741824\r\n";
    EXPECT_EQ(refused(head + "\r\n"), 413);
    EXPECT_EQ(refused(head + "Expect: 100-continue\r\n\r\n"), 413) << "and not asked for";
    EXPECT_EQ(refused(chunked("40000000\r\n")), 413);
    // Without a claim it is cut off where it passes the limit.
    RawClient endless = client();
    (void)endless.send(chunked(""));
    const std::string chunk = "10000\r\n" + std::string(65536, 'x') + "\r\n";
    for (int i = 0; i < 16384 && endless.send(chunk); ++i) {
    }
    expect_others_are_served();
    EXPECT_LT(resident_kib(), before + 64 * 1024);
}

TEST_F(AbuseTest, ManyBodiesTogetherStayWithinTheBudget) {
    std::vector<RawClient> clients;
    const std::string body(1000 * 1000, 'x');
    for (int i = 0; i < 20; ++i) {
        clients.push_back(client());
        // All but the last byte, so that each holds what it has sent.
        const std::string whole =
            request("POST /v1/posts", body, "Content-Type: multipart/form-data; boundary=b\r\n");
        (void)clients.back().send(whole.substr(0, whole.size() - 1));
    }
    int refusals = 0;
    for (RawClient& each : clients) {
        const int status = each.read_answer().status;
        refusals += status == 503 ? 1 : 0;
        EXPECT_TRUE(status == 503 || status == 408) << status;
    }
    EXPECT_GT(refusals, 0);
    expect_others_are_served();
}

TEST_F(AbuseTest, LiesAboutChunksEndTheConnection) {
    for (const char* lie : {"x\r\n", "5\nhello", "5\r\nhelloXX", "5\r\nhello\nX", "5\r\nhelloX",
                            "ffffffffffffffffff\r\n", "-1\r\n", "0\r\nX\r\n\r\n", "0\r\nX: y\n"})
        EXPECT_EQ(refused(chunked(lie)), 400) << lie << ": at once, and not when its time is over";
    EXPECT_EQ(refused(chunked("1;" + std::string(100'000, 'x'))), 431);
    expect_others_are_served();
}

TEST_F(AbuseTest, HeadsThatAreWrongEndTheConnection) {
    EXPECT_EQ(refused("GET /\r\n"), 400) << "HTTP/0.9";
    EXPECT_EQ(refused("\x16\x03\x01\x02"), 400) << "TLS";
    EXPECT_EQ(refused("\r\nGET / HTTP/1.1\r\nHost: t\r\n\r\n"), 400);
    EXPECT_EQ(refused("GET / HTTP/1.1\nHost: t\n\n"), 400) << "bare line feeds";
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: t\r\nX: " + std::string(20'000, 'x')), 431);
    std::string flood = "GET / HTTP/1.1\r\nHost: t\r\n";
    for (int i = 0; i < 500; ++i)
        flood += "A" + std::to_string(i) + ": b\r\n";
    EXPECT_EQ(refused(flood + "\r\n"), 431);
    EXPECT_EQ(refused("POST /v1/posts HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nTransfer-Encoding: "
                      "chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n"),
              400);
    expect_others_are_served();
}

TEST_F(AbuseTest, PipelinedRequestsAreAnsweredInTheirOrder) {
    RawClient client = this->client();
    const std::string get = "GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n";
    ASSERT_TRUE(
        client.send(get + "HEAD /healthz HTTP/1.1\r\nHost: t\r\n\r\n" +
                    request("POST /v1/posts", R"({"post_id":"p"})", "Content-Type: application/json\r\n") +
                    "GET /nothing HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n" + get));
    EXPECT_EQ(client.read_answer().body, "{\"alive\":true}\n");
    EXPECT_EQ(client.read_answer(false).fields.at("content-length"), "15");
    EXPECT_EQ(client.read_answer().status, 202);
    EXPECT_EQ(client.read_answer().status, 404);
    EXPECT_TRUE(client.at_end()) << "what stands behind a close is not answered";
}

class PatientGatewayTest : public AbuseTest {
 protected:
    PatientGatewayTest() : AbuseTest(gateway::GatewayOptions{}) {}
};

TEST_F(PatientGatewayTest, ABodyIsAskedForOnlyWhereItWillBeRead) {
    RawClient client = this->client();
    const std::string body = R"({"post_id":"p"})";
    const std::string whole =
        request("POST /v1/posts", body, "Content-Type: application/json\r\nExpect: 100-continue\r\n");
    ASSERT_TRUE(client.send(whole.substr(0, whole.size() - body.size())));
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    ASSERT_TRUE(client.send(body));
    EXPECT_EQ(client.read_answer().status, 202);
    EXPECT_EQ(refused(request("POST /v1/posts", "x", "Content-Type: text/plain\r\nExpect: 100-continue\r\n")),
              415);
}

TEST_F(AbuseTest, AnUpgradeIsNotTaken) {
    RawClient client = this->client();
    const auto answer = client.ask(
        "GET /healthz HTTP/1.1\r\nHost: t\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: "
        "h2c\r\nHTTP2-Settings: x\r\n\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(client.ask("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n").status, 200) << "it goes on as before";
}

TEST_F(AbuseTest, AClientThatGoesInTheMiddleCostsNothing) {
    for (int i = 0; i < 50; ++i) {
        RawClient client = this->client();
        const std::string whole =
            request("POST /v1/posts", R"({"post_id":"p","text":"t"})", "Content-Type: application/json\r\n");
        (void)client.send(whole.substr(0, whole.size() * static_cast<std::size_t>(i) / 49));
    }
    expect_others_are_served();
}

class CrowdTest : public AbuseTest {
 protected:
    static gateway::GatewayOptions many() {
        gateway::GatewayOptions options;
        options.http.connections_max = 12'000;
        return options;
    }
    static gateway::GatewayOptions raised() {
        rlimit limit{};
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        return many();
    }
    CrowdTest() : AbuseTest(raised()) {}
};

TEST_F(CrowdTest, TenThousandIdleConnectionsCostLittle) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    // Both ends are this process's, and it has a few others.
    constexpr std::size_t kWanted = 10'000;
    constexpr std::size_t kOthers = 250;
    const std::size_t count = std::min<std::size_t>(kWanted, (limit.rlim_cur - kOthers) / 2);
    std::cout << count << " connections, of " << limit.rlim_cur << " descriptors\n";
    const std::size_t before = resident_kib();
    std::vector<RawClient> idle;
    for (std::size_t i = 0; i < count; ++i)
        idle.push_back(client());
    expect_others_are_served();
    // Clients of the test included.
    EXPECT_LT(resident_kib(), before + 64 * 1024);
    EXPECT_EQ(idle.front().ask("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n").status, 200)
        << "and none was lost";
}

}  // namespace
}  // namespace bgm::test
