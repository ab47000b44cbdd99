// How the end-to-end tests talk to the daemon: one post, one ack; or any frames at all, one answer.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ops/client/posts_client.hpp"
#include "tests/end_to_end/stack.hpp"

namespace bgm::test {

using Json = nlohmann::json;
using Frames = std::vector<std::string>;

/// One client of one stack's posts endpoint. What goes wrong on the way is an exception.
class Conversation {
 public:
    explicit Conversation(const Stack& stack);

    /// Sends the post as JSON and waits for its ack.
    PostAck post(const Json& post, const Frames& media = {});
    /// Sends exactly these frames and waits for the answer; nothing where none comes within the wait.
    std::optional<PostAck> say(const Frames& frames,
                               std::chrono::milliseconds wait = std::chrono::seconds(20));

 private:
    PostsClient client_;
};

/// Sends messages to the endpoint that answers nobody, and returns once they have been handed over.
void push_to_firehose(const Stack& stack, const std::vector<Frames>& messages);

/// The one row of `picks` of this post of the tenant "default", once it is there; its JSON columns parsed.
struct PickRow {
    int revision = 0;
    std::string mood;
    double confidence = 0;
    double valence = 0;
    Json moods, modalities, degraded;
    std::vector<std::string> track_ids;  // by position
};
std::optional<PickRow> wait_for_pick(const Stack& stack, const std::string& post_id, int revision = 1);

struct DeadRow {
    int revision = 0;
    std::string stage, code, message;
    Json post;
};
std::optional<DeadRow> wait_for_death(const Stack& stack, const std::string& post_id);

}  // namespace bgm::test
