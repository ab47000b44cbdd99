// Files from a model server over HTTPS, and the only place of bgmctl that knows libcurl.
//
// Redirects are followed one by one: to https only, or, from a server on this host that is spoken to in plain
// http (a mirror, a test), to plain http on this host. The token goes to the server itself, never to where it
// redirects. What arrives is appended to NAME.partial, so that a transfer which breaks goes on where it
// ended; NAME.partial.etag holds the server's version of it (If-Range: a changed file begins anew). Every
// wait ends: connecting, and a transfer that has nearly stopped. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "schemas/result.hpp"

namespace bgm {

/// What a server says of a file without sending it.
struct FileAnnouncement {
    std::uint64_t bytes = 0;
    std::string digest;  // SHA-256 (64 digits), a git blob's SHA-1 (40 digits), or empty: it says neither
};

struct DownloadJob {
    std::string path;  // below the server's address, ready to be sent
    std::filesystem::path partial;
    std::uint64_t bytes = 0;  // what the whole file must have
    std::string sha256;       // what it must have, where that is known: another announcement is refused
    std::function<void(std::uint64_t bytes)> progress;  // so far, what was there before included
};

class Downloader {
 public:
    /// `server` like "https://huggingface.co". `invalid_argument` where that is no address or needs http to
    /// another host. `token` may be empty.
    static Result<Downloader> open(const std::string& server, const std::string& token);

    Downloader(Downloader&&) noexcept;
    Downloader& operator=(Downloader&&) noexcept;
    ~Downloader();

    /// Its address, without slashes at the end: the field of errors that are the connection's.
    const std::string& server() const;

    /// `unavailable` with the server as its field where it cannot be reached, `not_found`,
    /// `invalid_argument` where it asks for a token, `corrupt` where it does not say how large the file is.
    Result<FileAnnouncement> announce(const std::string& path);

    /// The partial file then has all its bytes; whether they are the right ones is the caller's to check. The
    /// errors are those of announce(), and: `corrupt` where the server says or sends another size or
    /// announces another digest than asked for (nothing of that is written), `resource_exhausted` where the
    /// disk is full, `unavailable` where the transfer broke, was interrupted, or another process is at it;
    /// what had arrived by then is kept.
    Status fetch(const DownloadJob& job);

 private:
    struct State;
    explicit Downloader(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace bgm
