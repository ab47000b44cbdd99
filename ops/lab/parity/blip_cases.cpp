#include "ops/lab/parity/blip_cases.hpp"

#include <c10/core/InferenceMode.h>

#include "ops/lab/parity/comparison.hpp"
#include "ops/lab/parity/tensor_lines.hpp"
#include "workers/encoders/blip.hpp"
#include "workers/encoders/guarded.hpp"

namespace bgm {
namespace {

using Tokens = std::vector<std::int64_t>;
using Tensors = std::map<std::string, torch::Tensor>;

Error unsuitable(const std::string& input) {
    return Error{.code = ErrorCode::invalid_argument, .message = input + " does not suit the model"};
}

Result<torch::Tensor> run_images(const Fixture& fixture, const Blip& blip, Tensors& ours) {
    const auto pixels = float_input(fixture, "pixel_values");
    if (!pixels) return pixels.error();
    const std::int64_t size = blip.config.vision.image_size;
    if (pixels->dim() != 4 || pixels->sizes() != torch::IntArrayRef({pixels->size(0), 3, size, size}))
        return unsuitable("pixel_values");
    std::vector<torch::Tensor> hidden_states;
    torch::Tensor image = blip.vision.forward(*pixels, &hidden_states);
    add_hidden_states(ours, "vision_hidden", hidden_states);
    ours["vision_last_hidden_state"] = image;
    ours["vision_pooler_output"] = blip.vision.pooled(image);
    return image;
}

Status run_decoder(const Fixture& fixture, const Blip& blip, const torch::Tensor& image, Tensors& ours) {
    const auto& config = blip.config.text;
    const auto ids = id_input(fixture, "decoder_input_ids", config.vocabulary, config.positions);
    if (!ids) return ids.error();
    if (ids->size(0) != image.size(0)) return unsuitable("decoder_input_ids");
    std::vector<torch::Tensor> hidden_states;
    auto state = blip.decoder.begin(image);
    const torch::Tensor last = blip.decoder.feed(state, ids->to(image.device()), {}, &hidden_states);
    add_hidden_states(ours, "decoder_hidden", hidden_states);
    ours["decoder_last_hidden_state"] = last;
    ours["decoder_logits"] = blip.decoder.logits(last);
    return ok_status();
}

std::vector<Tokens> rows_of(const torch::Tensor& ids) {
    std::vector<Tokens> rows;
    for (std::int64_t i = 0; i < ids.size(0); ++i) {
        const auto* row = ids.data_ptr<std::int64_t>() + i * ids.size(1);
        rows.emplace_back(row, row + ids.size(1));
    }
    return rows;
}

// As transformers' generate of BlipForConditionalGeneration begins: with the bos id alone, or with a prompt
// whose first id it replaces by the bos id and whose last, the separator, it drops.
Result<std::vector<Tokens>> prompts(const Fixture& fixture, const Blip& blip, std::int64_t images,
                                    bool prompted) {
    const auto& config = blip.config.text;
    if (!prompted) return std::vector(static_cast<std::size_t>(images), Tokens{config.bos_id});
    const auto given = id_input(fixture, "prompt_ids", config.vocabulary, config.positions);
    if (!given) return given.error();
    if (given->size(1) < 2) return unsuitable("prompt_ids");
    std::vector<Tokens> rows = rows_of(*given);
    for (Tokens& row : rows) {
        row.front() = config.bos_id;
        row.pop_back();
    }
    return rows;
}

ParityLine check_ids(const Fixture& fixture, const std::string& array, const Blip& blip,
                     const torch::Tensor& image) {
    const std::string line = fixture.name() + "/" + array;
    const auto expected =
        id_input(fixture, array, blip.config.text.vocabulary, blip.config.text.positions + 1);
    if (!expected) return not_checked(line, expected.error().to_string());
    const auto starts = prompts(fixture, blip, image.size(0), array == "generated_ids_prompt");
    if (!starts) return not_checked(line, starts.error().to_string());
    // As far as the reference went: it either ended there by itself, or was told to.
    TokenSearch search = blip.config.text.search;
    search.length_max = static_cast<std::size_t>(expected->size(1));
    const auto ours = blip.generate(image, *starts, search);
    if (!ours) return not_checked(line, ours.error().to_string());
    const std::vector<Tokens> rows = rows_of(*expected);
    if (rows.size() != ours->size()) return not_checked(line, "the reference has another number of rows");
    std::size_t differing = 0;
    std::string first;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i] == (*ours)[i]) continue;
        if (++differing == 1) first = "row " + std::to_string(i) + " differs";
    }
    return {.name = line,
            .difference = static_cast<double>(differing) / static_cast<double>(rows.size()),
            .limit = 0,
            .ok = differing == 0,
            .detail = first};
}

}  // namespace

Result<std::vector<ParityLine>> check_blip(const std::filesystem::path& directory,
                                           const Arithmetic& arithmetic) {
    return guarded(directory.string(), [&]() -> Result<std::vector<ParityLine>> {
        const c10::InferenceMode inference;
        const auto fixture = Fixture::open(directory);
        if (!fixture) return fixture.error();
        const auto blip = Blip::open(directory / "model", arithmetic);
        if (!blip) return blip.error();
        Tensors ours;
        const auto image = run_images(*fixture, *blip, ours);
        if (!image) return image.error();
        if (fixture->has_input("decoder_input_ids")) {
            if (const Status status = run_decoder(*fixture, *blip, *image, ours); !status)
                return status.error();
        }
        std::vector<ParityLine> lines = compare_outputs(*fixture, ours);
        for (ParityLine& line : lines) {
            for (const char* array : {"generated_ids", "generated_ids_prompt"}) {
                if (line.name == fixture->name() + "/" + array)
                    line = check_ids(*fixture, array, *blip, *image);
            }
        }
        return lines;
    });
}

}  // namespace bgm
