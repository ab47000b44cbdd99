#include "daemon/pipeline/admission.hpp"

#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/config_views.hpp"
#include "schemas/api_key.hpp"
#include "schemas/modality_traits.hpp"
#include "schemas/sha256.hpp"

namespace bgm {
namespace {

// The text, every byte of it escaped, and what else a post may hold.
std::size_t post_bytes_max(const PostLimits& limits) {
    constexpr std::size_t kBesideText = 256 * 1024;
    constexpr std::size_t kEscapedByte = 6;
    return kBesideText + kEscapedByte * limits.text_bytes_max;
}

}  // namespace

struct Admission::Pending {
    std::string_view source;
    OnAck on_ack;
    std::string post_id;
    v1::Post post;
    NewPost entry;
    std::shared_ptr<const Frames> media;
    std::vector<std::string> digests;
    Stopwatch stopwatch;
};

Admission::Admission(const Config& config, EventLoop& loop, PostQueue& queue, MediaStore& media,
                     Metrics& metrics)
    : config_(config),
      limits_(post_limits(config)),
      loop_(loop),
      queue_(queue),
      media_(media),
      metrics_(metrics) {}

std::size_t Admission::frame_bytes_max() const {
    std::size_t media = 0;
    for (const ModalityTraits& each : kModalityTraits) {
        if (each.asset) media = std::max(media, limits_.*each.bytes_max);
    }
    return std::max(post_bytes_max(limits_), std::min(limits_.inline_bytes_max, media));
}

void Admission::submit(const RawPost& raw, Frames media, OnAck on_ack) {
    auto pending = std::make_shared<Pending>();
    pending->source = raw.source;
    pending->on_ack = std::move(on_ack);
    ++pending_;
    if (raw.bytes.empty()) {
        return reject(
            *pending,
            {.code = ErrorCode::invalid_argument, .message = "the post frame is missing", .field = "post"});
    }
    if (raw.bytes.size() > post_bytes_max(limits_)) {
        return reject(*pending,
                      {.code = ErrorCode::too_large,
                       .message = "has more than " + std::to_string(post_bytes_max(limits_)) + " bytes",
                       .field = "post"});
    }
    auto post = decode_post(raw.format, raw.bytes);
    if (!post) return reject(*pending, post.error());
    pending->post = std::move(*post);
    pending->post_id = pending->post.post_id();
    if (!raw.tenant.empty()) {
        const std::string& named = pending->post.tenant();
        if (!named.empty() && named != raw.tenant)
            return reject(*pending,
                          Refusal{.code = kForbidden, .field = "tenant", .message = "is not the sender's"});
        pending->post.set_tenant(std::string(raw.tenant));
    }
    judge(pending, std::move(media));
}

void Admission::reject(std::string_view source, const Refusal& refusal, const OnAck& on_ack) {
    Pending pending{.source = source,
                    .on_ack = on_ack,
                    .post_id = {},
                    .post = {},
                    .entry = {},
                    .media = {},
                    .digests = {},
                    .stopwatch = {}};
    ++pending_;
    reject(pending, refusal);
}

void Admission::judge(const std::shared_ptr<Pending>& pending, Frames media) {
    v1::Post& post = pending->post;
    std::vector<std::size_t> media_bytes;
    for (const Frame& frame : media)
        media_bytes.push_back(frame.size());
    if (auto valid = validate_post(post, media_bytes, limits_); !valid)
        return reject(*pending, valid.error());
    if (const auto carried_max = queue_.carried_media_max()) {
        std::size_t carried = 0;
        for (const std::size_t bytes : media_bytes)
            carried += bytes;
        if (carried > *carried_max)
            return reject(*pending,
                          {.code = ErrorCode::too_large,
                           .message = "the inline media has more than the " + std::to_string(*carried_max) +
                                      " bytes that a message of the shared queue may carry; send a URI",
                           .field = "assets"});
    }
    if (refusing_ || !queue_.has_room()) return busy(*pending);

    // The hash says whether two posts are the same post: what the platform may change between two tries is
    // left out.
    v1::Post beside;  // what the hash leaves out: the priority, and a time that the client did not give
    beside.set_priority(post.priority());
    if (!post.has_created_at()) {
        *beside.mutable_created_at() = google::protobuf::util::TimeUtil::MillisecondsToTimestamp(now_ms());
    }
    post.clear_priority();
    const std::string content = encode_post(post);
    pending->entry.content_hash = sha256(content);
    post.MergeFrom(beside);
    // Two messages one after the other are their union: a long text is written, and its UTF-8 checked, once.
    pending->entry.post = content + beside.SerializeAsString();
    pending->entry.tenant = post.tenant();
    pending->entry.post_id = post.post_id();
    pending->entry.priority = post.priority();
    if (media.empty()) return put(pending);
    store_media(pending, std::move(media));
}

void Admission::store_media(const std::shared_ptr<Pending>& pending, Frames media) {
    const auto queue_bytes_max = static_cast<std::size_t>(config_.journal.queue_bytes_max);
    MediaStore::Done stored = [this, pending](const Result<MediaStore::Stored>& result) {
        loop_.post([this, pending, result] { stored_media(pending, result); });
    };
    if (queue_.carried_media_max()) pending->media = std::make_shared<const Frames>(std::move(media));
    const bool queued = pending->media ? media_.digest(pending->media, queue_bytes_max, std::move(stored))
                                       : media_.store(std::move(media), queue_bytes_max, std::move(stored));
    if (!queued) busy(*pending);
}

void Admission::stored_media(const std::shared_ptr<Pending>& pending,
                             const Result<MediaStore::Stored>& stored) {
    if (!stored) return finish(*pending, stored.error());
    pending->entry.media = stored->folder;
    pending->digests = stored->digests;
    std::string hashed = pending->entry.content_hash;
    for (const std::string& digest : stored->digests)
        hashed += digest;
    pending->entry.content_hash = sha256(hashed);
    for (int i = 0; i < pending->post.assets_size(); ++i) {
        const auto& asset = pending->post.assets(i);
        if (!asset.has_frame() || asset.sha256().empty()) continue;
        if (same_digest(asset.sha256(), stored->digests[asset.frame()])) continue;
        media_.erase(stored->folder);
        return reject(*pending, {.code = ErrorCode::corrupt,
                                 .message = "does not match the media frame",
                                 .field = "assets[" + std::to_string(i) + "].sha256"});
    }
    put(pending);
}

void Admission::put(const std::shared_ptr<Pending>& pending) {
    metrics_.observe_stage(Stage::intake, pending->stopwatch.seconds());
    queue_.put({.entry = std::move(pending->entry),
                .post = std::move(pending->post),
                .media = std::move(pending->media),
                .digests = std::move(pending->digests)},
               [this, pending](const Result<PostQueue::Receipt>& put) { finish(*pending, put); });
}

void Admission::finish(Pending& pending, const Result<PostQueue::Receipt>& put) {
    if (!put) return busy(pending, put.error());
    v1::Ack ack;
    ack.set_status(put->duplicate ? v1::Ack::DUPLICATE : v1::Ack::ACCEPTED);
    ack.set_revision(put->revision);
    answer(pending, ack);
}

void Admission::reject(Pending& pending, const Error& error) {
    reject(pending, Refusal{.code = name(error.code), .field = error.field, .message = error.message});
}

void Admission::reject(Pending& pending, const Refusal& refusal) {
    metrics_.count_rejection(refusal.code);
    log_debug(
        "post rejected",
        {{"post_id", pending.post_id}, {"field", std::string(refusal.field)}, {"error", refusal.message}});
    v1::Ack ack;
    ack.set_status(v1::Ack::REJECTED);
    ack.mutable_error()->set_code(std::string(refusal.code));
    ack.mutable_error()->set_field(std::string(refusal.field));
    ack.mutable_error()->set_message(refusal.message);
    answer(pending, ack);
}

void Admission::busy(Pending& pending, const Error& why) {
    v1::Ack ack;
    ack.set_status(v1::Ack::BUSY);
    if (!why.message.empty()) {
        ack.mutable_error()->set_code(std::string(name(why.code)));
        ack.mutable_error()->set_field(why.field);
        ack.mutable_error()->set_message(why.message);
    }
    ack.set_retry_after_ms(static_cast<std::uint32_t>(config_.posts.retry_after_ms));
    answer(pending, ack);
}

void Admission::answer(Pending& pending, v1::Ack& ack) {
    --pending_;
    constexpr std::array<std::string_view, 5> kOutcomes{"", "accepted", "duplicate", "rejected", "busy"};
    metrics_.count_post(pending.source, kOutcomes.at(static_cast<std::size_t>(ack.status())));
    if (!pending.on_ack) return;
    ack.set_post_id(pending.post_id);
    pending.on_ack(ack);
}

}  // namespace bgm
