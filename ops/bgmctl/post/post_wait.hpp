// One post, from sending it to knowing what became of it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "ops/bgmctl/console/context.hpp"
#include "ops/bgmctl/post/post_draft.hpp"
#include "ops/client/posts_client.hpp"
#include "schemas/bgm.pb.h"

namespace bgm {

struct PostOutcome {
    PostAck ack;
    std::optional<v1::Pick> pick;  // at most one of the two, and neither unless it was waited for
    std::optional<v1::DeadLetter> dead;
};

/// Sends the post (again while the daemon is BUSY) until `timeout`. With `wait_for_pick` it listens to the
/// events before it sends, and asks the admin socket as well, so that a pick is not missed however fast it
/// comes, and one that exists already (the post is a duplicate) is found. A rejection is an outcome, not an
/// error.
Result<PostOutcome> send_post(const BgmctlContext& context, const PostDraft& draft, bool wait_for_pick,
                              std::chrono::milliseconds timeout);

}  // namespace bgm
