// The small files beside the weights: the lock, configurations, preprocessing, the weights' header. The first
// byte chooses which.
#include "schemas/model_lock.hpp"

#include "tests/fuzz/input_folder.hpp"
#include "tests/fuzz/promise.hpp"
#include "workers/audio/clap_mel.hpp"
#include "workers/config_object.hpp"
#include "workers/image/pixel_config.hpp"

namespace bgm::fuzz {
namespace {

void read_lock(const InputFolder& folder, std::string_view text) {
    folder.write(std::string(kModelLockName), text);
    if (const auto lock = read_model_lock(folder.path()); lock && *lock) {
        for (const LockedFile& file : (*lock)->files) {
            require(stays_below(file.path), "a locked file lies below the folder");
            require(is_sha256(file.sha256), "a locked file has a digest");
            require((*lock)->find(file.path) != nullptr, "a locked file is found by its path");
        }
        require(write_model_lock(folder.path(), **lock).ok(), "a lock can be written");
        const auto again = read_model_lock(folder.path());
        require(again.ok() && *again == *lock, "a lock is read as it is written");
    }
    (void)check_model_folder(folder.path());
}

void read_config(const InputFolder& folder, std::string_view text) {
    folder.write("config.json", text);
    (void)ConfigObject::read_list(folder.path() / "config.json");
    const auto config = ConfigObject::read(folder.path() / "config.json");
    if (!config) return;
    const std::int64_t width = config->whole("hidden_size", 512, 1, 4096);
    require(width >= 1 && width <= 4096, "a number is within its bounds, wrong or not");
    for (const double number : config->numbers("image_mean", {0.5}, 0, 1))
        require(number >= 0 && number <= 1, "numbers are within their bounds");
    for (const std::int64_t number : config->wholes("depths", {2, 2}, 1, 64))
        require(number >= 1 && number <= 64, "whole numbers are within their bounds");
    (void)config->flag("tie", false);
    (void)config->text("hidden_act", "gelu");
    (void)config->texts();
    const ConfigObject inner = config->object("vision_config");
    (void)inner.number("layer_norm_eps", 1e-5, 0, 1);
    if (const auto status = config->status(); !status)
        require(!status.error().message.empty(), "it says why");
}

void read_preprocessing(const InputFolder& folder, std::string_view text) {
    folder.write("preprocessor_config.json", text);
    for (const PixelFamily family : {PixelFamily::clip, PixelFamily::blip}) {
        const auto pixels = read_pixel_config(folder.path() / "preprocessor_config.json", family);
        if (!pixels) continue;
        require(pixels->width() > 0 && pixels->width() <= kPixelSideMax && pixels->height() > 0 &&
                    pixels->height() <= kPixelSideMax,
                "pictures have a bounded size");
    }
    (void)ClapMel::open(folder.path());
}

}  // namespace
}  // namespace bgm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    static const fuzz::InputFolder folder;
    std::string_view input = fuzz::as_text(data, size);
    switch (fuzz::take_choice(input) & 3U) {
        case 0:
            fuzz::read_lock(folder, input);
            break;
        case 1:
            fuzz::read_config(folder, input);
            break;
        case 2:
            fuzz::read_preprocessing(folder, input);
            break;
        default:
            folder.write("model.safetensors", input);
            (void)check_weight_file(folder.path() / "model.safetensors");
    }
    folder.clear();
    return 0;
}
