// A gateway on a free port of loopback, in a thread, and a daemon of the test's own behind it.
#pragma once

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "daemon/gateway/gateway.hpp"
#include "daemon/gateway/presented_key.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/gateway/fake_daemon.hpp"
#include "tests/daemon/gateway/raw_client.hpp"

namespace bgm::test {

using nlohmann::json;

/// A key as it is presented, "bgm_" and 43 characters, made of a word.
inline std::string key_text(const std::string& word) {
    return "bgm_" + word + std::string(43 - word.size(), '0');
}

class GatewayTest : public ::testing::Test {
 protected:
    explicit GatewayTest(gateway::GatewayOptions options = {}) {
        options.runtime_dir = folder_.path();
        auto opened = gateway::Gateway::open(options);
        EXPECT_TRUE(opened) << (opened ? "" : opened.error().to_string());
        gateway_ = std::move(*opened);
        thread_ = std::jthread([this] { gateway_->run(-1); });
        start_daemon();
    }
    ~GatewayTest() override {
        gateway_->stop();
        thread_.join();
    }

    void start_daemon() {
        daemon_ = std::make_unique<FakeDaemon>(folder_.path());
        give_key("all", "shop", {"post", "read", "feedback", "admin"});
        // Until both have met.
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        {
            const auto guard = daemon_->lock();
            daemon_->operations["health"] = [](const json&) { return json{{"missing", json::array()}}; };
        }
        while (client().ask("GET /readyz HTTP/1.1\r\nHost: t\r\n\r\n").status != 200 &&
               std::chrono::steady_clock::now() < deadline) {
        }
        // A post's way is one of its own: it is there when one comes through.
        while (std::chrono::steady_clock::now() < deadline) {
            if (post_json(client(), R"({"post_id":"warm","text":"up"})").status == 202) break;
        }
    }

    void give_key(const std::string& word, const std::string& tenant, const std::vector<std::string>& scopes,
                  std::int64_t expires_ms = 0) {
        const auto guard = daemon_->lock();
        daemon_->keys[digest(word)] = {
            {"id", "k_" + word}, {"tenant", tenant}, {"scopes", scopes}, {"expires_ms", expires_ms}};
    }
    void take_key(const std::string& word) {
        const auto guard = daemon_->lock();
        daemon_->keys.erase(digest(word));
    }
    static std::string digest(const std::string& word) {
        return *gateway::presented_key_digest("Bearer " + key_text(word));
    }

    RawClient client() const { return RawClient(gateway_->address()); }

    /// "METHOD target", with a key and a body where there is one.
    static std::string request(const std::string& line, const std::string& body = "",
                               const std::string& fields = "", const std::string& word = "all") {
        std::string text = line + " HTTP/1.1\r\nHost: t\r\n";
        if (!word.empty()) text += "Authorization: Bearer " + key_text(word) + "\r\n";
        if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        return text + fields + "\r\n" + body;
    }
    static HttpAnswer post_json(RawClient client, const std::string& body, const std::string& fields = "") {
        return client.ask(request("POST /v1/posts", body, "Content-Type: application/json\r\n" + fields));
    }

    testing::ScratchFolder folder_;
    std::unique_ptr<gateway::Gateway> gateway_;
    std::jthread thread_;
    std::unique_ptr<FakeDaemon> daemon_;
};

}  // namespace bgm::test
