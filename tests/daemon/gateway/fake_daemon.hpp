// bgmd's side of the gateway's three sockets, with answers that a test chooses. It dials, as bgmd does.
//
// Runs in a thread of its own; whoever sets an answer does so before the question can come, or under lock().
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "daemon/base/messaging.hpp"
#include "daemon/gateway_sockets.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/codec.hpp"

namespace bgm::test {

struct ReceivedPost {
    std::string key;  // the digest
    v1::Post post;
    std::vector<std::string> frames;
};

class FakeDaemon {
 public:
    using Json = nlohmann::json;

    explicit FakeDaemon(const std::string& runtime_dir) {
        const auto open = [&](Socket::Kind kind, const char* file) {
            auto socket = Socket::open(messaging_, kind, {.queue_max = 10'000});
            EXPECT_TRUE((*socket)->connect("ipc://" + runtime_dir + "/" + file));
            return std::move(*socket);
        };
        posts_ = open(Socket::Kind::router, kGatewayPostsSocket);
        events_ = open(Socket::Kind::pub, kGatewayEventsSocket);
        door_ = open(Socket::Kind::router, kGatewayDoorSocket);
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }
    ~FakeDaemon() {
        thread_.request_stop();
        thread_.join();
    }

    std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

    /// Answers a post; nothing: no answer. By default it is accepted.
    std::function<std::optional<v1::Ack>(const ReceivedPost&)> on_post = [](const ReceivedPost& received) {
        v1::Ack ack;
        ack.set_post_id(received.post.post_id());
        ack.set_status(v1::Ack::ACCEPTED);
        ack.set_revision(1);
        return std::optional(ack);
    };
    /// Answers an operation of a good key with a result; a JSON with the member "code" is an error; a null
    /// one is no answer.
    std::map<std::string, std::function<Json(const Json& request)>> operations;
    /// The same of operations whose result is large, made before.
    std::map<std::string, std::string> prepared;
    /// digest -> what the operation `key` says of it.
    std::map<std::string, Json> keys;

    std::vector<ReceivedPost> posts() {
        const auto guard = lock();
        return posts_taken_;
    }
    std::vector<Json> questions() {
        const auto guard = lock();
        return questions_;
    }
    std::set<std::string> topics() {
        const auto guard = lock();
        return topics_;
    }
    /// Sent from the daemon's thread.
    void publish(std::string topic, std::string json) {
        const auto guard = lock();
        to_publish_.emplace_back(std::move(topic), std::move(json));
    }

 private:
    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::array<PollItem, 3> items{PollItem{.socket = posts_->handle()},
                                          {.socket = door_->handle()},
                                          {.socket = events_->handle()}};
            poll(items, 5);
            const auto guard = lock();
            Frames frames;
            while (posts_->receive(frames))
                take_post(std::move(frames));
            while (door_->receive(frames))
                take_question(std::move(frames));
            while (events_->receive(frames)) {
                const std::string_view said = frames.front().view();
                if (said.empty()) continue;
                if (said.front() == 1) topics_.insert(std::string(said.substr(1)));
                if (said.front() == 0) topics_.erase(std::string(said.substr(1)));
            }
            for (auto& [topic, json] : to_publish_) {
                Frames event;
                event.emplace_back(topic);
                event.emplace_back(json);
                (void)events_->send(std::move(event));
            }
            to_publish_.clear();
        }
    }

    static Frames envelope_of(Frames& frames) {
        Frames envelope;
        for (std::size_t i = 0; i < 3; ++i)
            envelope.push_back(std::move(frames[i]));
        return envelope;
    }

    void take_post(Frames frames) {
        Frames answer = envelope_of(frames);
        ReceivedPost received;
        EXPECT_EQ(frames[3].view(), "BGM1/protobuf");
        received.key = frames[4].view();
        EXPECT_TRUE(received.post.ParseFromString(std::string(frames[5].view())));
        for (std::size_t i = 6; i < frames.size(); ++i)
            received.frames.emplace_back(frames[i].view());
        const auto key = keys.find(received.key);
        const std::string& tenant = received.post.tenant();
        const auto ack = key == keys.end() ? refusal("unauthenticated", "key")
                         : !tenant.empty() && tenant != key->second.at("tenant")
                             ? refusal("forbidden", "tenant")
                             : on_post(received);
        posts_taken_.push_back(std::move(received));
        if (!ack) return;
        answer.emplace_back("BGM1/protobuf");
        answer.emplace_back(ack->SerializeAsString());
        (void)posts_->send(std::move(answer));
    }

    static std::optional<v1::Ack> refusal(const std::string& code, const std::string& field) {
        v1::Ack ack;
        ack.set_status(v1::Ack::REJECTED);
        ack.mutable_error()->set_code(code);
        ack.mutable_error()->set_field(field);
        return ack;
    }

    void take_question(Frames frames) {
        Frames back = envelope_of(frames);
        const Json request = Json::parse(frames[4].view());
        questions_.push_back(request);
        const std::string op = request.at("op");
        std::string text;
        Json answer;
        const auto key = keys.find(request.value("key", ""));
        const auto operation = operations.find(op);
        if (op != "health" && key == keys.end()) {
            answer = error("unauthenticated", "key", "is not known, expired or revoked");
        } else if (const auto made = prepared.find(op); made != prepared.end()) {
            text = made->second;
        } else if (op == "key") {
            answer = {{"ok", true}, {"result", key->second}};
        } else if (operation == operations.end()) {
            answer = error("invalid_argument", "op", "is not a known operation");
        } else {
            const Json result = operation->second(request);
            if (result.is_null()) return;
            answer = result.is_object() && result.contains("code")
                         ? error(result["code"], result.value("field", ""), "is refused")
                         : Json{{"ok", true}, {"result", result}};
        }
        back.emplace_back("BGM1/door");
        back.emplace_back(text.empty() ? answer.dump() : std::move(text));
        (void)door_->send(std::move(back));
    }

    static Json error(const std::string& code, const std::string& field, const std::string& message) {
        return {{"ok", false}, {"error", {{"code", code}, {"field", field}, {"message", message}}}};
    }

    Messaging messaging_;
    std::unique_ptr<Socket> posts_;
    std::unique_ptr<Socket> events_;
    std::unique_ptr<Socket> door_;
    std::mutex mutex_;
    std::vector<ReceivedPost> posts_taken_;
    std::vector<Json> questions_;
    std::set<std::string> topics_;
    std::vector<std::pair<std::string, std::string>> to_publish_;
    std::jthread thread_;
};

}  // namespace bgm::test
