#include "workers/clip/text_batches.hpp"

#include <algorithm>
#include <numeric>

#include "workers/clip/row_buckets.hpp"

namespace bgm {

Result<std::vector<std::vector<float>>> embed_texts(TextTower& tower,
                                                    std::span<const std::vector<std::int64_t>> texts,
                                                    std::size_t rows_max) {
    std::vector<std::size_t> order(texts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return texts[a].size() < texts[b].size(); });
    std::vector<std::vector<float>> embeddings(texts.size());
    Status status = ok_status();
    for_each_bucket(texts.size(), rows_max, [&](std::size_t first, std::size_t count) {
        if (!status) return;
        std::vector<std::vector<std::int64_t>> batch;
        for (std::size_t i = first; i < first + count; ++i)
            batch.push_back(texts[order[i]]);
        const auto rows = tower.embed(batch);
        if (!rows) {
            status = rows.error();
            return;
        }
        const auto width = static_cast<std::ptrdiff_t>(rows->size() / count);
        for (std::size_t i = 0; i < count; ++i) {
            const auto row = rows->begin() + static_cast<std::ptrdiff_t>(i) * width;
            embeddings[order[first + i]].assign(row, row + width);
        }
    });
    if (!status) return status.error();
    return embeddings;
}

}  // namespace bgm
