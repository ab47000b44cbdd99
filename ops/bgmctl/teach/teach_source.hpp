// Where the seeds of a lesson come from: posts whose text says what the photo beside it feels like, or tracks
// of the catalogue, whose moods people wrote down and whose sound was analysed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "daemon/store/connection.hpp"
#include "ops/teaching/seed_rows.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Called with the rows so far, now and then; false gives up, with the rows so far.
using OnRows = std::function<bool(std::size_t rows)>;

/// Seeds of posts with this model, up to the number `last`. A person's share a group.
Status read_post_seeds(MySqlConnection& connection, const std::string& model, std::uint64_t last,
                       SeedRows& rows, const OnRows& on_rows);

/// Active tracks with moods whose sound was analysed in this model's space. An artist's share a group.
Status read_track_seeds(MySqlConnection& connection, const std::string& model, SeedRows& rows,
                        const OnRows& on_rows);

}  // namespace bgm
