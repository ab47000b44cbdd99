// What the tests of a queue have in common: a cluster that they share, and posts that say which version they
// are.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "tests/cluster/ledger.hpp"
#include "tests/cluster/waiting_mark.hpp"
#include "tests/eventually.hpp"

namespace bgm::test {

using std::chrono::seconds;

class QueueFixture : public testing::Test {
 protected:
    static void TearDownTestSuite() { cluster_.reset(); }
    /// The cluster with that queue, whole; the one of the case before where there is one.
    void begin(bool amqp) {
        if (const std::string why = Cluster::why_not(amqp); !why.empty()) GTEST_SKIP() << why;
        if (!cluster_ || amqp_ != amqp) {
            cluster_.reset();
            amqp_ = amqp;
            cluster_ = std::make_unique<Cluster>(Cluster::Options{
                .amqp = amqp, .hosts = amqp ? 3U : 1U, .workers = 1, .settings = {"workers.image=1"}});
        }
        ASSERT_TRUE(cluster_->heal());
        // What one case left in the queue is none of the next one's business.
        std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
        id_ = name.substr(0, std::min(name.find('/'), std::size_t{30})) + "-";
    }
    static bool amqp() { return amqp_; }

    Host& host(std::size_t number = 0) { return cluster_->host(number % cluster_->host_count()); }
    /// Sends one post and waits for its ack.
    PostAck post(const std::string& name, int version = 1, const std::string& more = "", std::size_t to = 0,
                 const std::string& user = "somebody") {
        return send(name, text_of(name, version, more, user), {}, to);
    }
    /// The same with a picture that no message of a shared queue carries.
    PostAck post_large(const std::string& name, int version = 1, const std::string& more = "",
                       std::size_t to = 0, const std::string& user = "somebody") {
        nlohmann::json post = text_of(name, version, more, user);
        post["assets"] = {{{"kind", "IMAGE"}, {"frame", 0}}};
        return send(name, post, {picture(version)}, to);
    }
    PostAck send(const std::string& name, const nlohmann::json& post, const std::vector<std::string>& media,
                 std::size_t to) {
        auto client = PostsClient::connect(host(to).posts(), seconds(10));
        EXPECT_TRUE(client) << client.error().to_string();
        EXPECT_TRUE(client->send(WireFormat::json, post.dump(), media));
        const auto ack = client->receive(seconds(20));
        EXPECT_TRUE(ack && *ack) << name << " was not answered";
        return ack && *ack ? **ack : PostAck{};
    }
    void accepted(const std::string& name, int version = 1, const std::string& more = "", std::size_t to = 0,
                  const std::string& user = "somebody") {
        EXPECT_EQ(post(name, version, more, to, user).status, PostAck::Status::accepted) << name;
    }
    /// A BMP of 120 kB.
    static std::string picture(int version) {
        constexpr std::uint32_t kSide = 200, kHead = 54;
        std::string bytes = "BM";
        const auto add = [&](std::uint32_t number, int count = 4) {
            for (int byte = 0; byte < count; ++byte)
                bytes.push_back(static_cast<char>(number >> (8 * byte)));
        };
        for (const std::uint32_t number : {kHead + 3 * kSide * kSide, 0U, kHead, 40U, kSide, kSide})
            add(number);
        add(1, 2);
        add(24, 2);
        for (int number = 0; number < 6; ++number)
            add(0);
        for (std::uint32_t pixel = 0; pixel < kSide * kSide; ++pixel)
            add(pixel * static_cast<std::uint32_t>(version), 3);
        return bytes;
    }
    nlohmann::json text_of(const std::string& name, int version, const std::string& more,
                           const std::string& user) const {
        return {{"post_id", id_ + name},
                {"user_id", user},
                {"text", "version " + std::to_string(version) + " of a rainy day " + more},
                {"created_at", "2026-01-01T00:00:" + std::to_string(10 + version) + "Z"}};
    }
    /// The version in the pick's row, 0 where there is none, and its revision.
    std::pair<int, int> picked(const std::string& name) {
        const auto rows = cluster_->database().rows(
            "SELECT SECOND(created_at) - 10, revision FROM picks WHERE post_id = '" + id_ + name + "'");
        return rows.empty() ? std::pair(0, 0) : std::pair(std::stoi(rows[0][0]), std::stoi(rows[0][1]));
    }
    void ends_as(const std::string& name, int version, int revision) {
        eventually([&] { return picked(name) == std::pair(version, revision); });
        EXPECT_EQ(picked(name), std::pair(version, revision)) << name;
    }
    long dead(const std::string& name) {
        return cluster_->database().count("SELECT COUNT(*) FROM dead_posts WHERE post_id = '" + id_ + name +
                                          "'");
    }
    long picks() {
        return cluster_->database().count("SELECT COUNT(*) FROM picks WHERE post_id LIKE '" + id_ + "%'");
    }
    void kill_all_hosts() {
        for (std::size_t i = 0; i < cluster_->host_count(); ++i)
            cluster_->host(i).kill();
    }
    Ledger ledger(int takes_ms = 2) {
        return Ledger(*cluster_, {.prefix = id_, .window = 16, .takes_ms = takes_ms});
    }

    void is_clean(Ledger& book) {
        ASSERT_TRUE(cluster_->heal());
        ASSERT_TRUE(book.finish()) << book.open_text() << cluster_->last_words();
        const Ledger::Findings findings = book.check();
        EXPECT_TRUE(findings.clean()) << findings.text();
    }

    static inline std::unique_ptr<Cluster> cluster_;
    static inline bool amqp_ = false;
    std::string id_;
};

}  // namespace bgm::test
