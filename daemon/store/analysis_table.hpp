// What was heard in the catalogue's files, in MySQL (`track_analysis`).
//
// Belongs to the thread of its connection, and connects by itself where that is not connected. Errors are
// those of connection.hpp; a value that its column cannot hold is `invalid_argument` with a field like
// "track_analysis.tempo_bpm".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/connection.hpp"
#include "fusion/mood/mood.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct HeardMood {
    MoodDistribution moods{};
    Affect affect;
};

struct TrackAnalysis {
    struct Window {
        float start_s = 0;
        float quality = 0;  // 0: silence, of which nothing is known
        HeardMood mood;
    };

    std::string track_id;
    std::string model;
    std::int64_t analysed_ms = 0;  // since 1970
    std::uint64_t file_bytes = 0;
    std::string file_sha256;  // 64 hexadecimal digits, lower case
    float seconds = 0;
    float loudness_lufs = 0;
    float range_lu = 0;
    float tempo_bpm = 0;  // 0: none is felt
    float tempo_confidence = 0;
    std::uint32_t key_tonic = 0;  // pitch class, 0 = C
    bool key_minor = false;
    float key_confidence = 0;
    float energy = 0;
    float speech = 0;  // the share of it
    std::uint32_t moment_ms = 0;
    HeardMood mood;
    std::vector<Window> windows;
    std::vector<float> beats_s;
    std::string embedding_model;
    std::vector<float> embedding;
    std::vector<std::uint32_t> fingerprint;
};

/// Which file a row is of, and what made it.
struct AnalysedFile {
    std::string track_id;
    std::string model;
    std::string embedding_model;  // the space of its embedding
    std::uint64_t bytes = 0;
    std::string sha256;
};

class AnalysisTable {
 public:
    explicit AnalysisTable(MySqlConnection& connection) : connection_(connection) {}

    /// For as long as this connection lasts: false where another one has it.
    Result<bool> claim();
    /// Replaces the track's row. Durable when it returns, and never half.
    Status upsert(const TrackAnalysis& analysis);
    /// Lists that somebody has written by hand and nobody can read are empty.
    Result<std::optional<TrackAnalysis>> find(std::string_view track_id);
    /// Of every row, in the order of their ids.
    Result<std::vector<AnalysedFile>> files();

 private:
    MySqlConnection& connection_;
};

}  // namespace bgm
