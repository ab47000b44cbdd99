// A stack without workers of its own, and hosts with workers for it.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"
#include "tests/end_to_end/worker_host.hpp"

namespace bgm::test {

class RemoteWorkersFixture : public testing::Test {
 protected:
    /// `address`: where workers on other hosts connect, host:port.
    static void open(const std::string& address, const std::vector<std::string>& more = {}) {
        listen_ = "tcp://" + address;
        keys_ = std::make_unique<WorkerKeys>(std::vector<std::string>{"gpu1", "gpu2"});
        std::vector<std::string> settings = keys_->settings(listen_);
        settings.insert(settings.end(),
                        {"workers.text=0", "workers.image=0", "workers.audio=0", "workers.video=0"});
        settings.insert(settings.end(), more.begin(), more.end());
        stack_ = std::make_unique<Stack>(Stack::Options{.settings = settings});
    }
    static void shut() {
        stack_.reset();
        keys_.reset();
    }
    /// The next test's hosts have the same names.
    void TearDown() override {
        if (stack_) {
            EXPECT_TRUE(eventually([] { return worker_of("gpu1").empty() && worker_of("gpu2").empty(); }));
        }
    }
    void SetUp() override { client_ = std::make_unique<Conversation>(*stack_); }

    /// A host with this key, in the network namespace of a process.
    static std::unique_ptr<WorkerHost> host(const std::string& name, pid_t network_of = 0) {
        return std::make_unique<WorkerHost>(WorkerHost::Options{.connect = listen_,
                                                                .key = keys_->secret_of(name),
                                                                .server_key = keys_->server(),
                                                                .network_of = network_of});
    }
    /// What bgmd says of its worker; empty where it knows none.
    static Json worker_of(const std::string& name) {
        const Json status = Json::parse(stack_->bgmctl("status --json").text, nullptr, false);
        if (!status.is_object()) return Json::object();
        for (const Json& worker : status.value("workers", Json::array())) {
            if (worker.value("name", "") == name + "/w") return worker;
        }
        return Json::object();
    }
    static bool serves(const std::string& name) {
        return eventually([&] { return !worker_of(name).empty(); });
    }

    void post_text(const std::string& id) {
        ASSERT_EQ(client_->post({{"post_id", id}, {"text", "what a lovely day at the sea"}}).status,
                  PostAck::Status::accepted);
    }
    void post_photo(const std::string& id, const std::string& photo) {
        const Json post{{"post_id", id}, {"assets", {{{"asset_id", "a"}, {"kind", "IMAGE"}, {"frame", 0}}}}};
        ASSERT_EQ(client_->post(post, {photo}).status, PostAck::Status::accepted);
    }
    /// Texts, and every fourth a photo.
    void post_many(const std::string& prefix, int count) {
        for (int i = 0; i < count; ++i) {
            const std::string id = prefix + std::to_string(i);
            i % 4 == 0 ? post_photo(id, photo_) : post_text(id);
        }
    }
    static long picked(const std::string& prefix) {
        return stack_->count("SELECT COUNT(*) FROM picks WHERE post_id LIKE '" + prefix + "%'");
    }
    /// All are picked, from all that they hold.
    static void expect_all_whole(const std::string& prefix, long count) {
        EXPECT_TRUE(eventually([&] { return picked(prefix) == count; }, std::chrono::seconds(120)))
            << picked(prefix) << " of " << count;
        EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM picks WHERE post_id LIKE '" + prefix +
                                "%' AND JSON_LENGTH(degraded) > 0"),
                  0);
        EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM dead_posts WHERE post_id LIKE '" + prefix + "%'"), 0);
    }

    static inline std::string listen_;
    static inline std::unique_ptr<WorkerKeys> keys_;
    static inline std::unique_ptr<Stack> stack_;
    std::unique_ptr<Conversation> client_;
    const std::string photo_ = jpeg_photo();
};

}  // namespace bgm::test
