// bgm-bench-queue [NODES [MESSAGES [WINDOW [ROUNDS]]]]: durable acks through a quorum queue of so many
// RabbitMQ nodes on this machine (3), by AmqpPublisher and by a plain program on librabbitmq, which publish
// the same messages of 1 KiB (20,000) with confirms and the same window (1,000) to queues of their own, in
// turns (5 rounds). Prints messages a second of both sides and the ratio of each round. It starts the nodes
// itself.
#include <amqp.h>
#include <amqp_tcp_socket.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/base/log.hpp"
#include "daemon/queue/amqp_link.hpp"
#include "daemon/queue/amqp_publisher.hpp"
#include "tests/daemon/queue/rabbit_broker.hpp"

namespace bgm {
namespace {

constexpr std::size_t kBodyBytes = 1024;

void must(const Status& status) {
    if (!status) throw std::runtime_error(status.error().to_string());
}

std::vector<std::unique_ptr<test::RabbitBroker>> start_nodes(int count) {
    std::vector<std::string> names;
    for (int i = 0; count > 1 && i < count; ++i)
        names.push_back("bench" + std::to_string(i) + "@localhost");
    std::vector<std::unique_ptr<test::RabbitBroker>> nodes;
    for (int i = 0; i < count; ++i) {
        auto node =
            test::RabbitBroker::create({.name = "bench" + std::to_string(i),
                                        .epmd_port = i == 0 ? std::uint16_t{0} : nodes[0]->epmd_port(),
                                        .own_epmd = i == 0,
                                        .cluster = names});
        if (!node) throw std::runtime_error(node.error().to_string());
        nodes.push_back(std::move(*node));
    }
    for (const auto& node : nodes)
        must(node->wait_until_ready());
    const auto online = nodes[0]->control({"await_online_nodes", std::to_string(count), "--timeout", "120"});
    must(online ? ok_status() : Status(online.error()));
    return nodes;
}

/// What anybody would write: publish while the window has room, else wait for a confirm.
class PlainProgram {
 public:
    explicit PlainProgram(const AmqpOptions& options) : state_(amqp_new_connection()) {
        const std::string& endpoint = options.endpoints.front();
        const std::size_t colon = endpoint.rfind(':');
        amqp_socket_t* socket = amqp_tcp_socket_new(state_);
        if (amqp_socket_open(socket, endpoint.substr(0, colon).c_str(),
                             std::atoi(endpoint.c_str() + colon + 1)) != AMQP_STATUS_OK)
            throw std::runtime_error("cannot connect");
        amqp_login(state_, "/", 0, AMQP_DEFAULT_FRAME_SIZE, options.heartbeat_s, AMQP_SASL_METHOD_PLAIN,
                   options.user.c_str(), options.password.c_str());
        amqp_channel_open(state_, 1);
        amqp_confirm_select(state_, 1);
        if (amqp_get_rpc_reply(state_).reply_type != AMQP_RESPONSE_NORMAL)
            throw std::runtime_error("cannot open a channel");
    }
    ~PlainProgram() {
        amqp_connection_close(state_, AMQP_REPLY_SUCCESS);
        amqp_destroy_connection(state_);
    }
    void publish(const std::string& queue, const std::string& body, std::uint64_t messages,
                 std::uint64_t window) {
        amqp_basic_properties_t properties{};
        properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
        properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
        std::uint64_t published = 0;
        std::uint64_t confirmed = 0;
        std::vector<bool> seen(messages);
        std::uint64_t first = published_before_ + 1;  // the first that is not confirmed
        while (confirmed < messages) {
            if (published < messages && published - confirmed < window) {
                if (amqp_basic_publish(
                        state_, 1, amqp_empty_bytes, amqp_cstring_bytes(queue.c_str()), 1, 0, &properties,
                        {.len = body.size(), .bytes = const_cast<char*>(body.data())}) != AMQP_STATUS_OK)
                    throw std::runtime_error("cannot publish");
                published += 1;
                continue;
            }
            amqp_frame_t frame{};
            if (amqp_simple_wait_frame(state_, &frame) != AMQP_STATUS_OK)
                throw std::runtime_error("no frame");
            if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
                throw std::runtime_error("not a confirm");
            const auto* ack = static_cast<const amqp_basic_ack_t*>(frame.payload.method.decoded);
            for (std::uint64_t tag = ack->multiple != 0 ? first : ack->delivery_tag; tag <= ack->delivery_tag;
                 ++tag) {
                if (seen[tag - published_before_ - 1]) continue;
                seen[tag - published_before_ - 1] = true;
                confirmed += 1;
            }
            while (first - published_before_ <= messages && seen[first - published_before_ - 1])
                first += 1;
            amqp_maybe_release_buffers(state_);
        }
        published_before_ += messages;
    }

 private:
    amqp_connection_state_t state_;
    std::uint64_t published_before_ = 0;
};

void publish_all(AmqpPublisher& publisher, const std::string& queue, const std::string& body, int messages) {
    std::mutex mutex;
    std::condition_variable all_told;
    int told = 0;
    int failed = 0;
    for (int i = 0; i < messages; ++i) {
        const auto done = [&](const Status& answer) {
            const std::lock_guard lock(mutex);
            failed += answer ? 0 : 1;
            if (++told == messages) all_told.notify_one();
        };
        if (!publisher.publish({.routing_key = queue, .body = body, .done = done}))
            throw std::runtime_error("the publisher's queue is full");
    }
    std::unique_lock lock(mutex);
    all_told.wait(lock, [&] { return told == messages; });
    if (failed > 0) throw std::runtime_error(std::to_string(failed) + " messages were not confirmed");
}

double seconds_of(const auto& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void run(int count, int messages, int window, int rounds) {
    const auto nodes = start_nodes(count);
    const AmqpOptions options = nodes[0]->options();
    auto link = AmqpLink::open(options);
    must(link ? ok_status() : Status(link.error()));
    for (const char* queue : {"plain", "ours"})
        must((*link)->declare_queue({.name = queue, .single_active = true}));
    link->reset();
    PlainProgram plain(options);
    AmqpPublisher ours(options, {.queued_bytes_max = std::size_t{4} << 30,
                                 .window_messages = static_cast<std::size_t>(window),
                                 .window_bytes = std::size_t{1} << 30,
                                 .confirm_timeout = std::chrono::minutes(10)});
    const std::string body(kBodyBytes, 'b');
    std::printf("%d node%s, %d messages of 1 KiB, window %d\n  round   plain/s    ours/s   ours:plain\n",
                count, count == 1 ? "" : "s", messages, window);
    std::vector<double> ratios;
    for (int round = 0; round <= rounds; ++round) {  // the first one warms both up
        double plain_s = 0;
        double ours_s = 0;
        const auto by_plain = [&] {
            plain_s = seconds_of([&] {
                plain.publish("plain", body, static_cast<std::uint64_t>(messages),
                              static_cast<std::uint64_t>(window));
            });
        };
        const auto by_ours = [&] { ours_s = seconds_of([&] { publish_all(ours, "ours", body, messages); }); };
        if (round % 2 == 0) by_plain();
        by_ours();
        if (round % 2 != 0) by_plain();
        if (round == 0) continue;
        ratios.push_back(plain_s / ours_s);
        std::printf("  %5d %9.0f %9.0f   %10.2f\n", round, messages / plain_s, messages / ours_s,
                    ratios.back());
        std::fflush(stdout);
        for (const char* queue : {"plain", "ours"})
            (void)nodes[0]->control({"purge_queue", queue});
    }
    std::sort(ratios.begin(), ratios.end());
    std::printf("  median ratio %.2f\n", ratios[ratios.size() / 2]);
}

}  // namespace
}  // namespace bgm

int main(int count, char** words) {
    std::vector<int> numbers{3, 20'000, 1'000, 5};
    for (int i = 1; i < count && i <= static_cast<int>(numbers.size()); ++i)
        numbers[static_cast<std::size_t>(i - 1)] = std::atoi(words[i]);
    if (count > 5 || *std::min_element(numbers.begin(), numbers.end()) < 1) {
        std::fputs("usage: bgm-bench-queue [NODES [MESSAGES [WINDOW [ROUNDS]]]]\n", stderr);
        return 2;
    }
    try {
        bgm::start_log("warning", "text");
        bgm::run(numbers[0], numbers[1], numbers[2], numbers[3]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bgm-bench-queue: %s\n", error.what());
        return 1;
    }
    return 0;
}
