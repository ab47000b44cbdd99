// Workers on other hosts: who is let in, what they may call themselves, and what becomes of those that nobody
// can kill. Over the real port, on loopback.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <fstream>
#include <iostream>
#include <latch>
#include <thread>

#include "tests/daemon/fleet/remote_worker.hpp"
#include "tests/daemon/fleet/worker_pool_fixture.hpp"

namespace bgm {
namespace {

using testing::FakeWorker;
using ::testing::HasSubstr;
using testing::RemoteWorker;

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int port_of(const std::string& endpoint) {
    return std::stoi(endpoint.substr(endpoint.rfind(':') + 1));
}

// Stands in the wire: passes everything on, and keeps what the worker says.
class Eavesdropper {
 public:
    explicit Eavesdropper(int port) : port_(port), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in own = loopback(0);
        socklen_t size = sizeof own;
        EXPECT_EQ(bind(listener_, reinterpret_cast<const sockaddr*>(&own), size), 0);
        EXPECT_EQ(listen(listener_, 1), 0);
        getsockname(listener_, reinterpret_cast<sockaddr*>(&own), &size);
        own_port_ = ntohs(own.sin_port);
        thread_ = std::jthread([this] { pass_on(); });
    }
    ~Eavesdropper() {
        shutdown(listener_, SHUT_RDWR);
        thread_.join();
        close(listener_);
    }
    Eavesdropper(const Eavesdropper&) = delete;
    Eavesdropper& operator=(const Eavesdropper&) = delete;

    std::string endpoint() const { return "tcp://127.0.0.1:" + std::to_string(own_port_); }
    /// Of the first connection, once it is over.
    std::string heard() {
        heard_ready_.wait();
        return heard_;
    }

 private:
    void pass_on() {
        const int worker = accept(listener_, nullptr, nullptr);
        if (worker >= 0) {
            const int daemon = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            const sockaddr_in there = loopback(port_);
            if (connect(daemon, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0) {
                std::array<pollfd, 2> ends{{{worker, POLLIN, 0}, {daemon, POLLIN, 0}}};
                std::array<char, 4096> bytes{};
                for (bool open = true; open && ::poll(ends.data(), ends.size(), -1) > 0;) {
                    for (std::size_t i = 0; i < ends.size() && open; ++i) {
                        if (ends.at(i).revents == 0) continue;
                        const ssize_t got = read(ends.at(i).fd, bytes.data(), bytes.size());
                        open = got > 0 &&
                               write(ends.at(1 - i).fd, bytes.data(), static_cast<std::size_t>(got)) == got;
                        if (i == 0 && got > 0) heard_.append(bytes.data(), static_cast<std::size_t>(got));
                    }
                }
            }
            close(daemon);
            close(worker);
        }
        heard_ready_.count_down();
    }

    const int port_;
    const int listener_;
    int own_port_ = 0;
    std::string heard_;
    std::latch heard_ready_{1};
    std::jthread thread_;
};

class RemoteWorkersTest : public testing::WorkerPoolFixture {
 protected:
    void SetUp() override {
        WorkerPoolFixture::SetUp();
        config_.workers.listen = "tcp://127.0.0.1:0";
        config_.workers.curve_secret_file = folder_.path() / "secret";
        config_.workers.curve_clients_file = folder_.path() / "clients";
        config_.workers.heartbeat_ms = 10'000;
        ASSERT_TRUE(write_curve_secret(config_.workers.curve_secret_file, server_.secret_key));
        write_clients({{"gpu1", one_.public_key}, {"gpu2", other_.public_key}});
        open();
        where_ = pool_->remote_endpoint();
    }
    void write_clients(const std::map<std::string, std::string>& keys) {
        std::ofstream file(config_.workers.curve_clients_file);
        for (const auto& [host, key] : keys)
            file << key << ' ' << host << '\n';
    }

    std::unique_ptr<RemoteWorker> caller(const CurvePair& keys, const std::string& name = "text-0") {
        return std::make_unique<RemoteWorker>(
            where_, name, RemoteWorker::Keys{.server = server_.public_key, .own = keys.secret_key});
    }
    /// One that serves.
    std::unique_ptr<RemoteWorker> remote(const std::string& host, const CurvePair& keys,
                                         const std::string& name = "text-0") {
        auto made = caller(keys, name);
        EXPECT_TRUE(made->connected());
        made->introduce();
        EXPECT_TRUE(running_.eventually([&] { return status(host + "/" + name).has_value(); }));
        return made;
    }
    long figure(const std::string& series) const {
        const std::string text = metrics_.text();
        const std::size_t at = text.find("\n" + series);
        return at == std::string::npos ? -1 : std::stol(text.substr(at + 1 + series.size()));
    }
    long refused(const std::string& reason) const {
        return figure("bgmd_remote_worker_refusals_total{reason=\"" + reason + "\"} ");
    }
    bool counted(const std::string& reason, long at_least) {
        return running_.eventually([&] { return refused(reason) >= at_least; });
    }
    std::size_t known() {
        return running_.on_loop([this] { return pool_->workers().size(); });
    }

    const CurvePair server_ = make_curve_pair();
    const CurvePair one_ = make_curve_pair();
    const CurvePair other_ = make_curve_pair();
    std::string where_;
};

TEST_F(RemoteWorkersTest, AHostWhoseKeyIsKnownIsGivenTasks) {
    auto worker = remote("gpu1", one_);
    submit_text("a");
    const v1::Task task = worker->next_task();
    EXPECT_EQ(task.text(), "a");
    EXPECT_TRUE(task.receipt()) << "the lease begins when it has come";
    worker->answer(task);
    expect_own_answer("a");
}

TEST_F(RemoteWorkersTest, StrangersAreRefusedCountedAndWithoutEffect) {
    auto worker = remote("gpu1", one_);
    auto wrong = caller(make_curve_pair());
    EXPECT_THAT(wrong->complaint(), HasSubstr("does not know the key"));
    wrong->introduce();
    EXPECT_TRUE(counted("key", 1));
    // Without CURVE, by ZeroMQ, and without ZeroMQ.
    FakeWorker plain(where_, "text-9", {});
    EXPECT_TRUE(counted("handshake", 1));
    RemoteWorker deceived(where_, "text-0",
                          {.server = other_.public_key, .own = one_.secret_key});  // pins another server's
    EXPECT_TRUE(counted("handshake", 2));
    EXPECT_EQ(known(), 1U);
    submit_text("a");
    worker->answer(worker->next_task());
    expect_own_answer("a");
}

TEST_F(RemoteWorkersTest, NamesAreOfTheKeyAndCannotCollide) {
    auto local = WorkerPoolFixture::worker("text-0");
    auto one = remote("gpu1", one_);
    auto other = remote("gpu2", other_);
    EXPECT_EQ(known(), 3U);
    for (const char* name : {"text-0", "gpu1/text-0", "gpu2/text-0"})
        EXPECT_TRUE(running_.on_loop([&] { return status(name).has_value(); })) << name;
    // One of this host that takes the routing id of such a worker is nobody.
    FakeWorker sly(config_.workers.endpoint, "text-0", "@gpu1/text-0/1/2/3", {});
    EXPECT_TRUE(counted("name", 1));
    EXPECT_EQ(known(), 3U);
    // And one that says another's name in its own connection has lied.
    auto liar = caller(other_, "text-7");
    ASSERT_TRUE(liar->connected());
    liar->hello().set_name("text-0");
    liar->introduce();
    const auto told = liar->next();
    ASSERT_TRUE(told);
    EXPECT_TRUE(told->has_retire());
    EXPECT_EQ(known(), 3U);
}

TEST_F(RemoteWorkersTest, AHelloOfAnotherConnectionIsRefusedWhileTheFirstIsThere) {
    auto first = remote("gpu1", one_);
    submit_text("a");
    const v1::Task task = first->next_task();
    auto second = caller(one_);
    ASSERT_TRUE(second->connected());
    second->introduce();
    EXPECT_TRUE(second->until([&] {
        first->beat();
        return refused("name") > 0;
    }));
    first->introduce();  // said twice by the one that may: nothing changes
    first->answer(task);
    expect_own_answer("a");
    EXPECT_EQ(known(), 1U);
    // Once the first is gone the name is free.
    first.reset();
    submit_text("b");
    second->answer(second->next_task());
    expect_own_answer("b");
}

// Byte for byte, as somebody in the wire has it: the greeting, the handshake and the Hello.
TEST_F(RemoteWorkersTest, ARecordedConversationIsWorthNothing) {
    Eavesdropper wire(port_of(where_));
    {
        RemoteWorker worker(wire.endpoint(), "text-0",
                            {.server = server_.public_key, .own = one_.secret_key});
        ASSERT_TRUE(worker.connected());
        worker.introduce();
        EXPECT_TRUE(running_.eventually([&] { return status("gpu1/text-0").has_value(); }));
    }
    EXPECT_TRUE(running_.eventually([&] { return pool_->workers().empty(); }));
    const std::string heard = wire.heard();
    ASSERT_GT(heard.size(), 500U);
    const long before = refused("handshake");
    const int again = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in there = loopback(port_of(where_));
    ASSERT_EQ(connect(again, reinterpret_cast<const sockaddr*>(&there), sizeof there), 0);
    ASSERT_EQ(write(again, heard.data(), heard.size()), static_cast<ssize_t>(heard.size()));
    EXPECT_TRUE(counted("handshake", before + 1));
    EXPECT_EQ(known(), 0U);
    close(again);
}

TEST_F(RemoteWorkersTest, AKeyThatIsTakenFromTheListIsWorthNothing) {
    auto worker = remote("gpu1", one_);
    write_clients({{"gpu2", other_.public_key}});
    std::filesystem::last_write_time(config_.workers.curve_clients_file,
                                     std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
    EXPECT_TRUE(worker->until([&] {
        worker->beat();
        return refused("key") > 0;
    }));
    EXPECT_TRUE(running_.eventually([&] { return pool_->workers().empty(); }));
    EXPECT_THAT(caller(one_)->complaint(), HasSubstr("does not know the key"));
    auto added = remote("gpu2", other_);
}

TEST_F(RemoteWorkersTest, WhoeverLiesThreeTimesIsCutOffWithAllOfItsHost) {
    auto beside = remote("gpu1", one_, "text-1");
    auto liar = remote("gpu1", one_);
    auto honest = remote("gpu2", other_);
    v1::FromWorker lie;
    lie.mutable_heartbeat()->set_rss_bytes(~0ULL);
    for (int i = 0; i < 3; ++i)
        liar->say(lie);
    EXPECT_TRUE(running_.eventually([&] { return pool_->workers().size() == 1; }));
    std::optional<v1::ToWorker> told;
    EXPECT_TRUE(liar->until([&] { return (told = liar->next()) && told->has_end(); }));
    liar->introduce();
    EXPECT_TRUE(counted("key", 1));
    EXPECT_THAT(caller(one_)->complaint(), HasSubstr("does not know the key"));
    submit_text("a");
    honest->answer(honest->next_task());
    expect_own_answer("a");
    EXPECT_THAT(metrics_.text(), HasSubstr("bgmd_worker_ends_total{modality=\"text\",reason=\"lies\"} 1"));
}

TEST_F(RemoteWorkersTest, OneThatLeavesIsSentNothingMoreAndToldSoBehindTheLastTask) {
    auto leaving = remote("gpu1", one_);
    submit_text("a");
    const v1::Task last = leaving->next_task();
    leaving->goodbye(false);
    const auto told = leaving->next();
    ASSERT_TRUE(told);
    EXPECT_TRUE(told->has_retire());
    submit_text("b");
    leaving->answer(last);
    expect_own_answer("a");
    auto next = remote("gpu2", other_);
    next->answer(next->next_task());
    expect_own_answer("b");
}

// A cut wire says nothing about the tasks that were on it; a worker that died does.
TEST_F(RemoteWorkersTest, NothingIsBlamedForAConnectionThatBroke) {
    config_.dispatch.poison_after = 1;
    for (int i = 0; i < 3; ++i) {
        auto cut = remote("gpu1", one_);
        if (i == 0) submit_text("a");
        EXPECT_EQ(cut->next_task().text(), "a");
    }
    auto dying = remote("gpu2", other_);
    EXPECT_EQ(dying->next_task().text(), "a");
    dying->goodbye(true);
    EXPECT_EQ(answer_to("a").error().code, ErrorCode::corrupt);
}

// Those who connect and say nothing cost a descriptor each until they are dropped, and the port a pause.
TEST_F(RemoteWorkersTest, TenThousandConnectionsDoNotDisturbThoseThatAreThere) {
    constexpr int kCallers = 10'000;
    auto local = WorkerPoolFixture::worker("local");
    auto worker = remote("gpu1", one_);
    const sockaddr_in address = loopback(port_of(where_));
    std::vector<int> callers;
    std::chrono::steady_clock::duration slowest{};
    for (int i = 0; i < kCallers; ++i) {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) break;
        (void)!connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        callers.push_back(fd);
        if (i % 500 != 0) continue;
        const auto begin = std::chrono::steady_clock::now();
        const std::string text = "beside " + std::to_string(i);
        submit_text(text);
        bool answered = false;
        // Whichever of the two has it.
        worker->until([&] {
            while (auto message = worker->next_or_nothing()) {
                if (message->has_task()) worker->answer(message->task());
            }
            if (auto task = local->task_or_nothing()) local->answer(*task);
            worker->beat();
            return (answered = running_.on_loop([&] { return answers_.contains(text); }));
        });
        EXPECT_TRUE(answered) << text;
        slowest = std::max(slowest, std::chrono::steady_clock::now() - begin);
    }
    EXPECT_EQ(callers.size(), static_cast<std::size_t>(kCallers)) << "too few descriptors for this test";
    std::cout << "  the slowest of 20 tasks beside " << callers.size() << " callers took "
              << std::chrono::duration_cast<std::chrono::milliseconds>(slowest).count() << " ms\n";
    EXPECT_EQ(known(), 2U) << "nobody lost a connection";
    long most = 0;
    EXPECT_TRUE(running_.eventually([&] {
        most = std::max(most, figure("bgmd_remote_worker_connections "));
        return refused("handshake") >= RemoteDoor::kConnectionsMax / 2;
    }));
    EXPECT_LT(most, kCallers / 2) << "the others were turned away";
    for (const int fd : callers)
        close(fd);
    // The port opens again, by itself.
    auto next = remote("gpu2", other_);
}

}  // namespace
}  // namespace bgm
