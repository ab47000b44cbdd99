// Posts stream in while the nodes of the database are lost, one after the other: killed, cut off, and at a
// standstill.
#include <gmock/gmock.h>

#include "tests/cluster/ledger.hpp"
#include "tests/eventually.hpp"

namespace bgm::test {
namespace {

using std::chrono::seconds;

class GaleraNodes : public testing::Test {
 protected:
    void SetUp() override {
        if (const std::string why = Cluster::why_not(false, true); !why.empty()) GTEST_SKIP() << why;
        cluster_ = std::make_unique<Cluster>(Cluster::Options{
            .amqp = false, .galera = true, .hosts = 1, .settings = {"mysql.answer_timeout_ms=2000"}});
    }

    /// Until so many more picks are in the database, as a node that is well says.
    void deliver(Ledger& book, long picks) {
        const auto count = [&] { return cluster_->database().count("SELECT COUNT(*) FROM picks"); };
        const long goal = count() + picks;
        const auto until = std::chrono::steady_clock::now() + seconds(120);
        auto look = std::chrono::steady_clock::now();
        bool there = false;
        book.run_until([&] {
            const auto now = std::chrono::steady_clock::now();
            if (now < look) return false;
            look = now + std::chrono::milliseconds(100);
            there = count() >= goal;
            return there || now > until;
        });
        ASSERT_TRUE(there) << cluster_->last_words();
    }
    void returns(std::size_t node) {
        ASSERT_TRUE(eventually([&] { return cluster_->database().answers(node); }, seconds(120)))
            << "node " << node << " does not come back";
    }

    std::unique_ptr<Cluster> cluster_;
};

TEST_F(GaleraNodes, NoPostIsLostOrDoubledWhateverBecomesOfOneNode) {
    Database& database = cluster_->database();
    Ledger book(*cluster_, {.prefix = "galera-", .window = 16, .posts_per_s = 40, .takes_ms = 3});
    deliver(book, 20);
    database.kill(0);
    deliver(book, 20);
    ASSERT_TRUE(database.restart(0));
    returns(0);
    // bgmd is with the second one now.
    database.machine(1).pull_out();
    deliver(book, 20);
    database.machine(1).put_in();
    returns(1);
    database.freeze(0);
    deliver(book, 20);
    database.thaw(0);
    returns(0);
    ASSERT_TRUE(cluster_->heal());
    ASSERT_TRUE(book.finish()) << book.open_text() << cluster_->last_words();
    const Ledger::Findings findings = book.check();
    EXPECT_TRUE(findings.clean()) << findings.text();
}

}  // namespace
}  // namespace bgm::test
