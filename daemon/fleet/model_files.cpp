#include "daemon/fleet/model_files.hpp"

#include <algorithm>
#include <array>

#include "schemas/network_packages.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDebiansTessdata = "/usr/share/tesseract-ocr/5/tessdata";

// A model of the clip preset, and who loads it.
struct ClipModel {
    const char* key;
    const char* option;
    std::string Config::Models::*folder;  // empty: there is none
    std::vector<Modality> loaders;        // those that need it first
    std::size_t needed_by;                // so many of them
};

const std::array<ClipModel, 4>& clip_models() {
    using enum Modality;
    static const std::array<ClipModel, 4> kModels{{
        {"models.image", "--image-model", &Config::Models::image, {image, video}, 2},
        {"models.text", "--text-model", &Config::Models::text, {text}, 1},
        {"models.audio", "--audio-model", &Config::Models::audio, {audio, video, text, image}, 2},
        {"models.caption", "--caption-model", &Config::Models::caption, {image}, 1},
    }};
    return kModels;
}

fs::path folder_of(const Config::Models& models, const std::string& name) {
    return fs::path(models.dir) / name;  // an absolute name stands for itself
}

}  // namespace

void fill_model_paths(Config& config) {
    Config::Models& models = config.models;
    if (models.dir.empty()) {
        models.dir =
            models.preset == "clip" ? fs::path(config.data_dir) / "models" : shipped_data() / models.preset;
    }
    models.taught_dir = fs::path(config.data_dir) / "taught";
    if (models.reading_dir.empty()) models.reading_dir = kDebiansTessdata;
    if (models.packages_dir.empty()) models.packages_dir = shipped_packages();
    if (models.prompts_dir.empty()) models.prompts_dir = shipped_data() / "prompts";
}

std::span<const Modality> loaders(std::string Config::Models::*key) {
    for (const ClipModel& model : clip_models()) {
        if (model.folder == key) return model.loaders;
    }
    return kModalities;
}

std::vector<ModelFolder> model_folders(const Config::Models& models, std::span<const Modality> modalities) {
    std::vector<ModelFolder> folders;
    for (const ClipModel& model : clip_models()) {
        const std::string& folder = models.*model.folder;
        const auto asked = [&](std::size_t count) {
            return std::find_first_of(modalities.begin(), modalities.end(), model.loaders.begin(),
                                      model.loaders.begin() + static_cast<std::ptrdiff_t>(count)) !=
                   modalities.end();
        };
        if (folder.empty() || !asked(model.loaders.size())) continue;
        folders.push_back({.key = model.key,
                           .option = model.option,
                           .path = folder_of(models, folder),
                           .needed = asked(model.needed_by)});
    }
    return folders;
}

Status check_model_folders(const Config::Models& models, std::span<const Modality> modalities) {
    if (models.preset != "clip") return ok_status();
    std::error_code error;
    for (const ModelFolder& folder : model_folders(models, modalities)) {
        if (!folder.needed || fs::is_regular_file(folder.path / "config.json", error)) continue;
        return Error{.code = ErrorCode::not_found,
                     .message = folder.path.string() +
                                " holds no model (no config.json): fetch it with `bgmctl models pull`, or "
                                "name another folder",
                     .field = folder.key};
    }
    if (fs::is_directory(models.prompts_dir, error)) return ok_status();
    return Error{.code = ErrorCode::not_found,
                 .message = models.prompts_dir + " is not a folder",
                 .field = "models.prompts_dir"};
}

Result<HeadSet> load_head_files(const Config::Models& models) {
    const bool clip = models.preset == "clip";
    const std::string& named = models.heads_dir;
    const fs::path folder = !named.empty() ? folder_of(models, named)
                            : clip         ? fs::path(models.dir) / "heads"
                                           : fs::path(models.dir);
    std::error_code error;
    const bool none = named == "none" || (named.empty() && clip && !fs::exists(folder, error));
    auto heads = none ? Result<HeadSet>(HeadSet()) : HeadSet::load(folder);
    const auto taught = HeadSet::load_taught(models.taught_dir);
    if (!taught) return taught.error();
    if (heads && heads->empty() && !clip) {
        return Error{.code = ErrorCode::not_found, .message = "holds no mood head", .field = folder.string()};
    }
    if (heads) return heads->with_taught(*taught);
    return heads;
}

}  // namespace bgm
