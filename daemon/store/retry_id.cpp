#include "daemon/store/retry_id.hpp"

#include "fusion/stable_hash.hpp"
#include "schemas/message_id.hpp"

namespace bgm {
namespace {

constexpr std::size_t kStampBytes = 8;

std::uint64_t microseconds_of(std::string_view id) {
    std::uint64_t microseconds = 0;
    for (const char byte : stamp_of(id))
        microseconds = microseconds << 8 | static_cast<unsigned char>(byte);
    return microseconds;
}

void append_bytes(std::string& id, std::uint64_t number, std::size_t until) {
    for (int shift = 56; shift >= 0 && id.size() < until; shift -= 8)
        id.push_back(static_cast<char>(number >> shift));
}

}  // namespace

std::string retry_id(const PostKey& post, std::uint64_t event_id, std::string_view messages) {
    std::string_view last;
    if (messages.size() >= kMessageIdBytes && messages.size() % kMessageIdBytes == 0)
        last = messages.substr(messages.size() - kMessageIdBytes);
    std::string id;
    append_bytes(id, last.empty() ? 0 : microseconds_of(last) + 1, kStampBytes);
    append_bytes(id, fnv1a64(last, mix64(post_seed(post.first, post.second) ^ mix64(event_id))),
                 kMessageIdBytes - 1);
    id.push_back(static_cast<char>(kRetryBit | (last.empty() ? 0 : line_of(last))));
    return id;
}

std::int64_t sent_ms_of(std::string_view id) {
    return static_cast<std::int64_t>(microseconds_of(id) / 1000);
}

}  // namespace bgm
