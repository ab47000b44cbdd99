// A line of a backfill file as a post that is ready to be sent.
#pragma once

#include <string>

#include "ops/bgmctl/input/ndjson_reader.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Longer lines are rejected. A text at its limit takes 384 KiB where every character is escaped.
inline constexpr std::size_t kBackfillLineBytesMax = 1024 * 1024;

struct BackfillPost {
    std::string post_id;
    std::string encoded;  // WireFormat::protobuf
};

/// Judges the line as the daemon will, so that a bad one is told apart by its number and costs no round trip.
/// The post becomes BACKFILL unless the line names a priority, and belongs to `tenant` unless it names one.
Result<BackfillPost> read_backfill_line(const NdjsonLine& line, const std::string& tenant);

}  // namespace bgm
