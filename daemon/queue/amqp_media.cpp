// How the inline media of what AmqpQueue takes gets to this host's disk.

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "daemon/base/log.hpp"
#include "daemon/queue/amqp_incoming.hpp"

namespace bgm {

// Of a full disk the first of each queue asks; where there is room again all others follow.
void AmqpQueue::store_missing_media() {
    for (const auto& [queue, line] : lines_) {
        for (const IncomingPtr& incoming : line) {
            if (incoming->ready) continue;
            if (!incoming->storing) store_media(incoming);
            if (disk_full_) break;
        }
    }
}

void AmqpQueue::store_media(const IncomingPtr& incoming) {
    if (!incoming->message.shared_media().empty()) return read_shared_media(incoming);
    Frames frames;
    for (const std::string& medium : incoming->message.media())
        frames.emplace_back(medium);
    store_media(incoming, std::move(frames));
}

void AmqpQueue::read_shared_media(const IncomingPtr& incoming) {
    if (!shared_media_) {
        if (!std::exchange(folder_wanted_, true))
            log_error(
                "a post's media is in a folder that all hosts mount, and queue.media_folder is not set");
        return;
    }
    incoming->storing = true;
    shared_media_->read(media_files(incoming->message), [this, &loop = loop_, incoming](Result<Frames> read) {
        auto shared = std::make_shared<Result<Frames>>(std::move(read));
        loop.post([this, incoming, shared] {
            if (incoming->lost) return;
            incoming->storing = false;
            if (!*shared) return unreadable(incoming, shared->error());
            store_media(incoming, std::move(**shared));
        });
    });
}

// Where the folder is away it is waited for. A file may be late in a folder of the network, or be gone for
// good: with the first of two copies of a message, of which MySQL knows then; or it has been lost.
void AmqpQueue::unreadable(const IncomingPtr& incoming, const Error& error) {
    if (error.code == ErrorCode::unavailable) return incoming->missing_since.reset();
    const auto now = std::chrono::steady_clock::now();
    if (!incoming->missing_since) incoming->missing_since = now;
    const bool late = now < *incoming->missing_since + std::chrono::seconds(config_.queue.media_wait_s);
    if (error.code == ErrorCode::not_found && late) return;
    std::string asset = "its media";
    for (int i = 0; i < incoming->post.assets_size(); ++i) {
        const v1::Asset& each = incoming->post.assets(i);
        if (each.has_frame() && std::to_string(each.frame()) == error.field)
            asset = "assets[" + std::to_string(i) + "] (" + each.asset_id() + ")";
    }
    incoming->failure = Error{.code = error.code, .message = asset + " " + error.message};
    log_error("a post's media is lost", {{"tenant", incoming->message.tenant()},
                                         {"post_id", incoming->message.post_id()},
                                         {"error", incoming->failure->to_string()}});
    incoming->ready = true;
    advance(incoming->queue);
}

void AmqpQueue::store_media(const IncomingPtr& incoming, Frames frames) {
    incoming->storing = true;
    // Prefetch bounds what waits here.
    (void)media_.store(std::move(frames), SIZE_MAX,
                       [this, &loop = loop_, incoming](const Result<MediaStore::Stored>& stored) {
                           loop.post([this, incoming, stored] {
                               if (incoming->lost) return stored ? media_.erase(stored->folder) : void();
                               incoming->storing = false;
                               if (!stored) {
                                   if (std::exchange(disk_full_, true)) return;
                                   return log_error("inline media cannot be stored; it is tried again",
                                                    {{"error", stored.error().to_string()}});
                               }
                               if (std::exchange(disk_full_, false)) store_missing_media();
                               incoming->message.clear_media();
                               incoming->media = stored->folder;
                               incoming->ready = true;
                               advance(incoming->queue);
                           });
                       });
}

}  // namespace bgm
