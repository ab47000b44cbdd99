#include "workers/encoders/tower_rows.hpp"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "workers/encoders/layers.hpp"

namespace bgm {
namespace {

Error bad_text(std::size_t text, const std::string& why) {
    return {.code = ErrorCode::invalid_argument, .message = "text " + std::to_string(text) + " " + why};
}

}  // namespace

Result<TokenBatch> token_batch(std::span<const std::vector<std::int64_t>> texts, std::int64_t tokens_max,
                               std::int64_t vocabulary) {
    if (texts.empty()) return Error{.code = ErrorCode::invalid_argument, .message = "no texts"};
    std::size_t longest = 0;
    bool alike = true;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto& text = texts[i];
        if (text.empty() || text.size() > static_cast<std::size_t>(tokens_max))
            return bad_text(i, "has " + std::to_string(text.size()) + " ids; 1 to " +
                                   std::to_string(tokens_max) + " are possible");
        const auto wrong = std::find_if(text.begin(), text.end(),
                                        [vocabulary](std::int64_t id) { return id < 0 || id >= vocabulary; });
        if (wrong != text.end())
            return bad_text(i, "has the id " + std::to_string(*wrong) + "; the vocabulary ends at " +
                                   std::to_string(vocabulary - 1));
        longest = std::max(longest, text.size());
        alike = alike && text.size() == texts.front().size();
    }
    const std::vector<std::int64_t> shape = {static_cast<std::int64_t>(texts.size()),
                                             static_cast<std::int64_t>(longest)};
    TokenBatch batch{.ids = at::empty(shape, torch::kInt64), .mask = {}};
    if (!alike) batch.mask = at::empty(shape, torch::kInt64);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto& text = texts[i];
        auto* row = batch.ids.data_ptr<std::int64_t>() + i * longest;
        std::fill(std::copy(text.begin(), text.end(), row), row + longest, text.back());
        if (alike) continue;
        auto* marks = batch.mask.data_ptr<std::int64_t>() + i * longest;
        std::fill(std::fill_n(marks, text.size(), 1), marks + longest, 0);
    }
    return batch;
}

Result<std::vector<float>> unit_rows(const torch::Tensor& rows) {
    const torch::Tensor unit = normalised(rows).to(torch::kCPU).contiguous();
    const std::span values(unit.data_ptr<float>(), static_cast<std::size_t>(unit.numel()));
    if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); }))
        return Error{.code = ErrorCode::corrupt, .message = "the model's weights give no finite numbers"};
    return std::vector(values.begin(), values.end());
}

}  // namespace bgm
