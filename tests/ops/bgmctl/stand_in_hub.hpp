// A model server on this host that answers as Hugging Face does, and misbehaves on order.
//
// Large files are redirected to a store with X-Linked-Etag (their SHA-256) and X-Linked-Size; small ones are
// sent at once, their ETag being that of the git blob. One request a connection, served one after the other
// on a thread of its own. Set it up before the first request.
#pragma once

#include <arpa/inet.h>
#include <openssl/sha.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "schemas/hex.hpp"

namespace bgm {

inline std::string sha256_text(const std::string& bytes) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    ::SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
    return hex(digest);
}

inline std::string git_blob_text(const std::string& bytes) {
    const std::string blob = "blob " + std::to_string(bytes.size()) + std::string(1, '\0') + bytes;
    unsigned char digest[SHA_DIGEST_LENGTH];
    ::SHA1(reinterpret_cast<const unsigned char*>(blob.data()), blob.size(), digest);
    return hex(digest);
}

class StandInHub {
 public:
    struct File {
        std::string bytes;
        bool large = false;                              // kept in the store, not in git
        std::string etag = "\"store-1\"";                // of a large file, in the store
        std::string announced_sha256 = {};               // instead of the true one
        std::optional<std::size_t> announced_size = {};  // instead of the true one
        std::optional<std::size_t> content_length = {};  // instead of the true one
        std::string redirect = {};                       // to there, instead of to the store
        std::vector<std::size_t> cuts = {};  // each answer ends after so many bytes, the rest are whole
        bool chunked_without_end = false;    // says no length and sends for ever
        std::optional<std::size_t> held_after = {};  // sends so many bytes, then waits for release()
        bool needs_token = false;
    };
    struct Request {
        std::string method, path;
        std::map<std::string, std::string> headers;  // names in lower case
    };

    StandInHub() {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::listen(listener_, 16) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            throw std::runtime_error("no port on the loopback");
        }
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }
    ~StandInHub() {
        release();
        thread_.request_stop();
        thread_.join();
        ::close(listener_);
    }
    StandInHub(const StandInHub&) = delete;
    StandInHub& operator=(const StandInHub&) = delete;

    std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }

    /// As the hub knows it: "owner/name/resolve/revision/path".
    void put(const std::string& path, File file) {
        const std::lock_guard lock(mutex_);
        files_["/" + path] = std::move(file);
    }
    std::vector<Request> requests() {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    void forget_requests() {
        const std::lock_guard lock(mutex_);
        requests_.clear();
    }
    /// False where that did not happen within a minute.
    bool wait_until_held() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::minutes(1), [&] { return held_; });
    }
    void release() {
        const std::lock_guard lock(mutex_);
        released_ = true;
        changed_.notify_all();
    }

 private:
    void serve(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            pollfd ready{.fd = listener_, .events = POLLIN, .revents = 0};
            if (::poll(&ready, 1, 5) <= 0) continue;
            const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (connection < 0) continue;
            answer(connection, read_request(connection));
            ::close(connection);
        }
    }

    Request read_request(int connection) {
        std::string text;
        for (char c = 0; !text.ends_with("\r\n\r\n") && ::recv(connection, &c, 1, 0) == 1;)
            text += c;
        Request request;
        request.method = text.substr(0, text.find(' '));
        const std::size_t path = request.method.size() + 1;
        request.path = text.substr(path, text.find(' ', path) - path);
        for (std::size_t line = text.find("\r\n") + 2; line + 2 < text.size();
             line = text.find("\r\n", line) + 2) {
            const std::string header = text.substr(line, text.find("\r\n", line) - line);
            std::string name = header.substr(0, header.find(':'));
            std::transform(name.begin(), name.end(), name.begin(), ::tolower);
            request.headers[name] = header.substr(header.find(':') + 2);
        }
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
        return request;
    }

    static void send_text(int connection, const std::string& text) {
        for (std::size_t sent = 0; sent < text.size();) {
            const ssize_t count = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
            if (count <= 0) return;
            sent += static_cast<std::size_t>(count);
        }
    }

    void answer(int connection, const Request& request) {
        const bool in_store = request.path.starts_with("/store/");
        const std::string path = in_store ? request.path.substr(6) : request.path;
        File file;
        std::size_t cut = std::string::npos;
        {
            const std::lock_guard lock(mutex_);
            const auto found = files_.find(path);
            if (found == files_.end()) {
                return send_text(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
            }
            file = found->second;
            const bool sends = request.method == "GET" && (in_store || !file.large);
            if (sends && !found->second.cuts.empty()) {
                cut = found->second.cuts.front();
                found->second.cuts.erase(found->second.cuts.begin());
            }
        }
        if (file.needs_token && !in_store && !request.headers.contains("authorization")) {
            return send_text(connection, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
        }
        if (file.large && !in_store) {
            const std::string digest =
                file.announced_sha256.empty() ? sha256_text(file.bytes) : file.announced_sha256;
            return send_text(connection,
                             "HTTP/1.1 302 Found\r\nX-Linked-Etag: \"" + digest + "\"\r\nX-Linked-Size: " +
                                 std::to_string(file.announced_size.value_or(file.bytes.size())) +
                                 "\r\nETag: \"of the page\"\r\nContent-Length: 5\r\nLocation: " +
                                 (file.redirect.empty() ? "/store" + path : file.redirect) + "\r\n\r\nFound");
        }
        if (!file.large && !file.redirect.empty()) {
            return send_text(connection, "HTTP/1.1 307 Temporary Redirect\r\nX-Linked-Etag: \"" +
                                             git_blob_text(file.bytes) + "\"\r\nContent-Length: 0\r\n" +
                                             "Location: " + file.redirect + "\r\n\r\n");
        }
        send_file(connection, request, file, cut);
    }

    void send_file(int connection, const Request& request, const File& file, std::size_t cut) {
        const std::string etag = file.large ? file.etag : "\"" + git_blob_text(file.bytes) + "\"";
        std::size_t begin = 0;
        std::string head = "HTTP/1.1 200 OK\r\n";
        const auto range = request.headers.find("range");
        const auto version = request.headers.find("if-range");
        if (range != request.headers.end() && (version == request.headers.end() || version->second == etag)) {
            begin = std::stoul(range->second.substr(6));
            if (begin >= file.bytes.size()) {
                return send_text(connection,
                                 "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n");
            }
            head = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(begin) + "-" +
                   std::to_string(file.bytes.size() - 1) + "/" + std::to_string(file.bytes.size()) + "\r\n";
        }
        std::string body = file.bytes.substr(begin);
        head += "ETag: " + etag + "\r\n";
        if (file.chunked_without_end) {
            send_text(connection, head + "Connection: close\r\n\r\n");
            for (int i = 0; i < 64; ++i)
                send_text(connection, body);
            return;
        }
        head += "Content-Length: " + std::to_string(file.content_length.value_or(body.size())) + "\r\n\r\n";
        if (request.method == "HEAD") return send_text(connection, head);
        if (file.held_after && *file.held_after < body.size()) {
            send_text(connection, head + body.substr(0, *file.held_after));
            std::unique_lock lock(mutex_);
            held_ = true;
            changed_.notify_all();
            changed_.wait(lock, [&] { return released_; });
            return;
        }
        send_text(connection, head + body.substr(0, cut));
    }

    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, File> files_;
    std::vector<Request> requests_;
    bool held_ = false, released_ = false;
    std::jthread thread_;
};

}  // namespace bgm
