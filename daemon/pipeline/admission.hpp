// Admission: a post is judged, made durable and answered.
//
// It knows no transport: a source (daemon/sources/) hands it the bytes that it received and brings the ack to
// its client. The ack of an accepted post comes when the queue has it for good, never before. Every post that
// is submitted is answered exactly once, and nothing is dropped silently: without room the answer is BUSY.
// Belongs to the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/config.hpp"
#include "daemon/journal/media_store.hpp"
#include "daemon/queue/post_queue.hpp"
#include "schemas/codec.hpp"
#include "schemas/validate.hpp"

namespace bgm {

class Admission {
 public:
    /// Runs on the loop, often before submit() returns. May be empty where nobody waits for an answer.
    using OnAck = std::function<void(const v1::Ack&)>;

    /// As it was received: nothing about it is trusted.
    struct RawPost {
        std::string_view source;  // as metrics call it
        WireFormat format = WireFormat::json;
        std::string_view bytes = {};  // need not outlive the call
        /// Whose posts these are, where the source knows it: one that names nobody is this tenant's, and one
        /// that names another is refused as `forbidden`. Empty: whose the post says.
        std::string_view tenant = {};
    };

    /// Why a post is not taken.
    struct Refusal {
        std::string_view code;  // of the closed set, or one of those beside it
        std::string_view field;
        std::string message;
    };

    Admission(const Config& config, EventLoop& loop, PostQueue& queue, MediaStore& media, Metrics& metrics);

    /// `media`: the inline media, one frame each, which the post's assets name by number.
    void submit(const RawPost& raw, Frames media, OnAck on_ack);
    /// For what a source cannot even call a post, or knows to be no post of whoever sent it: counted and
    /// answered as REJECTED.
    void reject(std::string_view source, const Refusal& refusal, const OnAck& on_ack);

    /// From now on every post is answered BUSY: the daemon is going down.
    void refuse() { refusing_ = true; }
    /// Posts that wait for their answer.
    std::size_t pending() const { return pending_; }
    /// Neither the bytes of a post nor one of its media may be larger: a source need not take more into
    /// memory.
    std::size_t frame_bytes_max() const;

 private:
    struct Pending;

    void judge(const std::shared_ptr<Pending>& pending, Frames media);
    void store_media(const std::shared_ptr<Pending>& pending, Frames media);
    void stored_media(const std::shared_ptr<Pending>& pending, const Result<MediaStore::Stored>& stored);
    void put(const std::shared_ptr<Pending>& pending);
    void finish(Pending& pending, const Result<PostQueue::Receipt>& put);
    void reject(Pending& pending, const Error& error);
    void reject(Pending& pending, const Refusal& refusal);
    void busy(Pending& pending, const Error& why = {});
    void answer(Pending& pending, v1::Ack& ack);

    const Config& config_;
    const PostLimits limits_;
    EventLoop& loop_;
    PostQueue& queue_;
    MediaStore& media_;
    Metrics& metrics_;
    bool refusing_ = false;
    std::size_t pending_ = 0;
};

}  // namespace bgm
