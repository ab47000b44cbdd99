#include "ops/lab/parity/sentence_cases.hpp"

#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "ops/lab/parity/comparison.hpp"
#include "ops/lab/parity/tensor_lines.hpp"
#include "workers/encoders/guarded.hpp"
#include "workers/encoders/layers.hpp"
#include "workers/encoders/sentence_tower.hpp"
#include "workers/encoders/tower_rows.hpp"
#include "workers/tokenizers/tokenizer.hpp"

namespace bgm {
namespace {

using Tensors = std::map<std::string, torch::Tensor>;

Result<Tensors> run_ids(const Fixture& fixture, const SentenceTower& tower) {
    const auto ids = id_input(fixture, "input_ids", tower.vocabulary(), tower.tokens_max());
    if (!ids) return ids.error();
    const auto mask = mask_input(fixture, *ids, tower.tokens_max());
    if (!mask) return mask.error();
    TowerTrace trace;
    const torch::Tensor embedding = tower.features(*ids, *mask, &trace);
    Tensors ours;
    add_hidden_states(ours, "hidden", trace.hidden_states);
    ours["last_hidden_state"] = trace.last_hidden_state;
    ours["pooled_mean"] = trace.pooled;
    ours["sentence_embedding"] = embedding;
    ours["sentence_embedding_normalised"] = normalised(embedding);
    return ours;
}

// The tokens of each row, without its padding.
Result<std::vector<std::vector<std::int64_t>>> expected_ids(const Fixture& fixture) {
    const auto stored_ids = fixture.array("input_ids");
    if (!stored_ids) return stored_ids.error();
    const auto stored_mask = fixture.array("attention_mask");
    if (!stored_mask) return stored_mask.error();
    const auto ids = stored_ids->to_int64();
    const auto mask = stored_mask->to_int64();
    if (!ids) return ids.error();
    if (!mask) return mask.error();
    if (stored_ids->shape.size() != 2 || stored_ids->shape != stored_mask->shape)
        return Error{.code = ErrorCode::invalid_argument, .message = "attention_mask is not as input_ids"};
    const auto length = static_cast<std::size_t>(stored_ids->shape[1]);
    std::vector<std::vector<std::int64_t>> rows(static_cast<std::size_t>(stored_ids->shape[0]));
    for (std::size_t i = 0; i < ids->size(); ++i) {
        if ((*mask)[i] != 0) rows[i / length].push_back((*ids)[i]);
    }
    return rows;
}

// From the very text: the tokeniser's ids, and the embedding by way of a batch as the worker makes it.
Status run_texts(const Fixture& fixture, const SentenceTower& tower, std::vector<ParityLine>& lines) {
    const std::vector<std::string> texts = fixture.texts("texts");
    const auto tokenizer = open_tokenizer(fixture.directory() / "model", TokenizerOptions::as_reference());
    if (!tokenizer) return tokenizer.error();
    std::vector<std::vector<std::int64_t>> ours;
    std::transform(texts.begin(), texts.end(), std::back_inserter(ours),
                   [&](const std::string& text) { return (*tokenizer)->encode(text); });
    const auto expected = expected_ids(fixture);
    if (!expected) return expected.error();
    lines.push_back(compare_ids(fixture.name() + "/texts: input_ids", ours, *expected));

    const auto batch = token_batch(ours, tower.tokens_max(), tower.vocabulary());
    if (!batch) return batch.error();
    ParityLine line = compare_tensor(fixture, "sentence_embedding", tower.features(batch->ids, batch->mask));
    line.name = fixture.name() + "/texts: sentence_embedding";
    lines.push_back(std::move(line));
    return ok_status();
}

}  // namespace

Result<std::vector<ParityLine>> check_sentence(const std::filesystem::path& directory,
                                               const Arithmetic& arithmetic) {
    return guarded(directory.string(), [&]() -> Result<std::vector<ParityLine>> {
        const c10::InferenceMode inference;
        const auto fixture = Fixture::open(directory);
        if (!fixture) return fixture.error();
        const auto tower = SentenceTower::load(directory / "model", arithmetic);
        if (!tower) return tower.error();
        const auto ours = run_ids(*fixture, *tower);
        if (!ours) return ours.error();
        std::vector<ParityLine> lines = compare_outputs(*fixture, *ours);
        if (fixture->manifest().contains("texts")) {
            if (const Status status = run_texts(*fixture, *tower, lines); !status)
                lines.push_back(not_checked(fixture->name() + "/texts", status.error().to_string()));
        }
        return lines;
    });
}

}  // namespace bgm
