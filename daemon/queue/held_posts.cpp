#include "daemon/queue/held_posts.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "daemon/queue/queue_message.hpp"

namespace bgm {

std::string HeldPosts::key_of(std::string_view tenant, std::string_view post_id) {
    std::string key(tenant);
    key.push_back('\0');
    key.append(post_id);
    return key;
}

HeldPosts::PartPtr HeldPosts::known(std::string_view id, const AmqpConsumer::Tag& tag) {
    const auto found = parts_.find(std::string(id));
    if (found == parts_.end()) return nullptr;
    auto& tags = found->second->tags;
    std::erase_if(tags, [&](const AmqpConsumer::Tag& earlier) {
        return earlier.queue == tag.queue && earlier.epoch != tag.epoch;
    });
    tags.push_back(tag);
    return found->second;
}

HeldPosts::PartPtr HeldPosts::learn(std::string id, const AmqpConsumer::Tag& tag) {
    auto part = std::make_shared<Part>(Part{.id = std::move(id), .tags = {tag}});
    parts_.emplace(part->id, part);
    return part;
}

void HeldPosts::forget(Part& part) {
    leave(part);
    parts_.erase(part.id);
}

void HeldPosts::enter(Part& part, const std::string& post) {
    part.post = post;
    ++entered_[post];
}

void HeldPosts::leave(Part& part) {
    if (part.post.empty()) return;
    const auto found = entered_.find(std::exchange(part.post, {}));
    if (--found->second == 0) entered_.erase(found);
}

void HeldPosts::hold(std::int64_t seq, const Post& newest, const PartPtr& part) {
    Post& post = posts_[seq];
    std::vector<PartPtr> parts = std::move(post.parts);
    const std::uint32_t retried = post.retried_revision;
    post = newest;
    post.parts = std::move(parts);
    if (post.retried_revision == 0) post.retried_revision = retried;
    post.parts.push_back(part);
}

HeldPosts::LetGo HeldPosts::let_go(std::int64_t seq) {
    LetGo gone;
    const auto found = posts_.find(seq);
    if (found == posts_.end()) return gone;
    gone.post = found->second.parts.front()->post;
    for (const PartPtr& part : found->second.parts) {
        std::ranges::copy(part->tags, std::back_inserter(gone.tags));
        std::ranges::copy(part->files, std::back_inserter(gone.files));
        forget(*part);
    }
    posts_.erase(found);
    return gone;
}

std::optional<v1::Origin> HeldPosts::origin(std::int64_t seq) const {
    const Post* post = find(seq);
    if (post == nullptr) return std::nullopt;
    v1::Origin origin;
    for (const PartPtr& part : post->parts)
        origin.add_messages(part->id);
    origin.set_content_hash(post->content_hash);
    origin.set_retry(post->retry);
    origin.set_late(post->late);
    origin.set_retried_revision(post->retried_revision);
    return origin;
}

const HeldPosts::Post* HeldPosts::find(std::int64_t seq) const {
    const auto found = posts_.find(seq);
    return found == posts_.end() ? nullptr : &found->second;
}

std::vector<HeldPosts::Revision> HeldPosts::sent_before(
    std::string_view stamp, const std::function<bool(const Post&)>& concerned) const {
    std::vector<Revision> found;
    for (const auto& [seq, post] : posts_) {
        const bool before =
            std::ranges::all_of(post.parts, [&](const PartPtr& part) { return stamp_of(part->id) < stamp; });
        if (before && concerned(post)) found.push_back({seq, post.revision});
    }
    return found;
}

}  // namespace bgm
