#include "ops/parity/blip_cases.hpp"

#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "ops/parity/comparison.hpp"
#include "ops/parity/npy.hpp"
#include "workers/encoders/blip.hpp"

namespace bgm {
namespace {

using Tokens = std::vector<std::int64_t>;

const std::set<std::string, std::less<>> kInputs = {"pixel_values", "decoder_input_ids", "prompt_ids"};

// "decoder_hidden_2" -> 2 where the prefix is "decoder_hidden_".
std::optional<std::size_t> number_after(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix)) return std::nullopt;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(name.data() + prefix.size(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return number;
}

std::vector<Tokens> rows_of(const NpyArray& array, const std::vector<std::int64_t>& ids) {
    const auto width = static_cast<std::size_t>(array.shape.back());
    std::vector<Tokens> rows;
    for (std::size_t at = 0; at < ids.size(); at += width)
        rows.emplace_back(ids.begin() + static_cast<std::ptrdiff_t>(at),
                          ids.begin() + static_cast<std::ptrdiff_t>(at + width));
    return rows;
}

// One directory: the arrays, the model, and what it makes of the inputs, each computed once.
class BlipCase {
 public:
    BlipCase(std::filesystem::path directory, const Arithmetic& arithmetic)
        : directory_(std::move(directory)), arithmetic_(arithmetic) {}

    std::vector<ParityLine> check() {
        if (auto status = prepare(); !status)
            return {not_checked(line_name("model"), status.error().to_string())};
        std::vector<ParityLine> lines;
        for (const auto& [name, expected] : arrays_) {
            if (!kInputs.contains(name)) lines.push_back(check_array(name, expected));
        }
        if (lines.empty()) lines.push_back(not_checked(line_name("io"), "there are no reference arrays"));
        return lines;
    }

 private:
    std::string line_name(const std::string& array) const {
        const auto folder = directory_.has_filename() ? directory_ : directory_.parent_path();
        return folder.filename().string() + "/" + array;
    }

    Status prepare() {
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(directory_ / "io", error)) {
            if (entry.path().extension() != ".npy") continue;
            auto array = read_npy(entry.path());
            if (!array) return array.error();
            arrays_.emplace(entry.path().stem().string(), std::move(*array));
        }
        auto blip = Blip::open(directory_ / "model", arithmetic_);
        if (!blip) return blip.error();
        blip_.emplace(std::move(*blip));
        const auto pixels = arrays_.find("pixel_values");
        const std::int64_t side = blip_->config.vision.image_size;
        if (pixels == arrays_.end() || pixels->second.shape.size() != 4 ||
            pixels->second.shape != std::vector{pixels->second.shape[0], std::int64_t{3}, side, side}) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "pixel_values is missing or does not suit the model"};
        }
        std::vector<float> values = pixels->second.to_float();
        image_ = blip_->vision.forward(
            at::from_blob(values.data(), pixels->second.shape, torch::kFloat32).to(arithmetic_.device),
            &vision_hidden_);
        return decode();
    }

    // The decoder over the given ids, where there are such.
    Status decode() {
        const auto given = arrays_.find("decoder_input_ids");
        if (given == arrays_.end()) return ok_status();
        auto ids = given->second.to_int64();
        if (!ids) return ids.error();
        const auto& shape = given->second.shape;
        const bool known = std::all_of(ids->begin(), ids->end(), [this](std::int64_t id) {
            return id >= 0 && id < blip_->config.text.vocabulary;
        });
        if (shape.size() != 2 || shape[0] != image_.size(0) || shape[1] > blip_->config.text.positions ||
            !known)
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "decoder_input_ids does not suit the model"};
        auto state = blip_->decoder.begin(image_);
        decoded_ = blip_->decoder.feed(
            state, at::from_blob(ids->data(), shape, torch::kInt64).to(arithmetic_.device), {},
            &decoder_hidden_);
        return ok_status();
    }

    ParityLine check_array(const std::string& name, const NpyArray& expected) const {
        if (name == "generated_ids" || name == "generated_ids_prompt") return check_ids(name, expected);
        const torch::Tensor ours = value_of(name);
        if (!ours.defined()) return not_checked(line_name(name), "unknown array, or without its input");
        if (ours.sizes().vec() != expected.shape) {
            return not_checked(line_name(name), "the reference's shape is " + expected.shape_text());
        }
        const torch::Tensor flat = ours.to(torch::kCPU).contiguous();
        return compare(line_name(name), {flat.data_ptr<float>(), static_cast<std::size_t>(flat.numel())},
                       expected.to_float(), limit_of(name));
    }

    torch::Tensor value_of(const std::string& name) const {
        if (name == "vision_last_hidden_state") return image_;
        if (name == "vision_pooler_output") return blip_->vision.pooled(image_);
        if (name == "decoder_last_hidden_state") return decoded_;
        if (name == "decoder_logits") return decoded_.defined() ? blip_->decoder.logits(decoded_) : decoded_;
        if (const auto i = number_after(name, "vision_hidden_"); i && *i < vision_hidden_.size())
            return vision_hidden_[*i];
        if (const auto i = number_after(name, "decoder_hidden_"); i && *i < decoder_hidden_.size())
            return decoder_hidden_[*i];
        return {};
    }

    // As transformers' generate of BlipForConditionalGeneration begins: with the bos id alone, or with a
    // prompt whose first id it replaces by the bos id and whose last, the separator, it drops.
    Result<std::vector<Tokens>> prompts(const std::string& name) const {
        const std::int64_t bos = blip_->config.text.bos_id;
        if (name == "generated_ids")
            return std::vector(static_cast<std::size_t>(image_.size(0)), Tokens{bos});
        const auto given = arrays_.find("prompt_ids");
        if (given == arrays_.end() || given->second.shape.size() != 2 || given->second.shape[1] < 2)
            return Error{.code = ErrorCode::not_found, .message = "prompt_ids is missing or too short"};
        auto ids = given->second.to_int64();
        if (!ids) return ids.error();
        std::vector<Tokens> rows = rows_of(given->second, *ids);
        for (Tokens& row : rows) {
            row.front() = bos;
            row.pop_back();
        }
        return rows;
    }

    ParityLine check_ids(const std::string& name, const NpyArray& expected) const {
        auto ids = expected.to_int64();
        if (!ids || expected.shape.size() != 2 || expected.shape[1] < 1)
            return not_checked(line_name(name), "the reference holds no rows of ids");
        const auto starts = prompts(name);
        if (!starts) return not_checked(line_name(name), starts.error().to_string());
        // As far as the reference went: it either ended there by itself, or was told to.
        TokenSearch search = blip_->config.text.search;
        search.length_max = static_cast<std::size_t>(expected.shape[1]);
        const auto ours = blip_->generate(image_, *starts, search);
        if (!ours) return not_checked(line_name(name), ours.error().to_string());
        const std::vector<Tokens> rows = rows_of(expected, *ids);
        if (rows.size() != ours->size()) return not_checked(line_name(name), "another number of rows");
        std::size_t differing = 0;
        std::string first;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows[i] == (*ours)[i]) continue;
            if (++differing == 1) first = "row " + std::to_string(i) + " differs";
        }
        return {.name = line_name(name),
                .difference = static_cast<double>(differing) / static_cast<double>(rows.size()),
                .limit = 0,
                .ok = differing == 0,
                .detail = first};
    }

    const std::filesystem::path directory_;
    const Arithmetic arithmetic_;
    std::map<std::string, NpyArray> arrays_;
    std::optional<Blip> blip_;
    torch::Tensor image_, decoded_;
    std::vector<torch::Tensor> vision_hidden_, decoder_hidden_;
};

}  // namespace

std::vector<ParityLine> check_blip(const std::filesystem::path& directory, const Arithmetic& arithmetic) {
    try {
        const c10::InferenceMode no_gradients;
        return BlipCase(directory, arithmetic).check();
    } catch (const std::exception& error) {
        return {not_checked(directory.filename().string(), error.what())};
    }
}

}  // namespace bgm
