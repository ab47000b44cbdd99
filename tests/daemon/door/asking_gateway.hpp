// A gateway for tests: listens on the door's socket, asks, and reads the answers by their numbers.
#pragma once

#include <gtest/gtest.h>
#include <zmq.h>

#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bgm::testing {

class AskingGateway {
 public:
    explicit AskingGateway(const std::string& endpoint)
        : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_DEALER)) {
        const int patience_ms = 20'000;
        const int none = 0;
        zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &patience_ms, sizeof patience_ms);
        zmq_setsockopt(socket_, ZMQ_SNDTIMEO, &patience_ms, sizeof patience_ms);
        zmq_setsockopt(socket_, ZMQ_LINGER, &none, sizeof none);
        EXPECT_EQ(zmq_bind(socket_, endpoint.c_str()), 0);
    }
    ~AskingGateway() {
        zmq_close(socket_);
        zmq_ctx_term(context_);
    }
    AskingGateway(const AskingGateway&) = delete;
    AskingGateway& operator=(const AskingGateway&) = delete;

    void send(const std::vector<std::string>& frames) {
        for (std::size_t i = 0; i < frames.size(); ++i) {
            EXPECT_GE(zmq_send(socket_, frames[i].data(), frames[i].size(),
                               i + 1 < frames.size() ? ZMQ_SNDMORE : 0),
                      0);
        }
    }
    std::vector<std::string> receive() {
        std::vector<std::string> frames;
        for (int more = 1; more == 1;) {
            zmq_msg_t frame;
            zmq_msg_init(&frame);
            EXPECT_GE(zmq_msg_recv(&frame, socket_, 0), 0) << "no answer came";
            frames.emplace_back(static_cast<const char*>(zmq_msg_data(&frame)), zmq_msg_size(&frame));
            more = zmq_msg_more(&frame);
            zmq_msg_close(&frame);
        }
        return frames;
    }
    /// Nothing where nobody answers in time. An answer that comes later is dropped by the next question.
    std::optional<nlohmann::json> try_ask(const nlohmann::json& request, std::chrono::milliseconds patience) {
        const std::string number = std::to_string(10'000'000 + ++asked_);
        const std::string text = request.dump();
        const std::array<std::string_view, 4> frames{number, "", "BGM1/door", text};
        for (std::size_t i = 0; i < frames.size(); ++i) {
            const int more = i + 1 < frames.size() ? ZMQ_SNDMORE : 0;
            if (zmq_send(socket_, frames.at(i).data(), frames.at(i).size(), ZMQ_DONTWAIT | more) < 0) {
                return std::nullopt;
            }
        }
        const auto until = std::chrono::steady_clock::now() + patience;
        zmq_pollitem_t item{.socket = socket_, .fd = 0, .events = ZMQ_POLLIN, .revents = 0};
        for (auto now = until - patience; now < until; now = std::chrono::steady_clock::now()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
            if (zmq_poll(&item, 1, left) <= 0) continue;
            const auto answer = receive();
            if (answer.size() == 4 && answer[0] == number) return nlohmann::json::parse(answer[3]);
        }
        return std::nullopt;
    }
    /// {"ok": ..., ...}
    nlohmann::json ask(const nlohmann::json& request) {
        const std::string number = std::to_string(10'000'000 + ++asked_);
        send({number, "", "BGM1/door", request.dump()});
        const auto frames = receive();
        EXPECT_EQ(frames.size(), 4U);
        if (frames.size() != 4) return {};
        EXPECT_EQ(frames[0], number);
        EXPECT_EQ(frames[2], "BGM1/door");
        return nlohmann::json::parse(frames[3]);
    }

 private:
    void* context_;
    void* socket_;
    int asked_ = 0;
};

}  // namespace bgm::testing
