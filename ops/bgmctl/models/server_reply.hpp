// The head of one answer of a model server, and what it says of the file that was asked for.
//
// Hugging Face announces files that it keeps elsewhere with X-Linked-Size and X-Linked-Etag (SHA-256) in its
// redirect; the ETag of its other files is that of their git blob. What a store elsewhere calls an ETag is no
// digest, whatever it looks like. The lines come from the network: there may be any number of any kind.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace bgm {

class ServerReply {
 public:
    ServerReply() = default;
    /// `from_home`: from the server itself, not from where it redirects to.
    explicit ServerReply(bool from_home) : from_home_(from_home) {}

    /// A line as it came. A status line begins anew: an interim answer may have come before.
    void take_line(std::string_view line);
    void redirect_to(std::string url) { next_ = std::move(url); }

    long status() const { return status_; }
    bool has_file() const { return status_ == 200 || status_ == 206; }
    bool redirects() const { return status_ >= 300 && status_ < 400 && !next_.empty(); }
    const std::string& next() const { return next_; }

    /// Empty where there is none. `name` in lower case.
    std::string_view header(std::string_view name) const;

    /// Of the whole file.
    std::optional<std::uint64_t> file_bytes() const;
    /// SHA-256 (64 digits), a git blob's SHA-1 (40 digits), or empty.
    std::string digest() const;
    /// An ETag that stands for the very bytes, with its quotes, or empty.
    std::string strong_version() const;

 private:
    bool from_home_ = false;
    long status_ = 0;
    std::string next_;
    std::map<std::string, std::string, std::less<>> headers_;
};

}  // namespace bgm
