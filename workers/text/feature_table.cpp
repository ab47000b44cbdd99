#include "workers/text/feature_table.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

namespace bgm {
namespace {

constexpr std::size_t kWidthMax = 256;

Error corrupt(std::string message) {
    return Error{.code = ErrorCode::corrupt, .message = "text weights: " + std::move(message)};
}

}  // namespace

Result<FeatureTable> FeatureTable::parse(const SafeTensors& file, std::string_view group) {
    static_assert(std::endian::native == std::endian::little,
                  "weight files are little-endian and read in place");
    const std::string prefix(group);
    const auto features = file.find(prefix + ".features");
    if (!features) return features.error();
    const auto rows = file.find(prefix + ".rows");
    if (!rows) return rows.error();
    const auto scales = file.find(prefix + ".scales");
    if (!scales) return scales.error();
    if (features->dtype != "U32" || features->shape.size() != 1)
        return corrupt(prefix + ".features is not U32 [n]");
    const std::int64_t count = features->shape[0];
    if (rows->dtype != "I8" || rows->shape.size() != 2 || rows->shape[0] != count || rows->shape[1] < 1 ||
        rows->shape[1] > static_cast<std::int64_t>(kWidthMax)) {
        return corrupt(prefix + ".rows is not I8 [n, d]");
    }
    if (scales->shape != features->shape) return corrupt(prefix + ".scales is not [n]");
    if (reinterpret_cast<std::uintptr_t>(features->data.data()) % alignof(std::uint32_t) != 0) {
        return corrupt(prefix + ".features is not aligned");
    }

    FeatureTable table;
    table.width_ = static_cast<std::size_t>(rows->shape[1]);
    table.features_ = {reinterpret_cast<const std::uint32_t*>(features->data.data()),
                       static_cast<std::size_t>(count)};
    table.rows_ = reinterpret_cast<const std::int8_t*>(rows->data.data());
    auto widened = to_floats(*scales);
    if (!widened) return widened.error();
    table.scales_ = std::move(*widened);
    if (!std::all_of(table.scales_.begin(), table.scales_.end(),
                     [](float scale) { return std::isfinite(scale); })) {
        return corrupt(prefix + ".scales holds a number that is not finite");
    }
    if (std::adjacent_find(table.features_.begin(), table.features_.end(), std::greater_equal<>()) !=
        table.features_.end()) {
        return corrupt(prefix + ".features is not ascending");
    }
    const unsigned bits =
        std::clamp(std::bit_width(static_cast<std::size_t>(count) / 2), std::size_t{1}, std::size_t{24});
    table.bucket_shift_ = 32 - bits;
    table.bucket_begins_.assign((std::size_t{1} << bits) + 1, static_cast<std::uint32_t>(count));
    for (std::size_t i = table.features_.size(); i-- > 0;) {
        table.bucket_begins_[table.features_[i] >> table.bucket_shift_] = static_cast<std::uint32_t>(i);
    }
    for (std::size_t bucket = table.bucket_begins_.size() - 1;
         bucket-- > 0;) {  // empty ones begin where the next does
        table.bucket_begins_[bucket] =
            std::min(table.bucket_begins_[bucket], table.bucket_begins_[bucket + 1]);
    }
    return table;
}

std::ptrdiff_t FeatureTable::find(std::uint32_t feature) const {
    const std::size_t bucket = feature >> bucket_shift_;
    const std::size_t end = bucket_begins_[bucket + 1];
    for (std::size_t i = bucket_begins_[bucket]; i < end; ++i) {
        if (features_[i] >= feature) return features_[i] == feature ? static_cast<std::ptrdiff_t>(i) : -1;
    }
    return -1;
}

void FeatureTable::add_rows(std::span<const std::uint32_t> indices, float share, std::span<float> sum) const {
    float* out = sum.data();
    for (std::uint32_t index : indices) {
        const std::int8_t* row = rows_ + std::size_t{index} * width_;
        const float scale = scales_[index];
        for (std::size_t i = 0; i < width_; ++i)
            out[i] += scale * static_cast<float>(row[i]);
    }
    for (float& value : sum)
        value *= share;
}

std::size_t FeatureTable::sum(std::span<const std::uint32_t> features, std::span<const FeatureRange> denied,
                              std::span<float> sum, std::span<float> denied_sum) const {
    constexpr std::size_t kAhead = 12;  // look-ups in flight: the table is larger than the second-level cache
    std::fill(sum.begin(), sum.end(), 0.0F);
    std::fill(denied_sum.begin(), denied_sum.end(), 0.0F);
    thread_local std::vector<std::uint32_t> found;
    thread_local std::vector<std::uint32_t> found_denied;
    found.clear();
    found_denied.clear();
    if (denied_sum.empty()) denied = {};
    for (std::size_t i = 0; i < features.size(); ++i) {
        if (i + 2 * kAhead < features.size()) {
            __builtin_prefetch(&bucket_begins_[features[i + 2 * kAhead] >> bucket_shift_]);
        }
        if (i + kAhead < features.size()) {
            const std::size_t begin = bucket_begins_[features[i + kAhead] >> bucket_shift_];
            if (begin < features_.size()) __builtin_prefetch(&features_[begin]);
        }
        const std::ptrdiff_t index = find(features[i]);
        if (index < 0) continue;
        __builtin_prefetch(rows_ + static_cast<std::size_t>(index) * width_);
        found.push_back(static_cast<std::uint32_t>(index));
        while (!denied.empty() && denied.front().end <= i)
            denied = denied.subspan(1);
        if (!denied.empty() && denied.front().begin <= i)
            found_denied.push_back(static_cast<std::uint32_t>(index));
    }
    const float share = 1.0F / std::sqrt(static_cast<float>(found.size()) + 1.0F);
    add_rows(found, share, sum);
    if (!found_denied.empty()) add_rows(found_denied, share, denied_sum);
    return found.size();
}

}  // namespace bgm
