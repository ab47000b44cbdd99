// A worker on another host that does exactly what the test says, over the real port and with real keys.
#pragma once

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ops/client/curve_pair.hpp"
#include "tests/daemon/fleet/fake_worker.hpp"
#include "workers/process/keeper_link.hpp"

namespace bgm::testing {

class RemoteWorker {
 public:
    struct Keys {
        std::string server;  // public
        std::string own;     // secret
    };

    RemoteWorker(const std::string& endpoint, const std::string& name, const Keys& keys)
        : never_(eventfd(0, EFD_CLOEXEC)) {
        auto opened = KeeperLink::open(
            {.name = name, .endpoint = endpoint, .server_key = keys.server, .secret_key = keys.own});
        EXPECT_TRUE(opened.ok());
        link_ = std::move(*opened);
        auto& hello = *hello_.mutable_hello();
        hello.set_name(name);
        hello.add_modalities("text");
        hello.set_credits(1);
        hello.set_batch_max(1);
        hello.set_model("m");
    }
    ~RemoteWorker() { close(never_); }
    RemoteWorker(const RemoteWorker&) = delete;
    RemoteWorker& operator=(const RemoteWorker&) = delete;

    v1::Hello& hello() { return *hello_.mutable_hello(); }
    void introduce() { link_->tell_daemon(hello_); }
    void say(const v1::FromWorker& message) { link_->tell_daemon(message); }
    void beat() {
        v1::FromWorker message;
        message.mutable_heartbeat()->set_rss_bytes(1);
        say(message);
    }
    void answer(const v1::Task& task) {
        v1::FromWorker message;
        *message.mutable_result() = FakeWorker::honest_answer(task);
        say(message);
    }
    void goodbye(bool died) {
        v1::FromWorker message;
        message.mutable_goodbye()->set_died(died);
        say(message);
    }

    bool connected() {
        return until([this] { return link_->connected(); });
    }
    /// What people are told about the connection, at least once.
    std::string complaint() {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (std::chrono::steady_clock::now() < deadline) {
            if (auto news = link_->look_after_connection()) return *news;
            link_->wait(never_, std::chrono::milliseconds(20));
        }
        return "";
    }
    /// The next message that says something, beating meanwhile.
    std::optional<v1::ToWorker> next() {
        std::optional<v1::ToWorker> message;
        until([&] {
            while ((message = link_->from_daemon())) {
                if (message->kind_case() != v1::ToWorker::KIND_NOT_SET) return true;
            }
            beat();
            return false;
        });
        return message;
    }
    std::optional<v1::ToWorker> next_or_nothing() { return link_->from_daemon(); }
    v1::Task next_task() {
        while (const auto message = next()) {
            if (message->has_task()) return message->task();
            if (message->has_introduce()) introduce();
        }
        return {};
    }
    /// Turns the connection over until the condition holds; false where that takes too long.
    bool until(const std::function<bool()>& holds) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!holds()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            link_->wait(never_, std::chrono::milliseconds(20));
            (void)link_->look_after_connection();
        }
        return true;
    }

 private:
    int never_;
    v1::FromWorker hello_;
    std::unique_ptr<KeeperLink> link_;
};

}  // namespace bgm::testing
