#include "ops/bgmctl/post/post_wait.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "ops/bgmctl/console/interrupt.hpp"
#include "ops/client/admin_client.hpp"
#include "ops/client/events_client.hpp"

namespace bgm {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// The event comes within milliseconds; the admin socket is only asked in case it was missed.
constexpr milliseconds kAskEvery{500};

milliseconds until(Clock::time_point moment) {
    return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(moment - Clock::now()));
}

Error stopped(const v1::Post& post, const std::string& waiting_for, milliseconds timeout) {
    if (interrupted()) return Error{ErrorCode::unavailable, "stopped while waiting for " + waiting_for, ""};
    return Error{ErrorCode::deadline_exceeded,
                 "no " + waiting_for + " for post " + post.post_id() + " after " +
                     std::to_string(timeout.count()) + " ms; `bgmctl picks " + post.post_id() +
                     "` tells where it is, `bgmctl status` how the daemon does",
                 ""};
}

/// Sends until the daemon says something other than BUSY.
Result<PostAck> acknowledged(PostsClient& posts, const PostDraft& draft, Clock::time_point give_up,
                             milliseconds timeout) {
    const std::string encoded = to_json(draft.post);
    while (true) {
        // Counted before sending: the connection may break before send() has returned.
        const std::uint64_t lost_before = posts.connections_lost();
        if (auto sent = posts.send(WireFormat::json, encoded, draft.media); !sent) return sent.error();
        std::optional<PostAck> ack;
        while (!ack) {
            if (Clock::now() >= give_up || interrupted()) return stopped(draft.post, "answer", timeout);
            auto received = posts.receive(std::min(until(give_up), milliseconds(100)));
            if (!received) return received.error();
            ack = std::move(*received);
            // The daemon went away with the post or with its answer: sending it again is harmless.
            if (!ack && posts.connections_lost() != lost_before) break;
        }
        if (!ack) continue;
        if (ack->status != PostAck::Status::busy) return std::move(*ack);
        const auto retry_at = Clock::now() + milliseconds(std::max<std::uint32_t>(1, ack->retry_after_ms));
        if (retry_at >= give_up) return ack.value();
        while (Clock::now() < retry_at && !interrupted()) {
            std::this_thread::sleep_for(std::min(until(retry_at) + milliseconds(1), milliseconds(50)));
        }
    }
}

bool concerns(const Event& event, const v1::Post& post, std::uint32_t revision) {
    return event.post_id() == post.post_id() && event.revision() >= revision;
}

/// Takes what the admin socket says, where that settles the matter.
void take(const PostStanding& standing, std::uint32_t revision, PostOutcome& outcome) {
    if (standing.revision < revision) return;
    outcome.pick = standing.pick;
    if (!outcome.pick) outcome.dead = standing.dead;
}

}  // namespace

Result<PostOutcome> send_post(const BgmctlContext& context, const PostDraft& draft, bool wait_for_pick,
                              milliseconds timeout) {
    const BgmctlSettings& settings = context.settings;
    const auto give_up = Clock::now() + timeout;
    std::optional<EventsClient> events;
    std::optional<AdminClient> admin;
    if (wait_for_pick) {
        auto connected = EventsClient::connect(settings.events, draft.post.tenant(), context.deadline);
        if (!connected) return connected.error();
        events.emplace(std::move(*connected));
        // Not waited for: without the admin socket (another host) the events alone have to do.
        if (auto asked = AdminClient::connect(settings.admin, milliseconds(0)); asked)
            admin.emplace(std::move(*asked));
    }
    auto posts = PostsClient::connect(settings.posts, context.deadline);
    if (!posts) return posts.error();

    auto ack = acknowledged(*posts, draft, give_up, timeout);
    if (!ack) return ack.error();
    PostOutcome outcome{.ack = std::move(*ack), .pick = {}, .dead = {}};
    const bool stored =
        outcome.ack.status == PostAck::Status::accepted || outcome.ack.status == PostAck::Status::duplicate;
    if (!wait_for_pick || !stored) return outcome;

    // A duplicate's event was published long ago, so it is asked for at once.
    auto ask_at =
        Clock::now() + (outcome.ack.status == PostAck::Status::duplicate ? milliseconds(0) : kAskEvery);
    bool question_open = false;
    while (!outcome.pick && !outcome.dead) {
        if (Clock::now() >= give_up || interrupted()) return stopped(draft.post, "pick", timeout);
        if (admin && !question_open && Clock::now() >= ask_at) {
            question_open = admin->ask(pick_question(draft.post.tenant(), draft.post.post_id())).ok();
            ask_at = Clock::now() + kAskEvery;
        }
        std::vector<ClientSocket*> sockets{&events->socket()};
        if (admin) sockets.push_back(&admin->socket());
        ClientSocket::wait_any(sockets, std::min(until(give_up), std::max(milliseconds(1), until(ask_at))));

        auto event = events->receive(milliseconds(0));
        if (!event) return event.error();
        if (*event && concerns(**event, draft.post, outcome.ack.revision)) {
            outcome.pick = std::move((*event)->pick);
            outcome.dead = std::move((*event)->dead);
            break;
        }
        if (!admin) continue;
        auto answer = admin->answer();
        if (!answer) {
            question_open = false;  // the daemon could not say; the event may still come
        } else if (*answer) {
            question_open = false;
            if (auto standing = read_standing(**answer); standing)
                take(*standing, outcome.ack.revision, outcome);
        }
    }
    return outcome;
}

}  // namespace bgm
