// The folder for inline media that is too large for a message: all hosts of a shared queue mount it.
//
// It is nobody's but bgmd's user: owned by it, closed to everybody else, no symbolic link. That is looked at
// each time, so that a mount that is gone, and the folder below it, is not taken for it. Names come from
// media_names() alone, and no link is followed.
//
//   NAME.part --fsync, rename--> NAME.new --kept: its message is confirmed--> NAME --> erased
//                                   '--> erased; or swept, where nobody was told that the post is accepted
//
// Values; any thread. Every call blocks as long as the file system takes.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/messaging.hpp"
#include "schemas/descriptor.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// A file as its message tells of it.
struct NamedMedia {
    std::string name;
    std::uint64_t bytes = 0;
    std::string digest;  // SHA-256, raw
};

class MediaFolder {
 public:
    explicit MediaFolder(std::string path) : path_(std::move(path)) {}

    /// `unavailable` with the reason where it is not there, or not bgmd's alone.
    Status check() const;
    /// Writes a byte and removes it: `resource_exhausted` where there is no room. `name` is this host's own.
    /// The time is the file system's.
    Result<std::chrono::seconds> probe(const std::string& name) const;

    /// On the disk from now on, under a name that the sweep knows. `resource_exhausted`, `unavailable`.
    Status write(const std::string& name, std::string_view bytes) const;
    /// The sweep passes these by from now on. One that its reader has erased meanwhile is no error.
    Status keep(std::span<const std::string> names) const;
    /// `unavailable`: the folder; `not_found`: the file is not there, or cannot be read; `corrupt`: it is not
    /// what its message says. No more memory is taken than the message says.
    Result<Frame> read(const NamedMedia& media) const;
    /// They are gone for good, or were never there.
    Status erase(std::span<const std::string> names) const;

    struct Swept {
        std::size_t removed = 0;
        std::size_t left = 0;
        std::uint64_t left_bytes = 0;
    };
    /// Removes what was not kept and has not been written to since then; what is not the folder's stays.
    Result<Swept> sweep(std::chrono::seconds before) const;

 private:
    Result<Descriptor> open() const;

    std::string path_;
};

}  // namespace bgm
