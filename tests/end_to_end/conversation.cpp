#include "tests/end_to_end/conversation.hpp"

#include <stdexcept>

namespace bgm::test {
namespace {

PostsClient connect(const Stack& stack) {
    auto client = PostsClient::connect(stack.env("BGMD_POSTS"), std::chrono::seconds(10));
    if (!client) throw std::runtime_error(client.error().to_string());
    return std::move(client).value();
}

}  // namespace

Conversation::Conversation(const Stack& stack) : client_(connect(stack)) {}

PostAck Conversation::post(const Json& post, const Frames& media) {
    Frames frames{"BGM1/json", post.dump()};
    frames.insert(frames.end(), media.begin(), media.end());
    auto ack = say(frames);
    if (!ack) throw std::runtime_error("no ack for " + post.dump());
    return *ack;
}

std::optional<PostAck> Conversation::say(const Frames& frames, std::chrono::milliseconds wait) {
    const std::vector<std::string_view> views(frames.begin(), frames.end());
    if (auto sent = client_.socket().send(views); !sent) throw std::runtime_error(sent.error().to_string());
    auto answer = client_.receive(wait);
    if (!answer) throw std::runtime_error(answer.error().to_string());
    return *answer;
}

std::optional<PickRow> wait_for_pick(const Stack& stack, const std::string& post_id, int revision) {
    std::vector<std::vector<std::string>> rows;
    const std::string of_post = " WHERE tenant = 'default' AND post_id = '" + post_id + "'";
    const bool there = eventually([&] {
        rows =
            stack.sql("SELECT revision, mood, confidence, valence, moods, modalities, degraded FROM picks" +
                      of_post + " AND revision >= " + std::to_string(revision));
        return !rows.empty();
    });
    if (!there) return std::nullopt;
    const auto& row = rows.at(0);
    PickRow pick{.revision = std::stoi(row.at(0)),
                 .mood = row.at(1),
                 .confidence = std::stod(row.at(2)),
                 .valence = std::stod(row.at(3)),
                 .moods = Json::parse(row.at(4)),
                 .modalities = Json::parse(row.at(5)),
                 .degraded = Json::parse(row.at(6)),
                 .track_ids = {}};
    for (const auto& track : stack.sql("SELECT track_id FROM pick_tracks" + of_post + " ORDER BY position")) {
        pick.track_ids.push_back(track.at(0));
    }
    return pick;
}

std::optional<DeadRow> wait_for_death(const Stack& stack, const std::string& post_id) {
    std::vector<std::vector<std::string>> rows;
    const bool there = eventually([&] {
        // HEX: the client would escape line breaks and backslashes inside the JSON.
        rows = stack.sql(
            "SELECT revision, stage, code, message, HEX(post) FROM dead_posts WHERE tenant = 'default' AND "
            "post_id = '" +
            post_id + "'");
        return !rows.empty();
    });
    if (!there) return std::nullopt;
    const auto& row = rows.at(0);
    std::string post;
    for (std::size_t i = 0; i + 1 < row.at(4).size(); i += 2) {
        post.push_back(static_cast<char>(std::stoi(row.at(4).substr(i, 2), nullptr, 16)));
    }
    return DeadRow{.revision = std::stoi(row.at(0)),
                   .stage = row.at(1),
                   .code = row.at(2),
                   .message = row.at(3),
                   .post = Json::parse(post)};
}

}  // namespace bgm::test
