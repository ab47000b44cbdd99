// Clients of the gateway as others write them, on libcurl: one connection that is kept and made anew when it
// is lost, and a reader of server-sent events that goes on where it was.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/end_to_end/stack.hpp"

namespace bgm::test {

/// One connection, one request at a time. Not thread-safe.
class HttpClient {
 public:
    explicit HttpClient(const Stack& stack) : HttpClient(stack, stack.env("BGMD_API_KEY")) {}
    HttpClient(const Stack& stack, const std::string& key);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    struct Part {
        std::string name, type, bytes;
        std::string file_name{};
    };
    /// Status and body; status 0 where no whole answer came, whatever the reason.
    struct Answer {
        long status = 0;
        std::string body{};
    };
    Answer post(const std::string& path, const std::string& json);
    Answer post(const std::string& path, const std::vector<Part>& parts);

    /// A call without a body.
    Answer ask(const std::string& method, const std::string& path);

    /// Connections made so far: with keep-alive, far fewer than requests.
    long connections() const { return connections_; }

 private:
    struct Handle;
    Answer perform();

    std::string address_;
    std::unique_ptr<Handle> handle_;
    long connections_ = 0;
};

/// Follows GET /v1/events on a thread of its own, from its construction to its destruction, with
/// `Last-Event-ID` after each loss. Its questions are thread-safe.
class EventReader {
 public:
    explicit EventReader(const Stack& stack);
    ~EventReader();
    EventReader(const EventReader&) = delete;
    EventReader& operator=(const EventReader&) = delete;

    /// Whether a stream has ever begun.
    bool began() const { return streams_ > 0; }
    long streams() const { return streams_; }
    bool has_seen(const std::string& post_id) const;
    std::size_t seen() const;
    /// Events, of which a post has several where it was delivered again: bgmd was killed between the commit
    /// in MySQL and the note of it in its journal.
    std::size_t told() const;
    /// What no stream may do: repeat an event, or go back. Empty where all was well.
    std::vector<std::string> faults() const;

 private:
    static std::size_t take(const char* bytes, std::size_t size, std::size_t count, void* reader);
    void follow(const std::stop_token& stop);
    void take_line(const std::string& line);

    std::string url_, key_;
    std::atomic<long> streams_ = 0;
    mutable std::mutex mutex_;
    std::set<std::string> events_;  // posts
    std::size_t told_ = 0;
    std::vector<std::string> faults_;
    // Of the thread.
    std::uint64_t last_ = 0;
    bool knows_last_ = false, begun_ = false;
    std::string partial_, id_, data_;
    std::jthread thread_;
};

}  // namespace bgm::test
