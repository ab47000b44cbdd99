// From what the workers found to a pick: heads, opinion pool, matching.
//
// Pure but for the clock in `picked_at`: the same post, findings and catalogue give the same pick. Belongs to
// the loop's thread; the catalogue is replaced as a whole.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fusion/catalogue.hpp"
#include "fusion/head.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"
#include "schemas/worker.pb.h"

namespace bgm {

/// What one text or asset gave.
struct Finding {
    std::string modality;
    std::string asset_id;  // empty for the text
    Result<std::vector<v1::Output>> outputs;
};

class Analyst {
 public:
    /// Reads every *_head.safetensors of the folder.
    static Result<Analyst> load(const std::filesystem::path& models_dir, std::uint32_t tracks_default);

    void set_catalogue(std::shared_ptr<const Catalogue> catalogue) { catalogue_ = std::move(catalogue); }
    const Catalogue* catalogue() const { return catalogue_.get(); }

    /// The pick, or why there can be none: where every finding failed, the error that promises most of
    /// another try. Needs a catalogue.
    Result<v1::Pick> decide(const v1::Post& post, std::uint32_t revision,
                            const std::vector<Finding>& findings) const;

 private:
    void add_tracks(const v1::Post& post, const struct FusedMood& mood, v1::Pick& pick) const;

    std::map<std::string, LinearHead> heads_;  // by model
    std::shared_ptr<const Catalogue> catalogue_;
    std::uint32_t tracks_default_ = 5;
};

}  // namespace bgm
