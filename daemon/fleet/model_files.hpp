// Where a preset's models lie: the folders that each modality needs, the heads beside them, and what is
// missing.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "daemon/config.hpp"
#include "daemon/fleet/head_set.hpp"
#include "schemas/modality.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Puts a path wherever the configuration leaves one to us. `models.dir`: the shipped folder of the preset,
/// with clip DATA_DIR/models. `models.packages_dir`: the shipped one. `models.prompts_dir`: the shipped
/// prompts. `taught_dir`: DATA_DIR/taught.
void fill_model_paths(Config& config);

struct ModelFolder {
    const char* key;     // of the configuration
    const char* option;  // of bgm-worker-clip
    std::filesystem::path path;
    bool needed;  // false: the worker does without where it is not there
};

/// The modalities whose clip workers load what this key names; all of them where it is none of the models. A
/// video needs the audio model too, for its sound; texts and photos' captions are compared with sounds by it.
std::span<const Modality> loaders(std::string Config::Models::*key);

/// The folders that a clip worker of these modalities loads.
std::vector<ModelFolder> model_folders(const Config::Models& models, std::span<const Modality> modalities);

/// `not_found`, with the key as the field and what to do, where a folder that a worker of these modalities
/// needs is not there or holds no model. Whether the model is sound is the worker's to say.
Status check_model_folders(const Config::Models& models, std::span<const Modality> modalities);

/// Heads that lie as files: in `models.heads_dir`, a folder in models.dir or an absolute path; where it is
/// empty in `models.dir`, with clip in its folder `heads`, if there is one; for "none", nowhere; and the
/// taught ones of `taught_dir`. `not_found` where the preset has no heads but these and there is none.
Result<HeadSet> load_head_files(const Config::Models& models);

}  // namespace bgm
