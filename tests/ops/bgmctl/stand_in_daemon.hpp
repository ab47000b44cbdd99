// Sockets like the daemon's, with answers that a test decides: for what a real daemon does too seldom to wait
// for.
//
// Serves on its own thread until it is destroyed. The answering functions run on that thread; give them
// before start().
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>
#include <zmq.hpp>

#include "schemas/bgm.pb.h"
#include "schemas/codec.hpp"
#include "tests/ops/bgmctl/temporary_folder.hpp"

namespace bgm {

class StandInDaemon {
 public:
    struct ReceivedPost {
        v1::Post post;
        std::vector<std::string> media;
    };
    /// Nothing: no answer at all.
    using OnPost = std::function<std::optional<v1::Ack>(const ReceivedPost&)>;
    /// The "result" of an operation, or an object with the single key "error".
    using OnAdmin = std::function<nlohmann::json(const nlohmann::json& question)>;

    OnPost on_post = [](const ReceivedPost& received) {
        return std::optional<v1::Ack>(accepted(received.post.post_id()));
    };
    OnAdmin on_admin = [](const nlohmann::json&) {
        return nlohmann::json{{"state", "unknown"}, {"revision", 0}};
    };

    static v1::Ack accepted(const std::string& post_id, std::uint32_t revision = 1) {
        v1::Ack ack;
        ack.set_post_id(post_id);
        ack.set_status(v1::Ack::ACCEPTED);
        ack.set_revision(revision);
        return ack;
    }

    StandInDaemon() {
        posts_.set(zmq::sockopt::linger, 0);
        posts_.bind("tcp://127.0.0.1:*");
        events_.set(zmq::sockopt::linger, 0);
        events_.bind("tcp://127.0.0.1:*");
        admin_.set(zmq::sockopt::linger, 0);
        admin_.bind("ipc://" + folder_.file("admin.sock"));
    }
    ~StandInDaemon() { stop(); }

    std::string posts_endpoint() { return posts_.get(zmq::sockopt::last_endpoint); }
    std::string events_endpoint() { return events_.get(zmq::sockopt::last_endpoint); }
    std::string admin_endpoint() { return "ipc://" + folder_.file("admin.sock"); }

    void start() {
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }
    void stop() {
        thread_.request_stop();
        if (thread_.joinable()) thread_.join();
    }

    /// Only from an answering function.
    void publish(const v1::Pick& pick) {
        await_subscriber();
        events_.send(zmq::buffer("pick." + pick.tenant() + "." + pick.mood()), zmq::send_flags::sndmore);
        events_.send(zmq::buffer(to_json(pick)), zmq::send_flags::none);
    }
    void publish(const v1::DeadLetter& dead) {
        await_subscriber();
        events_.send(zmq::buffer("dead." + dead.tenant()), zmq::send_flags::sndmore);
        events_.send(zmq::buffer(to_json(dead)), zmq::send_flags::none);
    }
    /// Every connection to the posts endpoint breaks; it can be reached again at once.
    void break_connections() {
        const std::string endpoint = posts_endpoint();
        posts_.close();
        posts_ = zmq::socket_t(context_, ZMQ_ROUTER);
        posts_.set(zmq::sockopt::linger, 0);
        // The old socket lets go of its port in the background.
        for (const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);;) {
            try {
                return posts_.bind(endpoint);
            } catch (const zmq::error_t&) {
                if (std::chrono::steady_clock::now() >= give_up) throw;
                std::this_thread::yield();
            }
        }
    }

    std::atomic<int> questions = 0;

 private:
    // A client's subscription may still be on its way when its post is here. A client that only posts has
    // none.
    void await_subscriber() {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(2);
        do {
            for (zmq::message_t message; events_.recv(message, zmq::recv_flags::dontwait);)
                topics_ += message.size() > 0 && *message.data<char>() == 1 ? 1 : -1;
            std::array<zmq::pollitem_t, 1> items{{{events_.handle(), 0, ZMQ_POLLIN, 0}}};
            if (topics_ == 0) zmq::poll(items, std::chrono::milliseconds(100));
        } while (topics_ == 0 && std::chrono::steady_clock::now() < give_up);
    }

    using Frames = std::vector<std::string>;

    static Frames receive(zmq::socket_t& socket) {
        Frames frames;
        zmq::message_t frame;
        do {
            if (!socket.recv(frame, zmq::recv_flags::dontwait)) return frames;
            frames.push_back(frame.to_string());
        } while (frame.more());
        return frames;
    }
    static void send(zmq::socket_t& socket, const Frames& frames) {
        for (std::size_t i = 0; i < frames.size(); ++i) {
            socket.send(zmq::buffer(frames[i]),
                        i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
        }
    }

    void serve(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::array<zmq::pollitem_t, 2> items{
                {{posts_.handle(), 0, ZMQ_POLLIN, 0}, {admin_.handle(), 0, ZMQ_POLLIN, 0}}};
            zmq::poll(items.data(), items.size(), std::chrono::milliseconds(5));
            // Takes subscriptions in; a PUB socket does it when it is asked for anything.
            (void)events_.get(zmq::sockopt::events);
            for (Frames frames = receive(posts_); !frames.empty(); frames = receive(posts_)) {
                answer_post(frames);
            }
            for (Frames frames = receive(admin_); !frames.empty(); frames = receive(admin_)) {
                ++questions;
                nlohmann::json result = on_admin(nlohmann::json::parse(frames.at(3)));
                nlohmann::json answer = {{"ok", !result.contains("error")}};
                if (result.contains("error")) {
                    answer["error"] = result["error"];
                } else {
                    answer["result"] = result;
                }
                send(admin_, {frames[0], frames[1], frames[2], answer.dump()});
            }
        }
    }

    void answer_post(const Frames& frames) {
        const auto format = wire_format(frames.at(2));
        ReceivedPost received{.post = decode_post(*format, frames.at(3)).value(),
                              .media = Frames(frames.begin() + 4, frames.end())};
        if (const auto ack = on_post(received)) {
            try {
                send(posts_, {frames[0], frames[1], frames[2], encode_ack(*format, *ack)});
            } catch (const zmq::error_t&) {
                // the asker is gone
            }
        }
    }

    TemporaryFolder folder_;
    zmq::context_t context_;
    zmq::socket_t posts_{context_, ZMQ_ROUTER};
    bool subscribed_ = false;
    zmq::socket_t events_{context_, ZMQ_XPUB};
    int topics_ = 0;  // that somebody has subscribed to
    zmq::socket_t admin_{context_, ZMQ_ROUTER};
    std::jthread thread_;
};

}  // namespace bgm
