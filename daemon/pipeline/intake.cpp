#include "daemon/pipeline/intake.hpp"

#include <google/protobuf/util/time_util.h>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/config_views.hpp"

namespace bgm {
namespace {

constexpr int kMessagesPerRound =
    32;  // then acks go out and workers are heard, so the client's window keeps moving
constexpr std::size_t kEnvelopeFramesMax = 8;
constexpr int kSocketQueue = 10'000;

// The text, every byte of it escaped, and what else a post may hold.
std::size_t post_frame_bytes_max(const PostLimits& limits) {
    constexpr std::size_t kBesideText = 256 * 1024;
    constexpr std::size_t kEscapedByte = 6;
    return kBesideText + kEscapedByte * limits.text_bytes_max;
}

// How many frames in front of the header belong to the envelope: the peer's identity, further hops, and the
// empty delimiter that REQ sends and DEALER may leave out.
std::size_t envelope_size(const Frames& frames) {
    for (std::size_t i = 1; i < std::min(frames.size(), kEnvelopeFramesMax); ++i) {
        if (wire_format(frames[i].view())) return i;
        if (frames[i].size() == 0) return i + 1;
    }
    return std::min<std::size_t>(1, frames.size());
}

}  // namespace

struct Intake::Pending {
    Source source;
    Frames envelope;
    WireFormat format = WireFormat::json;
    v1::Post post;
    NewPost entry;
    Acceptance acceptance;
    Stopwatch stopwatch;
};

Intake::Intake(const Config& config, EventLoop& loop, Journal& journal, MediaStore& media, Metrics& metrics,
               OnAccepted on_accepted)
    : config_(config),
      limits_(post_limits(config)),
      loop_(loop),
      journal_(journal),
      media_(media),
      metrics_(metrics),
      on_accepted_(std::move(on_accepted)) {}

Result<std::unique_ptr<Intake>> Intake::open(const Config& config, EventLoop& loop, Messaging& messaging,
                                             Journal& journal, MediaStore& media, Metrics& metrics,
                                             OnAccepted on_accepted) {
    std::unique_ptr<Intake> intake(new Intake(config, loop, journal, media, metrics, std::move(on_accepted)));
    const std::size_t media_frame_max =
        std::min(intake->limits_.inline_bytes_max,
                 std::max({intake->limits_.image_bytes_max, intake->limits_.audio_bytes_max,
                           intake->limits_.video_bytes_max}));
    // One byte more than any limit, so that what is barely too large is answered with a reason, not a
    // hang-up.
    const Socket::Options options{
        .frame_bytes_max =
            static_cast<std::int64_t>(std::max(post_frame_bytes_max(intake->limits_), media_frame_max)) + 1,
        .queue_max = kSocketQueue};
    auto posts = Socket::bind(messaging, Socket::Kind::router, config.posts.endpoint, options);
    if (!posts) return posts.error();
    intake->posts_ = std::move(*posts);
    loop.watch(*intake->posts_, EventLoop::Priority::urgent,
               [raw = intake.get()] { raw->drain(*raw->posts_, Source::posts); });
    if (!config.posts.firehose_endpoint.empty()) {
        auto firehose = Socket::bind(messaging, Socket::Kind::pull, config.posts.firehose_endpoint, options);
        if (!firehose) return firehose.error();
        intake->firehose_ = std::move(*firehose);
        loop.watch(*intake->firehose_, EventLoop::Priority::urgent,
                   [raw = intake.get()] { raw->drain(*raw->firehose_, Source::firehose); });
    }
    return intake;
}

void Intake::drain(Socket& socket, Source source) {
    Frames frames;
    for (int i = 0; i < kMessagesPerRound && socket.receive(frames); ++i)
        receive(source, std::move(frames));
}

void Intake::receive(Source source, Frames frames) {
    auto pending = std::make_shared<Pending>();
    pending->source = source;
    ++pending_;
    const std::size_t envelope = source == Source::posts ? envelope_size(frames) : 0;
    const auto body = frames.begin() + static_cast<std::ptrdiff_t>(envelope);
    pending->envelope.assign(std::make_move_iterator(frames.begin()), std::make_move_iterator(body));
    const auto left = static_cast<std::size_t>(frames.end() - body);
    const auto format = left > 0 ? wire_format(body[0].view()) : std::nullopt;
    if (!format) {
        return reject(*pending, {.code = ErrorCode::invalid_argument,
                                 .message = "must be BGM1/json or BGM1/protobuf",
                                 .field = "header"});
    }
    pending->format = *format;
    if (left < 2 || body[1].size() == 0) {
        return reject(
            *pending,
            {.code = ErrorCode::invalid_argument, .message = "the post frame is missing", .field = "post"});
    }
    if (body[1].size() > post_frame_bytes_max(limits_)) {
        return reject(*pending,
                      {.code = ErrorCode::too_large,
                       .message = "has more than " + std::to_string(post_frame_bytes_max(limits_)) + " bytes",
                       .field = "post"});
    }
    auto post = decode_post(*format, body[1].view());
    if (!post) return reject(*pending, post.error());
    pending->post = std::move(*post);
    take(pending, Frames(std::make_move_iterator(body + 2), std::make_move_iterator(frames.end())));
}

void Intake::take(const std::shared_ptr<Pending>& pending, Frames media) {
    v1::Post& post = pending->post;
    std::vector<std::size_t> media_bytes;
    for (const Frame& frame : media)
        media_bytes.push_back(frame.size());
    if (auto valid = validate_post(post, media_bytes, limits_); !valid)
        return reject(*pending, valid.error());
    const JournalCounts counts = journal_.counts();
    const auto unfinished = counts.by_state[static_cast<std::size_t>(PostState::accepted)] +
                            counts.by_state[static_cast<std::size_t>(PostState::picked)];
    if (refusing_ || unfinished >= config_.journal.unfinished_max ||
        (counts.used_bytes >= config_.journal.bytes_max && !counts.making_room)) {
        return busy(*pending);
    }

    // The hash says whether two posts are the same post: what the platform may change between two tries is
    // left out.
    v1::Post beside;  // what the hash leaves out: the priority, and a time that the client did not give
    beside.set_priority(post.priority());
    if (!post.has_created_at()) {
        *beside.mutable_created_at() = google::protobuf::util::TimeUtil::MillisecondsToTimestamp(now_ms());
    }
    post.clear_priority();
    const std::string content = post.SerializeAsString();
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

void Intake::store_media(const std::shared_ptr<Pending>& pending, Frames media) {
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

void Intake::write_journal(const std::shared_ptr<Pending>& pending) {
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

void Intake::finish(Pending& pending, const Status& committed) {
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
void Intake::erase_refused(const std::string& media) {
    if (media.empty()) return;
    (void)journal_.submit(
        Journal::Urgency::internal, 0, [](JournalStore& store) { return store.bury_failed_commits(); },
        [this, media](const Status&) { loop_.post([this, media] { media_.erase(media); }); });
}

void Intake::reject(Pending& pending, const Error& error) {
    metrics_.count_rejection(error.code);
    log_debug("post rejected",
              {{"post_id", pending.post.post_id()}, {"field", error.field}, {"error", error.message}});
    v1::Ack ack;
    ack.set_status(v1::Ack::REJECTED);
    ack.mutable_error()->set_code(std::string(name(error.code)));
    ack.mutable_error()->set_field(error.field);
    ack.mutable_error()->set_message(error.message);
    answer(pending, ack);
}

void Intake::busy(Pending& pending) {
    v1::Ack ack;
    ack.set_status(v1::Ack::BUSY);
    ack.set_retry_after_ms(static_cast<std::uint32_t>(config_.posts.retry_after_ms));
    answer(pending, ack);
}

void Intake::answer(Pending& pending, v1::Ack& ack) {
    --pending_;
    constexpr std::array<std::string_view, 5> kOutcomes{"", "accepted", "duplicate", "rejected", "busy"};
    const bool acknowledged = pending.source == Source::posts;
    metrics_.count_post(acknowledged ? "posts" : "firehose",
                        kOutcomes.at(static_cast<std::size_t>(ack.status())));
    if (!acknowledged) return;
    ack.set_post_id(pending.post.post_id());
    Frames frames = std::move(pending.envelope);
    frames.emplace_back(header_frame(pending.format));
    frames.emplace_back(encode_ack(pending.format, ack));
    if (!posts_->send(std::move(frames)))
        log_debug("ack lost: the client is gone", {{"post_id", ack.post_id()}});
}

}  // namespace bgm
