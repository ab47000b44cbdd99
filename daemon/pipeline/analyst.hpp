// From what the workers found to a pick: heads, opinion pool, matching.
//
// Pure but for the clock in `picked_at`: the same post, findings and catalogue give the same pick. Belongs to
// the loop's thread; the catalogue is replaced as a whole.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/fleet/head_set.hpp"
#include "fusion/catalogue/catalogue.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"
#include "schemas/worker.pb.h"

namespace bgm {

/// What one text or asset gave.
struct Finding {
    std::string modality;
    std::string asset_id;  // empty for the text
    Result<std::vector<v1::Output>> outputs;
    std::shared_ptr<const HeadSet> heads;  // of the worker that answered
};

class Analyst {
 public:
    /// `tracks_default`: for posts that do not say how many.
    explicit Analyst(std::uint32_t tracks_default) : tracks_default_(tracks_default) {}

    void set_catalogue(std::shared_ptr<const Catalogue> catalogue) { catalogue_ = std::move(catalogue); }
    const Catalogue* catalogue() const { return catalogue_.get(); }

    /// The pick, or why there can be none: where every finding failed, the error that promises most of
    /// another try. Needs a catalogue.
    Result<v1::Pick> decide(const v1::Post& post, std::uint32_t revision,
                            const std::vector<Finding>& findings) const;

 private:
    void add_tracks(const v1::Post& post, const struct FusedMood& mood, v1::Pick& pick) const;

    std::shared_ptr<const Catalogue> catalogue_;
    std::uint32_t tracks_default_;
};

}  // namespace bgm
