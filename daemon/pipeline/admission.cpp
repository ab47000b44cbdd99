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
    v1::Post post;
    NewPost entry;
    Acceptance acceptance;
    Stopwatch stopwatch;
};

Admission::Admission(const Config& config, EventLoop& loop, Journal& journal, MediaStore& media,
                     Metrics& metrics, OnAccepted on_accepted)
    : config_(config),
      limits_(post_limits(config)),
      loop_(loop),
      journal_(journal),
      media_(media),
      metrics_(metrics),
      on_accepted_(std::move(on_accepted)) {}

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
    Pending pending{
        .source = source, .on_ack = on_ack, .post = {}, .entry = {}, .acceptance = {}, .stopwatch = {}};
    ++pending_;
    reject(pending, refusal);
}

bool Admission::has_room() const {
    const JournalCounts counts = journal_.counts();
    const auto unfinished = counts.by_state[static_cast<std::size_t>(PostState::accepted)] +
                            counts.by_state[static_cast<std::size_t>(PostState::picked)];
    return unfinished < config_.journal.unfinished_max &&
           (counts.used_bytes < config_.journal.bytes_max || counts.making_room);
}

void Admission::judge(const std::shared_ptr<Pending>& pending, Frames media) {
    v1::Post& post = pending->post;
    std::vector<std::size_t> media_bytes;
    for (const Frame& frame : media)
        media_bytes.push_back(frame.size());
    if (auto valid = validate_post(post, media_bytes, limits_); !valid)
        return reject(*pending, valid.error());
    if (refusing_ || !has_room()) return busy(*pending);

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
    if (media.empty()) return write_journal(pending);
    store_media(pending, std::move(media));
}

void Admission::store_media(const std::shared_ptr<Pending>& pending, Frames media) {
    const auto queue_bytes_max = static_cast<std::size_t>(config_.journal.queue_bytes_max);
    const bool queued = media_.store(
        std::move(media), queue_bytes_max, [this, pending](const Result<MediaStore::Stored>& stored) {
            loop_.post([this, pending, stored] {
                if (!stored) return finish(*pending, stored.error());
                pending->entry.media = stored->folder;
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
                write_journal(pending);
            });
        });
    if (!queued) busy(*pending);
}

void Admission::write_journal(const std::shared_ptr<Pending>& pending) {
    metrics_.observe_stage(Stage::intake, pending->stopwatch.seconds());
    const bool queued = journal_.submit(
        Journal::Urgency::intake, pending->entry.post.size(),
        [pending](JournalStore& store) -> Status {
            auto accepted = store.accept(pending->entry, now_ms());
            if (!accepted) return accepted.error();
            pending->acceptance = *accepted;
            return ok_status();
        },
        [this, pending](const Status& committed) {
            loop_.post([this, pending, committed] { finish(*pending, committed); });
        });
    if (!queued) {
        media_.erase(pending->entry.media);
        busy(*pending);
    }
}

void Admission::finish(Pending& pending, const Status& committed) {
    if (!committed) {
        erase_refused(pending.entry.media);
        return busy(pending);
    }
    const Acceptance& acceptance = pending.acceptance;
    v1::Ack ack;
    ack.set_status(acceptance.duplicate ? v1::Ack::DUPLICATE : v1::Ack::ACCEPTED);
    ack.set_revision(acceptance.revision);
    answer(pending, ack);
    if (acceptance.duplicate) {
        media_.erase(pending.entry.media);
        return;
    }
    media_.erase(acceptance.replaced_media);
    on_accepted_({.seq = acceptance.seq,
                  .revision = acceptance.revision,
                  .post = std::move(pending.post),
                  .media = std::move(pending.entry.media)});
}

// After a crash the journal might find the post that it could not commit: then its media must be there, too.
void Admission::erase_refused(const std::string& media) {
    if (media.empty()) return;
    (void)journal_.submit(
        Journal::Urgency::internal, 0, [](JournalStore& store) { return store.bury_failed_commits(); },
        [this, media](const Status&) { loop_.post([this, media] { media_.erase(media); }); });
}

void Admission::reject(Pending& pending, const Error& error) {
    reject(pending, Refusal{.code = name(error.code), .field = error.field, .message = error.message});
}

void Admission::reject(Pending& pending, const Refusal& refusal) {
    metrics_.count_rejection(refusal.code);
    log_debug("post rejected", {{"post_id", pending.post.post_id()},
                                {"field", std::string(refusal.field)},
                                {"error", refusal.message}});
    v1::Ack ack;
    ack.set_status(v1::Ack::REJECTED);
    ack.mutable_error()->set_code(std::string(refusal.code));
    ack.mutable_error()->set_field(std::string(refusal.field));
    ack.mutable_error()->set_message(refusal.message);
    answer(pending, ack);
}

void Admission::busy(Pending& pending) {
    v1::Ack ack;
    ack.set_status(v1::Ack::BUSY);
    ack.set_retry_after_ms(static_cast<std::uint32_t>(config_.posts.retry_after_ms));
    answer(pending, ack);
}

void Admission::answer(Pending& pending, v1::Ack& ack) {
    --pending_;
    constexpr std::array<std::string_view, 5> kOutcomes{"", "accepted", "duplicate", "rejected", "busy"};
    metrics_.count_post(pending.source, kOutcomes.at(static_cast<std::size_t>(ack.status())));
    if (!pending.on_ack) return;
    ack.set_post_id(pending.post.post_id());
    pending.on_ack(ack);
}

}  // namespace bgm
