#include "daemon/queue/queue_message.hpp"

#include <chrono>

#include "fusion/stable_hash.hpp"
#include "schemas/sha256.hpp"

namespace bgm {
namespace {

constexpr std::size_t kHashBytes = 32;
constexpr std::uint64_t kSharedBytesMax = 1ULL << 40;  // far beyond any limit of posts, and their sums fit

Error incomplete(std::string field, std::string message) {
    return {.code = ErrorCode::corrupt, .message = std::move(message), .field = std::move(field)};
}

}  // namespace

int QueueNames::partition(std::string_view tenant, std::string_view post_id) const {
    return static_cast<int>(post_seed(tenant, post_id) % static_cast<std::uint64_t>(partitions_));
}

std::string QueueNames::posts(bool backfill, int partition) const {
    return prefix_ + (backfill ? ".backfill." : ".live.") + std::to_string(partition);
}

bool QueueNames::is_backfill(std::string_view queue) const {
    return queue.starts_with(prefix_ + ".backfill.");
}

std::string MessageIds::next(bool backfill) {
    using namespace std::chrono;
    const auto now = static_cast<std::uint64_t>(
        duration_cast<microseconds>(system_clock::now().time_since_epoch()).count());
    std::string id;
    id.reserve(kMessageIdBytes);
    for (int shift = 56; shift >= 0; shift -= 8)
        id.push_back(static_cast<char>(now >> shift));
    std::uint64_t chance = chance_();
    while (id.size() + 1 < kMessageIdBytes) {
        id.push_back(static_cast<char>(chance));
        chance >>= 8;
    }
    id.push_back(backfill ? kBackfillBit : '\0');
    return id;
}

std::vector<NamedMedia> media_files(const v1::QueueMessage& message) {
    std::vector<NamedMedia> files;
    for (const v1::SharedMedium& medium : message.shared_media()) {
        std::string named;
        for (const std::string_view part :
             {std::string_view(message.id()), std::string_view(message.tenant()),
              std::string_view(message.post_id()), std::string_view(medium.sha256())})
            named += std::to_string(part.size()) + ':' + std::string(part);
        named += std::to_string(files.size());
        files.push_back({.name = sha256_hex(named), .bytes = medium.bytes(), .digest = medium.sha256()});
    }
    return files;
}

Result<v1::QueueMessage> read_queue_message(std::string_view body) {
    v1::QueueMessage message;
    if (!message.ParseFromArray(body.data(), static_cast<int>(body.size())))
        return incomplete("message", "is no message of this queue");
    if (message.kind() == v1::QueueMessage::EVENT)
        return message.topic().empty() ? Result<v1::QueueMessage>(incomplete("topic", "is missing"))
                                       : std::move(message);
    if (message.kind() != v1::QueueMessage::POST && message.kind() != v1::QueueMessage::RETRY &&
        message.kind() != v1::QueueMessage::ERASE)
        return incomplete("kind", "is of a later version");
    if (message.id().size() != kMessageIdBytes) return incomplete("id", "must have 16 bytes");
    if (message.tenant().empty()) return incomplete("tenant", "is missing");
    if (message.kind() == v1::QueueMessage::ERASE) {
        if (message.post_id().empty() == message.user_id().empty())
            return incomplete("post_id", "either post_id or user_id must be given");
        return message;
    }
    if (message.post_id().empty()) return incomplete("post_id", "is missing");
    if (message.content_hash().size() != kHashBytes) return incomplete("content_hash", "must have 32 bytes");
    if (!message.media().empty() && !message.shared_media().empty())
        return incomplete("shared_media", "there is media, too");
    for (const v1::SharedMedium& medium : message.shared_media()) {
        if (medium.sha256().size() != kHashBytes) return incomplete("shared_media", "must have 32 bytes");
        if (medium.bytes() > kSharedBytesMax) return incomplete("shared_media.bytes", "is no size of media");
    }
    return message;
}

}  // namespace bgm
