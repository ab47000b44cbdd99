// Intake: posts from the two endpoints, judged, made durable, acknowledged.
//
// ROUTER (acknowledged) and PULL (counted only). The ack is sent when the journal's commit has reached the
// disk, never before. Whatever a stranger sends is answered (ROUTER) or counted (PULL); nothing is dropped
// silently: without room the answer is BUSY. Belongs to the loop's thread.
#pragma once

#include <functional>
#include <memory>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/messaging.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/config.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/journal/media_store.hpp"
#include "schemas/codec.hpp"
#include "schemas/validate.hpp"

namespace bgm {

/// A post that has just become durable.
struct AcceptedPost {
    std::int64_t seq = 0;
    std::uint32_t revision = 0;
    v1::Post post;
    std::string media;  // folder of its inline media, may be empty
};

class Intake {
 public:
    using OnAccepted = std::function<void(AcceptedPost)>;

    static Result<std::unique_ptr<Intake>> open(const Config& config, EventLoop& loop, Messaging& messaging,
                                                Journal& journal, MediaStore& media, Metrics& metrics,
                                                OnAccepted on_accepted);

    /// From now on every post is answered BUSY: the daemon is going down.
    void refuse() { refusing_ = true; }
    /// Posts that wait for their commit.
    std::size_t pending() const { return pending_; }

 private:
    enum class Source { posts, firehose };
    struct Pending;

    Intake(const Config& config, EventLoop& loop, Journal& journal, MediaStore& media, Metrics& metrics,
           OnAccepted on_accepted);

    void drain(Socket& socket, Source source);
    void receive(Source source, Frames frames);
    void take(const std::shared_ptr<Pending>& pending, Frames media);
    void store_media(const std::shared_ptr<Pending>& pending, Frames media);
    void write_journal(const std::shared_ptr<Pending>& pending);
    void finish(Pending& pending, const Status& committed);
    void erase_refused(const std::string& media);
    void reject(Pending& pending, const Error& error);
    void busy(Pending& pending);
    void answer(Pending& pending, v1::Ack& ack);

    const Config& config_;
    const PostLimits limits_;
    EventLoop& loop_;
    Journal& journal_;
    MediaStore& media_;
    Metrics& metrics_;
    const OnAccepted on_accepted_;
    std::unique_ptr<Socket> posts_;
    std::unique_ptr<Socket> firehose_;
    bool refusing_ = false;
    std::size_t pending_ = 0;
};

}  // namespace bgm
