// Workers of bgmctl's own, that analyse the files of a catalogue: the daemon's fleet without a daemon. Each
// file is decoded in a confined process; one that kills its worker costs itself alone.
//
// Belongs to one thread, and everything is called on it. The workers end with the crew, however bgmctl ends.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/config.hpp"
#include "daemon/store/analysis_table.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// A track's file, and what it was when it was analysed before.
struct TrackFile {
    std::string track_id;
    std::string path;               // below the media root
    std::uint64_t known_bytes = 0;  // of known_sha256
    std::string known_sha256{};     // empty: analyse it in any case
};

struct HeardFile {
    bool unchanged = false;  // it is what was known: not analysed, and `analysis` holds nothing
    TrackAnalysis analysis;
};

class TrackCrew {
 public:
    struct Options {
        std::size_t workers = 0;  // 0: one for each usable core
        std::string media_root;
        Config::Models models;  // of which a preset's ear is used; on the processor
    };
    /// The next file, or nothing where there is none left.
    using Next = std::function<std::optional<TrackFile>()>;
    /// Once for each file that next() gave, in any order. An error ends run().
    using OnDone = std::function<Status(const TrackFile&, Result<HeardFile>)>;
    /// Called a few times a second; false ends run().
    using GoOn = std::function<bool()>;

    static constexpr std::size_t kFileBytesMax = std::size_t{1} << 30U;

    /// Starts the workers. `invalid_argument` where the media root cannot be opened, `not_found` where a
    /// model is missing.
    static Result<std::unique_ptr<TrackCrew>> open(const Options& options);
    ~TrackCrew();
    TrackCrew(const TrackCrew&) = delete;
    TrackCrew& operator=(const TrackCrew&) = delete;

    /// Until every file is answered: no more than two a worker are under way. Files that were not answered
    /// when it ends before are forgotten. `unavailable` where no worker comes up.
    Status run(const Next& next, const OnDone& on_done, const GoOn& go_on);

    std::size_t workers() const;

 private:
    struct Parts;
    explicit TrackCrew(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace bgm
