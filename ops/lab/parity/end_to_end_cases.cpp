#include "ops/lab/parity/end_to_end_cases.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "ops/lab/parity/comparison.hpp"
#include "ops/lab/parity/tensor_lines.hpp"
#include "schemas/mapped_file.hpp"
#include "workers/encoders/clip_image_tower.hpp"
#include "workers/encoders/clip_text_tower.hpp"
#include "workers/encoders/guarded.hpp"
#include "workers/encoders/tower_rows.hpp"
#include "workers/image/pixel_reader.hpp"
#include "workers/tokenizers/tokenizer.hpp"

namespace bgm {
namespace {

constexpr std::size_t kBatch = 8;  // as a worker has it: rows of one batch must not disturb each other

std::vector<std::filesystem::path> folders_in(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> found;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code none;
        if (entry->is_directory(none)) found.push_back(entry->path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

// The directories of the format that lie beside one, and those beside its parent's.
std::vector<std::filesystem::path> neighbours(const std::filesystem::path& directory) {
    std::error_code error;
    const auto parent = std::filesystem::weakly_canonical(directory, error).parent_path();
    std::vector<std::filesystem::path> found = folders_in(parent);
    for (const auto& beside : folders_in(parent.parent_path())) {
        if (beside == parent) continue;
        const auto inside = folders_in(beside);
        found.insert(found.end(), inside.begin(), inside.end());
    }
    return found;
}

struct TextModel {
    ClipTextTower tower;
    std::unique_ptr<Tokenizer> tokenizer;
};

class EndToEnd {
 public:
    EndToEnd(const Fixture& fixture, const Arithmetic& arithmetic)
        : fixture_(fixture), arithmetic_(arithmetic) {}

    std::vector<ParityLine> run() const {
        std::vector<ParityLine> lines;
        for (const auto& [key, value] : fixture_.manifest().items()) {
            if (!value.is_string() || !value.get<std::string>().ends_with(".npy")) continue;
            const auto file = fixture_.directory() / value.get<std::string>();
            if (key == "image_features") {
                lines.push_back(check(key, file, &EndToEnd::image_features));
            } else if (key == "text_features") {
                lines.push_back(check(key, file, &EndToEnd::text_features));
            } else {
                lines.push_back(not_checked(fixture_.name() + "/" + key, "nothing of ours has this name"));
            }
        }
        return lines;
    }

 private:
    using Features = Result<torch::Tensor> (EndToEnd::*)(std::int64_t width) const;

    ParityLine check(const std::string& key, const std::filesystem::path& file, Features features) const {
        const std::string line = fixture_.name() + "/" + key;
        const auto expected = read_npy(file);
        if (!expected) return not_checked(line, expected.error().to_string());
        if (expected->shape.size() != 2) return not_checked(line, "the reference is no list of rows");
        const auto ours = (this->*features)(expected->shape[1]);
        if (!ours) return not_checked(line, ours.error().to_string());
        return compare_tensor(line, *ours, *expected, limit_of(key));
    }

    Result<torch::Tensor> image_features(std::int64_t width) const {
        for (const auto& folder : folders_in(fixture_.directory())) {
            const auto tower = ClipImageTower::load(folder, arithmetic_);
            if (!tower || tower->dimensions() != width) continue;
            const auto reader = PixelReader::open(folder, PixelFamily::clip, Fidelity::reference);
            if (!reader) return reader.error();
            if ((*reader)->width() != tower->image_size() || (*reader)->height() != tower->image_size()) {
                return Error{
                    .code = ErrorCode::invalid_argument,
                    .message = folder.string() + ": preprocessor_config.json does not suit the model"};
            }
            return encode_images(*tower, **reader);
        }
        return Error{.code = ErrorCode::not_found,
                     .message = "no folder inside it holds a model of such images"};
    }

    Result<torch::Tensor> encode_images(const ClipImageTower& tower, const PixelReader& reader) const {
        const std::vector<std::string> files = fixture_.texts("images");
        std::vector<torch::Tensor> features;
        for (std::size_t first = 0; first < files.size(); first += kBatch) {
            const std::size_t count = std::min(kBatch, files.size() - first);
            std::vector<float> pixels(count * reader.values());
            for (std::size_t i = 0; i < count; ++i) {
                const auto path = fixture_.directory() / files[first + i];
                const auto file = MappedFile::open(path);
                if (!file) return file.error();
                const auto seen = reader.read(
                    file->bytes(), std::span(pixels).subspan(i * reader.values(), reader.values()));
                if (!seen)
                    return Error{.code = seen.error().code,
                                 .message = path.string() + ": " + seen.error().message};
            }
            const std::int64_t size = tower.image_size();
            features.push_back(tower.features(at::from_blob(
                pixels.data(), {static_cast<std::int64_t>(count), 3, size, size}, torch::kFloat32)));
        }
        if (features.empty())
            return Error{.code = ErrorCode::corrupt, .message = "the manifest names no images"};
        return at::cat(features, 0);
    }

    Result<torch::Tensor> text_features(std::int64_t width) const {
        const auto model = find_text_model(width);
        if (!model) {
            return Error{.code = ErrorCode::not_found,
                         .message = "no model and vocabulary for such texts inside it or beside it"};
        }
        const ClipTextTower& tower = model->tower;
        std::vector<std::vector<std::int64_t>> ids;
        for (const std::string& text : fixture_.texts("texts"))
            ids.push_back(model->tokenizer->encode(text, static_cast<std::size_t>(tower.tokens_max())));
        std::vector<torch::Tensor> features;
        for (std::size_t first = 0; first < ids.size(); first += kBatch) {
            const auto part = std::span(ids).subspan(first, std::min(kBatch, ids.size() - first));
            const auto batch = token_batch(part, tower.tokens_max(), tower.vocabulary());
            if (!batch) return batch.error();
            features.push_back(tower.features(batch->ids, {}));
        }
        if (features.empty())
            return Error{.code = ErrorCode::corrupt, .message = "the manifest names no texts"};
        return at::cat(features, 0);
    }

    // The reference's words name the directory of the model; what is not named is tried after it.
    std::optional<TextModel> find_text_model(std::int64_t width) const {
        std::vector<std::filesystem::path> places = neighbours(fixture_.directory());
        const std::string words = fixture_.manifest().value("description", std::string());
        std::stable_partition(places.begin(), places.end(), [&](const std::filesystem::path& place) {
            return words.find(place.filename().string()) != std::string::npos;
        });
        std::vector<std::filesystem::path> models = folders_in(fixture_.directory());
        std::transform(places.begin(), places.end(), std::back_inserter(models),
                       [](const std::filesystem::path& place) { return place / "model"; });
        for (const auto& model : models) {
            auto tower = ClipTextTower::load(model, arithmetic_);
            if (!tower || tower->dimensions() != width) continue;
            auto tokenizer = find_tokenizer(model, places, tower->vocabulary());
            if (tokenizer != nullptr) return TextModel{std::move(*tower), std::move(tokenizer)};
        }
        return std::nullopt;
    }

    static std::unique_ptr<Tokenizer> find_tokenizer(const std::filesystem::path& model,
                                                     const std::vector<std::filesystem::path>& places,
                                                     std::int64_t vocabulary) {
        std::vector<std::filesystem::path> folders = {model};
        std::transform(places.begin(), places.end(), std::back_inserter(folders),
                       [](const std::filesystem::path& place) { return place / "vocab"; });
        for (const auto& folder : folders) {
            auto tokenizer = open_tokenizer(folder, TokenizerOptions::as_reference());
            if (tokenizer && (*tokenizer)->ids_end() == static_cast<std::size_t>(vocabulary))
                return *std::move(tokenizer);
        }
        return nullptr;
    }

    const Fixture& fixture_;
    const Arithmetic& arithmetic_;
};

}  // namespace

Result<std::vector<ParityLine>> check_end_to_end(const std::filesystem::path& directory,
                                                 const Arithmetic& arithmetic) {
    return guarded(directory.string(), [&]() -> Result<std::vector<ParityLine>> {
        const c10::InferenceMode inference;
        const auto fixture = Fixture::open(directory);
        if (!fixture) return fixture.error();
        return EndToEnd(*fixture, arithmetic).run();
    });
}

}  // namespace bgm
