// How far a backfill has come: FILE.progress, a small JSON document beside the file.
//
// Everything before `offset` is settled: acknowledged as stored, or written to the list of rejected lines.
// What comes after may have been sent already; sending it again does no harm. The document is replaced as a
// whole (written aside, synced, renamed), so a crash leaves the old one or the new one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "schemas/result.hpp"

namespace bgm {

struct BackfillCheckpoint {
    std::uint64_t lines_done = 0;
    std::uint64_t offset = 0;     // in decompressed bytes
    std::uint64_t head_hash = 0;  // of the file that it belongs to (InputFile::head_hash)
    std::uint64_t accepted = 0;
    std::uint64_t duplicate = 0;
    std::uint64_t rejected = 0;
    std::uint64_t rejected_bytes = 0;  // length of the list of rejected lines; more than that was not settled
    bool complete = false;             // the file was read to its end

    bool operator==(const BackfillCheckpoint&) const = default;
};

Status write_checkpoint(const std::string& path, const BackfillCheckpoint& checkpoint);

/// Nothing where there is none; `corrupt` where the document is not a whole checkpoint.
Result<std::optional<BackfillCheckpoint>> read_checkpoint(const std::string& path);

}  // namespace bgm
