// Hosts that share a database find each other, and notice who is gone; and who does not fit is turned away.
#include "daemon/cluster/membership.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>

#include "daemon/cluster/host_status.hpp"
#include "tests/daemon/store/migrated_database.hpp"

namespace bgm {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A bgmd, as far as the others see it.
class Host {
 public:
    Host(const MySqlOptions& mysql, const std::string& name, int partitions = 12) {
        auto opened = Membership::open(
            {.mysql = mysql, .run = HostRun::begin(name), .partitions = partitions, .period = 50ms}, loop_,
            {.on_hosts =
                 [this](const std::vector<HostRow>& hosts) {
                     std::vector<std::string> names;
                     for (const HostRow& host : hosts)
                         names.push_back(host.name + (host.draining ? " draining" : ""));
                     const MutexLock lock(mutex_);
                     there_ = names;
                     heard_.push_back(names);
                 },
             .on_refused =
                 [this](const Error& error) {
                     const MutexLock lock(mutex_);
                     refused_ = error;
                 },
             .status =
                 [name] {
                     return nlohmann::json::object({{"version", "of " + name}}).dump();
                 },
             .announced_over = [this] { return over_.load(); }});
        if (!opened) {
            error_ = opened.error();
            return;
        }
        membership_ = *std::move(opened);
        thread_ = std::jthread([this] { loop_.run(); });
    }
    ~Host() { leave(); }
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    void leave() {
        loop_.stop();
        if (thread_.joinable()) thread_.join();
        membership_.reset();
    }
    void drain() {
        loop_.post([this] { membership_->drain(); });
    }
    std::vector<std::string> there() {
        const MutexLock lock(mutex_);
        return there_;
    }
    std::vector<std::vector<std::string>> heard() {
        const MutexLock lock(mutex_);
        return heard_;
    }
    std::optional<Error> refused() {
        const MutexLock lock(mutex_);
        return refused_;
    }
    std::string status_of(const std::string& name) {
        const nlohmann::json all = hosts_json(seen());
        for (const auto& host : all.at("hosts")) {
            if (host.at("name") == name) return host.value("version", "");
        }
        return {};
    }
    HostsSeen seen() {
        std::atomic<bool> done = false;
        HostsSeen seen;
        loop_.post([&] {
            seen = membership_->seen();
            done = true;
        });
        while (!done)
            std::this_thread::yield();
        return seen;
    }
    const std::optional<Error>& error() const { return error_; }
    std::atomic<std::uint64_t> over_ = 0;

 private:
    EventLoop loop_;
    Mutex mutex_;
    std::vector<std::string> there_ BGM_GUARDED_BY(mutex_);
    std::vector<std::vector<std::string>> heard_ BGM_GUARDED_BY(mutex_);
    std::optional<Error> refused_ BGM_GUARDED_BY(mutex_);
    std::optional<Error> error_;
    std::unique_ptr<Membership> membership_;
    std::jthread thread_;
};

class MembershipTest : public test::MigratedDatabase {
 protected:
    void SetUp() override {
        test::MigratedDatabase::SetUp();
        execute("DELETE FROM hosts");
        execute("DELETE FROM cluster_settings");
    }
    template <typename Condition>
    static bool soon(Condition condition) {
        const auto until = std::chrono::steady_clock::now() + 60s;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > until) return false;
            std::this_thread::yield();
        }
        return true;
    }
    static bool sees(Host& host, const std::vector<std::string>& others) {
        if (soon([&] { return host.there() == others; })) return true;
        ADD_FAILURE() << testing::PrintToString(host.there());
        return false;
    }
};

TEST_F(MembershipTest, ThreeHostsFindEachOtherAndHearAtOnceWhoLeaves) {
    Host a(database_->options(), "a");
    Host b(database_->options(), "b");
    ASSERT_FALSE(a.error() || b.error());
    EXPECT_TRUE(sees(a, {"a", "b"}));
    {
        Host c(database_->options(), "c");
        for (Host* host : {&a, &b, &c})
            EXPECT_TRUE(sees(*host, {"a", "b", "c"}));
        EXPECT_TRUE(soon([&] { return b.status_of("c") == "of c"; }));
        c.drain();
        EXPECT_TRUE(sees(a, {"a", "b", "c draining"}));
    }
    // Nobody had to miss it first.
    EXPECT_EQ(number("SELECT gone FROM hosts WHERE name = 'c'"), 1);
    EXPECT_TRUE(sees(a, {"a", "b"}));
    EXPECT_TRUE(sees(b, {"a", "b"}));
}

TEST_F(MembershipTest, AHostThatIsSilentIsMissed) {
    Host a(database_->options(), "a");
    execute(
        "INSERT INTO hosts (name, instance, started_at, seen_at, status) VALUES ('silent', x'00', NOW(6), "
        "NOW(6), "
        "'{}')");
    EXPECT_TRUE(sees(a, {"a", "silent"}));
    EXPECT_TRUE(sees(a, {"a"}));
}

TEST_F(MembershipTest, NobodyIsMissedBecauseMySqlWasAway) {
    auto own = test::PrivateMariaDb::start();
    ASSERT_TRUE(own) << own.error().to_string();
    MySqlOptions impatient = (*own)->options();
    impatient.read_timeout_ms = 1'000;
    Host a(impatient, "a");
    Host b(impatient, "b");
    ASSERT_TRUE(sees(a, {"a", "b"}));
    ASSERT_TRUE(sees(b, {"a", "b"}));
    const std::size_t heard = a.heard().size();
    (*own)->kill();
    ASSERT_TRUE((*own)->restart());
    // Longer ago than anybody is waited for, as after a long outage.
    MySqlConnection probe((*own)->options());
    ASSERT_TRUE(probe.connect());
    ASSERT_TRUE(probe.execute("UPDATE hosts SET seen_at = seen_at - INTERVAL 20 SECOND"));
    EXPECT_TRUE(soon([&] {
        int seen = 0;
        EXPECT_TRUE(probe.query("SELECT COUNT(*) FROM hosts WHERE seen_at > NOW(6) - INTERVAL 1 SECOND",
                                [&](MySqlRow row) { seen = std::stoi(row[0].value_or("0")); }));
        return seen == 2;
    }));
    EXPECT_EQ(a.heard().size(), heard) << testing::PrintToString(a.heard());
}

TEST_F(MembershipTest, WhatMySqlSaidLastGrowsOldWhileItIsAway) {
    auto own = test::PrivateMariaDb::start();
    ASSERT_TRUE(own) << own.error().to_string();
    MySqlOptions impatient = (*own)->options();
    impatient.read_timeout_ms = 1'000;
    Host a(impatient, "a");
    ASSERT_TRUE(sees(a, {"a"}));
    EXPECT_EQ(a.seen().error, "");
    (*own)->kill();
    ASSERT_TRUE(soon([&] { return !a.seen().error.empty() && a.seen().ago > 500ms; }));
    const HostsSeen seen = a.seen();
    EXPECT_EQ(seen.hosts.size(), 1U);
    EXPECT_GT(hosts_json(seen).at("hosts")[0].at("seen_ms"), 500);
    ASSERT_TRUE((*own)->restart());
    EXPECT_TRUE(soon([&] { return a.seen().error.empty() && a.seen().ago < 500ms; }));
}

TEST_F(MembershipTest, AnotherNumberOfPartitionsIsRefusedWithTheSentenceThatMendsIt) {
    Host a(database_->options(), "a", 12);
    ASSERT_FALSE(a.error());
    Host b(database_->options(), "b", 16);
    ASSERT_TRUE(b.error());
    EXPECT_EQ(b.error()->field, "queue.partitions");
    EXPECT_THAT(b.error()->message, HasSubstr("is 16 here and 12 on the other hosts"));
    EXPECT_THAT(b.error()->message, HasSubstr("Set it to 12"));
}

TEST_F(MembershipTest, AClockThatIsNotMySqlsIsRefusedWithTheSentenceThatMendsIt) {
    for (const auto& [seconds, by] : {std::pair(-30, "30 s ahead of"), {30, "29 s behind"}}) {
        MySqlConnection root(database_->root_options());
        ASSERT_TRUE(root.connect());
        // The server's clock, for connections that come later.
        ASSERT_TRUE(root.execute("SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP(NOW(6)) + " +
                                 std::to_string(seconds) + "'"));
        Host a(database_->options(), "a");
        ASSERT_TRUE(root.execute("SET GLOBAL init_connect = ''"));
        ASSERT_TRUE(a.error());
        EXPECT_THAT(a.error()->message, HasSubstr("this host's clock is"));
        EXPECT_THAT(a.error()->message, HasSubstr("timedatectl set-ntp true"));
        (void)by;
    }
    Host fine(database_->options(), "a");
    EXPECT_FALSE(fine.error());
}

TEST_F(MembershipTest, WhoDoesNotFitIsToldWhenMySqlIsBack) {
    auto own = test::PrivateMariaDb::start();
    ASSERT_TRUE(own);
    ASSERT_TRUE(migrate((*own)->options()));
    MySqlConnection probe((*own)->options());
    ASSERT_TRUE(probe.connect());
    ASSERT_TRUE(probe.execute("INSERT INTO cluster_settings VALUES ('partitions', '8')"));
    (*own)->kill();
    Host late((*own)->options(), "late", 12);
    ASSERT_FALSE(late.error());
    ASSERT_TRUE((*own)->restart());
    ASSERT_TRUE(soon([&] { return late.refused().has_value(); }));
    EXPECT_EQ(late.refused()->field, "queue.partitions");
    EXPECT_THAT(late.there(), IsEmpty());
}

TEST_F(MembershipTest, WhatAHostAnnouncedIsWithdrawnWhenItIsOverOrItsHostIsLost) {
    Host a(database_->options(), "a");
    ASSERT_TRUE(sees(a, {"a"}));
    execute(
        "INSERT INTO hosts (name, instance, started_at, seen_at, events_through, status) VALUES ('silent', "
        "x'00', NOW(6), NOW(6), 70, '{}')");
    execute("UPDATE hosts SET events_through = 50 WHERE name = 'a'");
    EXPECT_TRUE(sees(a, {"a", "silent"}));
    EXPECT_EQ(number("SELECT SUM(events_through) FROM hosts"), 120);
    EXPECT_TRUE(soon([&] { return number("SELECT SUM(events_through) FROM hosts") == 50; }));
    EXPECT_EQ(
        number("SELECT COUNT(*) FROM hosts WHERE name = 'silent' AND seen_at < NOW(6) - INTERVAL 5 SECOND"),
        1);
    a.over_ = 50;
    EXPECT_TRUE(soon([&] { return number("SELECT SUM(events_through) FROM hosts") == 0; }));
}

}  // namespace
}  // namespace bgm
