#include "tests/end_to_end/persistent_client.hpp"

#include <stdexcept>
#include <vector>

namespace bgm::test {
namespace {

constexpr std::size_t kWindow = 64;

}  // namespace

PersistentClient::PersistentClient(const Stack& stack, Write write) : write_(std::move(write)) {
    auto client = PostsClient::connect(stack.env("BGMD_POSTS"), std::chrono::seconds(10));
    if (!client) throw std::runtime_error(client.error().to_string());
    client_.emplace(std::move(client).value());
}

void PersistentClient::stream(int from, int to, const std::function<void()>& after_some) {
    int next = from;
    const std::size_t some = acknowledged.size() + static_cast<std::size_t>(to - from) / 3;
    bool told = false;
    while (next < to || !waiting_.empty()) {
        while (next < to && waiting_.size() < kWindow)
            send(next++);
        take_answers();
        resend_what_is_late();
        if (!told && acknowledged.size() >= some) {
            told = true;
            after_some();
        }
    }
}

void PersistentClient::send(int number) {
    auto [post, frames] = write_(number);
    const std::string id = "p" + std::to_string(number);
    post["post_id"] = id;
    waiting_[id] = {number, Clock::now()};
    static_cast<void>(client_->send(WireFormat::json, post.dump(), frames));
}

void PersistentClient::take_answers() {
    auto answer = client_->receive(std::chrono::milliseconds(20));
    while (answer && *answer) {
        const PostAck& ack = **answer;
        if (ack.status == PostAck::Status::accepted || ack.status == PostAck::Status::duplicate) {
            acknowledged.insert(ack.post_id);
            waiting_.erase(ack.post_id);
        } else if (ack.status == PostAck::Status::rejected) {
            throw std::runtime_error("rejected: " + ack.error_message);
        }
        answer = client_->receive(std::chrono::milliseconds(0));
    }
}

void PersistentClient::resend_what_is_late() {
    const auto late = Clock::now() - std::chrono::seconds(1);
    std::vector<int> again;
    for (const auto& [id, entry] : waiting_) {
        if (entry.second < late) again.push_back(entry.first);
    }
    for (int number : again)
        send(number);
    sent_again += static_cast<int>(again.size());
}

}  // namespace bgm::test
