#include "ops/bench/end_to_end/load.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <deque>
#include <random>
#include <span>
#include <string_view>

#include "ops/client/client_socket.hpp"

namespace bgm::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array<std::string_view, 48> kWords{
    "오늘",   "정말", "너무",    "행복한",   "하루였다", "바다",  "친구들과", "비가",    "와서",     "조금",
    "슬프다", "커피", "한잔",    "마시며",   "노래를",   "듣는",  "밤",       "내일은",  "시험이라", "떨린다",
    "사랑해", "보고", "싶다",    "ㅋㅋㅋㅋ", "today",    "was",   "really",   "the",     "best",     "day",
    "with",   "my",   "friends", "at",       "beach",    "so",    "happy",    "feeling", "a",        "little",
    "sad",    "and",  "tired",   "but",      "music",    "helps", "!!!",      "🎉"};

// A client that only measures must not spend its time on parsing: the ack's two fields are found as text.
std::string_view text_after(std::string_view json, std::string_view key) {
    const auto at = json.find(key);
    if (at == std::string_view::npos) return {};
    const auto begin = json.find('"', at + key.size() + 1);
    if (begin == std::string_view::npos) return {};
    return json.substr(begin + 1, json.find('"', begin + 1) - begin - 1);
}

}  // namespace

std::string post_json(const LoadSpec& spec, std::size_t number) {
    std::minstd_rand random(static_cast<unsigned>(number * 2654435761U + 1));
    std::string json =
        R"({"post_id":")" + spec.prefix + std::to_string(number) + R"(","user_id":"u-)" +
        std::to_string(number % 1000) + R"(","options":{"tracks":)" + std::to_string(spec.tracks) +
        (spec.audio.empty() ? R"(},"text":")" : R"(},"assets":[{"kind":"AUDIO","frame":0}],"text":")");
    constexpr std::string_view kEnd = "\"}";
    while (json.size() + kEnd.size() < spec.post_bytes) {
        const std::string_view word = kWords[random() % kWords.size()];
        if (json.size() + word.size() + 1 + kEnd.size() > spec.post_bytes) break;
        json += word;
        json += ' ';
    }
    json.append(std::max(spec.post_bytes, json.size() + kEnd.size()) - json.size() - kEnd.size(), '.');
    return json + std::string(kEnd);
}

Result<LoadResult> send_load(const LoadSpec& spec) {
    auto socket = ClientSocket::open({.kind = ClientSocket::Kind::dealer,
                                      .endpoint = spec.endpoint,
                                      .what = "the posts endpoint",
                                      .hint = "BGMD_POSTS",
                                      .topics = {}});
    if (!socket) return socket.error();
    std::vector<Clock::time_point> sent(spec.posts);
    std::deque<std::size_t> again;
    LoadResult result;
    result.ack_ms.reserve(spec.posts);
    std::size_t next = 0;
    std::size_t outstanding = 0;
    const auto begin = Clock::now();
    auto last_answer = begin;
    while (result.accepted < spec.posts) {
        while (outstanding < spec.window && (next < spec.posts || !again.empty())) {
            std::size_t number = next;
            if (again.empty()) {
                ++next;
            } else {
                number = again.front();
                again.pop_front();
            }
            const std::string json = post_json(spec, number);
            const std::array<std::string_view, 3> frames{"BGM1/json", json, spec.audio};
            sent[number] = Clock::now();
            if (auto status = socket->send(std::span(frames).first(spec.audio.empty() ? 2 : 3)); !status)
                return status.error();
            ++outstanding;
        }
        if (!socket->wait(std::chrono::milliseconds(1000)) &&
            Clock::now() - last_answer > std::chrono::seconds(10)) {
            return Error{.code = ErrorCode::unavailable, .message = "no answer for ten seconds"};
        }
        for (;;) {
            auto frames = socket->receive();
            if (!frames) return frames.error();
            if (frames->empty()) break;
            last_answer = Clock::now();
            --outstanding;
            const std::string& ack = frames->back();
            const std::string_view id = text_after(ack, "\"post_id\"");
            std::size_t number = 0;
            if (id.size() > spec.prefix.size()) {
                std::from_chars(id.data() + spec.prefix.size(), id.data() + id.size(), number);
            }
            const std::string_view status = text_after(ack, "\"status\"");
            if (status == "BUSY") {
                ++result.busy;
                again.push_back(number);
            } else if (status == "ACCEPTED" && number < spec.posts) {
                ++result.accepted;
                result.ack_ms.push_back(
                    std::chrono::duration<float, std::milli>(last_answer - sent[number]).count());
            } else {
                return Error{.code = ErrorCode::internal, .message = "unexpected answer: " + ack};
            }
        }
    }
    result.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    std::sort(result.ack_ms.begin(), result.ack_ms.end());
    return result;
}

double percentile(const std::vector<float>& sorted, double share) {
    if (sorted.empty()) return 0;
    const auto last = static_cast<double>(sorted.size() - 1);
    return static_cast<double>(sorted[static_cast<std::size_t>(std::lround(last * share))]);
}

}  // namespace bgm::bench
