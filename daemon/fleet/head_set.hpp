// The mood heads that read a worker's embeddings: those that were taught by the operator's own posts, those
// that lie as files beside the models, and those that the worker brought in its Hello.
//
// A taught head wins, for the very model that it was taught on; then a file over what a worker brings, since
// a head that somebody trained knows more than one made of prompts. A model's name may end in a version,
// "clip-vit-base-patch32@1a2b3c4d"; a file for the name without it reads every version. Heads travel with the
// worker's answers (WorkerPool), so while two versions of a model serve side by side each is read by its own,
// and a head is gone with the last worker and the last answer that need it.
//
// Immutable once made: share it between threads.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fusion/mood/head.hpp"
#include "schemas/result.hpp"
#include "schemas/worker.pb.h"

namespace bgm {

class HeadSet {
 public:
    /// Every *_head.safetensors of a folder. `not_found` where the folder cannot be read; a file that is no
    /// head is named by the error.
    static Result<HeadSet> load(const std::filesystem::path& folder);

    /// These, and behind them the ones that a worker brings. `invalid_argument` or `corrupt`, with the number
    /// of the head or the model, where one cannot be read, a name is no name, or a model that the worker
    /// announces would have none.
    Result<std::shared_ptr<const HeadSet>> with(const v1::Hello& hello) const;

    /// These with the taught ones of another set, of which nothing else is taken.
    HeadSet with_taught(const HeadSet& taught) const;
    /// Those of a folder, as load(), but they count as taught; none where there is no such folder.
    static Result<HeadSet> load_taught(const std::filesystem::path& folder);

    /// Null where none reads the model.
    const LinearHead* find(std::string_view model) const;
    bool is_taught(std::string_view model) const { return taught_.contains(model); }
    /// Every model that is read by some head, sorted.
    std::vector<std::string> models() const;
    bool empty() const { return files_.empty() && brought_.empty(); }

 private:
    using Heads = std::map<std::string, std::shared_ptr<const LinearHead>, std::less<>>;  // by model

    Heads taught_;
    Heads files_;
    Heads brought_;
};

}  // namespace bgm
