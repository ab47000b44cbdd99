#include "tests/workers/encoders/naive_transformer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace bgm::naive {
namespace {

Row attend(const Rows& query, const Rows& key, const Rows& value, std::size_t heads, std::size_t at,
           const std::function<bool(std::size_t, std::size_t)>& sees) {
    const std::size_t width = query[at].size();
    const std::size_t head_width = width / heads;
    Row mixed(width, 0);
    for (std::size_t head = 0; head < heads; ++head) {
        const std::size_t first = head * head_width;
        Row scores;
        for (std::size_t k = 0; k < key.size(); ++k) {
            double score = 0;
            for (std::size_t i = first; i < first + head_width; ++i)
                score += query[at][i] * key[k][i];
            scores.push_back(sees(at, k) ? score / std::sqrt(static_cast<double>(head_width))
                                         : -std::numeric_limits<double>::infinity());
        }
        const double largest = *std::max_element(scores.begin(), scores.end());
        double total = 0;
        for (double& score : scores)
            total += score = std::exp(score - largest);
        for (std::size_t k = 0; k < key.size(); ++k) {
            for (std::size_t i = first; i < first + head_width; ++i)
                mixed[i] += scores[k] / total * value[k][i];
        }
    }
    return mixed;
}

}  // namespace

Row linear(const Row& row, const RandomCheckpoint& weights, const std::string& prefix, bool bias) {
    const auto& weight = weights[prefix + ".weight"];
    Row out(weight.size() / row.size(), 0);
    for (std::size_t o = 0; o < out.size(); ++o) {
        if (bias) out[o] = weights[prefix + ".bias"][o];
        for (std::size_t i = 0; i < row.size(); ++i)
            out[o] += weight[o * row.size() + i] * row[i];
    }
    return out;
}

Row layer_norm(const Row& row, const RandomCheckpoint& weights, const std::string& prefix, double epsilon) {
    const auto count = static_cast<double>(row.size());
    double mean = 0;
    for (const double value : row)
        mean += value / count;
    double variance = 0;
    for (const double value : row)
        variance += (value - mean) * (value - mean) / count;
    Row out;
    for (std::size_t i = 0; i < row.size(); ++i)
        out.push_back((row[i] - mean) / std::sqrt(variance + epsilon) * weights[prefix + ".weight"][i] +
                      weights[prefix + ".bias"][i]);
    return out;
}

Row sum(const Row& a, const Row& b) {
    Row out(a.size());
    std::transform(a.begin(), a.end(), b.begin(), out.begin(), std::plus<>());
    return out;
}

Row unit(const Row& row) {
    double square = 0;
    for (const double value : row)
        square += value * value;
    Row out;
    for (const double value : row)
        out.push_back(value / std::sqrt(square));
    return out;
}

double activate(double value, const std::string& name) {
    if (name == "gelu") return value * 0.5 * (1 + std::erf(value / std::numbers::sqrt2));
    if (name == "quick_gelu") return value / (1 + std::exp(-1.702 * value));
    if (name == "silu") return value / (1 + std::exp(-value));
    if (name == "relu") return std::max(value, 0.0);
    // gelu_new: Hendrycks and Gimpel's approximation.
    return 0.5 * value *
           (1 + std::tanh(std::sqrt(2 * std::numbers::inv_pi) * (value + 0.044715 * value * value * value)));
}

Rows run(const Blocks& blocks, const RandomCheckpoint& weights, Rows rows,
         const std::function<bool(std::size_t, std::size_t)>& sees) {
    for (std::int64_t number = 0; number < blocks.count; ++number) {
        const auto part = [&](std::size_t i) {
            return blocks.prefix + "." + std::to_string(number) + "." + blocks.parts[i];
        };
        const auto norm = [&](const Row& row, std::size_t i) {
            return layer_norm(row, weights, part(i), blocks.epsilon);
        };
        const auto mlp = [&](const Row& row) {
            Row inner = linear(row, weights, part(5));
            for (double& value : inner)
                value = activate(value, blocks.activation);
            return linear(inner, weights, part(6));
        };
        Rows query;
        Rows key;
        Rows value;
        for (const Row& row : rows) {
            const Row in = blocks.norm_before ? norm(row, 4) : row;
            query.push_back(linear(in, weights, part(0)));
            key.push_back(linear(in, weights, part(1)));
            value.push_back(linear(in, weights, part(2)));
        }
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const Row mixed = linear(attend(query, key, value, blocks.heads, i, sees), weights, part(3));
            if (blocks.norm_before) {
                rows[i] = sum(rows[i], mixed);
                rows[i] = sum(rows[i], mlp(norm(rows[i], 7)));
            } else {
                rows[i] = norm(sum(rows[i], mixed), 4);
                rows[i] = norm(sum(rows[i], mlp(rows[i])), 7);
            }
        }
    }
    return rows;
}

double difference(const std::vector<float>& ours, const Rows& theirs) {
    std::size_t at = 0;
    double largest = 0;
    double worst = 0;
    for (const Row& row : theirs) {
        for (const double value : row) {
            if (at == ours.size()) return std::numeric_limits<double>::infinity();
            const double off = std::abs(double{ours[at++]} - value);
            if (!(off <= worst)) worst = off;  // a NaN, too
            largest = std::max(largest, std::abs(value));
        }
    }
    return at == ours.size() && std::isfinite(worst) ? worst / largest
                                                     : std::numeric_limits<double>::infinity();
}

}  // namespace bgm::naive
