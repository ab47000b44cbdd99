#include "workers/encoders/onednn/fused_stack.hpp"

#include <ATen/ops/empty.h>
#include <algorithm>
#include <cstring>

#include "workers/encoders/onednn/product.hpp"
#include "workers/encoders/onednn/steps.hpp"
#include "workers/encoders/threads.hpp"

namespace bgm {
namespace {

// So many rows of each thread go through a block together: their values stay in its cache from one step to
// the next, and the products are about as fast as for more.
constexpr std::int64_t kRowsOfThread = 256;
// With fewer the products are slow, since the weights come from memory for each part again: 200 rows reach
// nine tenths of what 400 do, 100 rows eight tenths.
constexpr std::int64_t kRowsAtLeast = 192;
// Each thread finds so many parts where there are enough rows, so that all end at about the same time,
// however much of a processor each has.
constexpr std::int64_t kPartsOfThread = 2;

After after(Activation activation) {
    switch (activation) {
        case Activation::gelu:
            return After::gelu;
        case Activation::gelu_tanh:
            return After::gelu_tanh;
        case Activation::quick_gelu:
            return After::quick_gelu;
        case Activation::relu:
            return After::relu;
        case Activation::silu:
            return After::silu;
    }
    return After::nothing;
}

std::span<const float> values(const torch::Tensor& tensor) {
    if (!tensor.defined()) return {};
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

WeightMatrix matrix(const LinearWeights& weights) {
    return {.weight = values(weights.weight), .bias = values(weights.bias)};
}

LinearWeights contiguous(const LinearWeights& weights) {
    return {.weight = weights.weight.contiguous(),
            .bias = weights.bias.defined() ? weights.bias.contiguous() : weights.bias};
}

// The bias of a call as the attention step takes it; keeps the tensors alive.
struct CallBias {
    torch::Tensor shared, own;

    explicit CallBias(const AttentionBias& bias)
        : shared(bias.shared.defined() ? bias.shared.contiguous() : bias.shared),
          own(bias.per_sequence.defined() ? bias.per_sequence.contiguous() : bias.per_sequence) {}

    void put(AttentionRows& rows) const {
        if (shared.defined()) {
            rows.shared_bias = shared.data_ptr<float>();
            rows.bias_of_each_head = shared.size(0) > 1;
        }
        if (own.defined()) {
            rows.own_bias = own.data_ptr<float>();
            rows.own_bias_of_each_query = own.size(1) > 1;
            rows.own_bias_period = own.size(0);
        }
    }
};

class FusedStack : public TransformerStack::Implementation {
 public:
    FusedStack(const BlockShape& shape, std::vector<BlockWeights> blocks, Precision precision)
        : shape_(shape),
          element_(precision == Precision::bf16 ? Element::bf16 : Element::fp32),
          joined_(precision == Precision::bf16),
          projection_({.in = shape.width,
                       .out = joined_ ? 3 * shape.width : shape.width,
                       .source = element_,
                       .result = element_}),
          out_(added(shape.width)),
          mlp_in_({.in = shape.width,
                   .out = shape.mlp_width,
                   .source = element_,
                   .result = element_,
                   .after = after(shape.activation)}),
          mlp_out_(added(shape.mlp_width)) {
        blocks_.reserve(blocks.size());
        for (BlockWeights& block : blocks)
            blocks_.push_back(pack(std::move(block)));
    }

    torch::Tensor forward(const torch::Tensor& hidden, const AttentionBias& bias,
                          std::vector<torch::Tensor>* hidden_states) const override {
        const std::int64_t sequences = hidden.size(0);
        const std::int64_t length = hidden.size(1);
        const torch::Tensor stream = at::empty(hidden.sizes(), hidden.options());
        std::vector<torch::Tensor> states;
        if (hidden_states != nullptr) {
            for (std::size_t i = 0; i < blocks_.size(); ++i)
                states.push_back(at::empty(hidden.sizes(), hidden.options()));
        }
        const torch::Tensor given = hidden.contiguous();
        const CallBias call_bias(bias);
        std::memcpy(stream.data_ptr<float>(), given.data_ptr<float>(),
                    static_cast<std::size_t>(given.numel()) * sizeof(float));
        Team& threads = team();
        lanes_.resize(std::max(lanes_.size(), threads.threads()));
        const auto count = static_cast<std::int64_t>(threads.threads());
        const std::int64_t enough = std::min(sequences, sequences * length / kRowsAtLeast);
        // Too little for whole sequences each: OpenMP splits every step.
        const bool split = count == 1 || enough < count;
        const std::int64_t wanted =
            split ? sequences * length / (kRowsOfThread * count)
                  : std::max(sequences * length / kRowsOfThread, std::min(enough, kPartsOfThread * count));
        const std::vector<Part> parts = parts_of(stream, wanted);
        const auto run_block = [&](std::size_t index, std::size_t block, std::size_t thread) {
            const Part& part = parts[index];
            run(part, blocks_[block], call_bias, lanes_[thread]);
            if (!states.empty()) {
                const std::int64_t offset = part.stream - stream.data_ptr<float>();
                std::memcpy(states[block].data_ptr<float>() + offset, part.stream, bytes(part));
            }
        };
        if (split) {
            for (std::size_t part = 0; part < parts.size(); ++part) {
                for (std::size_t block = 0; block < blocks_.size(); ++block)
                    run_block(part, block, 0);
            }
        } else {
            threads.relay(parts.size(), blocks_.size(), run_block);
        }
        if (hidden_states != nullptr)
            hidden_states->insert(hidden_states->end(), states.begin(), states.end());
        return stream;
    }

 private:
    // Sequences that go through a block together.
    struct Part {
        std::int64_t sequences = 0;
        std::int64_t length = 0;
        std::int64_t first = 0;   // sequence
        float* stream = nullptr;  // [sequences, length, width]

        std::int64_t rows() const { return sequences * length; }
    };
    struct Norm {
        torch::Tensor weight, bias;
        float epsilon = 0;
    };
    struct Block {
        BlockWeights kept;  // fp32 only: what the products read
        std::vector<PackedWeights> projections;
        PackedWeights out, mlp_in, mlp_out;
        Norm attention_norm, mlp_norm;
    };
    // What one thread needs for itself.
    struct Lane {
        mutable AlignedBuffer workspace, scratch;
    };
    // Where a part's values between two products lie.
    struct Workspace {
        void* normed = nullptr;      // [rows, width]
        std::byte* query = nullptr;  // [rows, 3 * width] if joined, else three of [rows, width]
        std::byte* context = nullptr;
        void* inner = nullptr;  // [rows, mlp_width]: when it is filled, query and context are done with
    };

    // All of about the same size: few sizes to compile for, and none too small to be worth it.
    static std::vector<Part> parts_of(const torch::Tensor& stream, std::int64_t count) {
        const std::int64_t sequences = stream.size(0);
        const std::int64_t some = std::clamp<std::int64_t>(count, 1, sequences);
        const std::int64_t together = (sequences + some - 1) / some;
        std::vector<Part> parts;
        for (std::int64_t first = 0; first < sequences; first += together) {
            parts.push_back({.sequences = std::min(together, sequences - first),
                             .length = stream.size(1),
                             .first = first,
                             .stream = stream.data_ptr<float>() + first * stream.size(1) * stream.size(2)});
        }
        return parts;
    }

    ProductShape added(std::int64_t in) const {
        return {.in = in,
                .out = shape_.width,
                .source = element_,
                .result = Element::fp32,
                .after = After::add_to_result};
    }

    Block pack(BlockWeights given) const {
        for (LinearWeights* weights :
             {&given.query, &given.key, &given.value, &given.out, &given.mlp_in, &given.mlp_out})
            *weights = contiguous(*weights);
        const auto norm = [](const NormWeights& weights) {
            return Norm{weights.weight.contiguous(), weights.bias.contiguous(),
                        static_cast<float>(weights.epsilon)};
        };
        Block block;
        block.attention_norm = norm(given.attention_norm);
        block.mlp_norm = norm(given.mlp_norm);
        if (joined_) {
            block.projections.push_back(
                projection_.pack({matrix(given.query), matrix(given.key), matrix(given.value)}));
        } else {
            for (const LinearWeights* weights : {&given.query, &given.key, &given.value})
                block.projections.push_back(projection_.pack({matrix(*weights)}));
        }
        block.out = out_.pack({matrix(given.out)});
        block.mlp_in = mlp_in_.pack({matrix(given.mlp_in)});
        block.mlp_out = mlp_out_.pack({matrix(given.mlp_out)});
        if (element_ == Element::fp32) block.kept = std::move(given);
        return block;
    }

    std::size_t element_bytes() const { return element_ == Element::fp32 ? sizeof(float) : sizeof(Bf16); }
    std::size_t aligned_bytes(std::int64_t elements) const {
        constexpr std::size_t kCacheLine = 64;
        const std::size_t bytes = static_cast<std::size_t>(elements) * element_bytes();
        return (bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
    }
    std::size_t bytes(const Part& part) const {
        return static_cast<std::size_t>(part.rows() * shape_.width) * sizeof(float);
    }

    Workspace workspace(const Part& part, const Lane& lane) const {
        const std::size_t row_bytes = aligned_bytes(part.rows() * shape_.width);
        const std::size_t inner_bytes = aligned_bytes(part.rows() * shape_.mlp_width);
        std::byte* memory = lane.workspace.at_least(row_bytes + std::max(4 * row_bytes, inner_bytes));
        return {.normed = memory,
                .query = memory + row_bytes,
                .context = memory + 4 * row_bytes,
                .inner = memory + row_bytes};
    }

    void run(const Part& part, const Block& block, const CallBias& bias, const Lane& lane) const {
        const Workspace work = workspace(part, lane);
        const bool before = shape_.order == NormOrder::before;
        if (before)
            norm(part, block.attention_norm, work);
        else
            round_stream(part, work);
        attend(part, block, bias, work, lane);
        out_.run(part.rows(), work.context, block.out, part.stream, lane.scratch);
        norm(part, before ? block.mlp_norm : block.attention_norm, work);
        mlp_in_.run(part.rows(), source(part, work), block.mlp_in, work.inner, lane.scratch);
        mlp_out_.run(part.rows(), work.inner, block.mlp_out, part.stream, lane.scratch);
        if (!before) norm(part, block.mlp_norm, work);
    }

    // What the products read. After its norm the stream itself, where it is fp32 and normed in place.
    const void* source(const Part& part, const Workspace& work) const {
        return in_place() ? part.stream : work.normed;
    }
    bool in_place() const { return element_ == Element::fp32 && shape_.order == NormOrder::after; }

    void round_stream(const Part& part, const Workspace& work) const {
        if (element_ == Element::bf16)
            round_all_to_bf16(part.stream, part.rows() * shape_.width, static_cast<Bf16*>(work.normed));
    }

    void norm(const Part& part, const Norm& norm, const Workspace& work) const {
        NormRows rows{.from = part.stream,
                      .rows = part.rows(),
                      .width = shape_.width,
                      .weight = norm.weight.data_ptr<float>(),
                      .bias = norm.bias.data_ptr<float>(),
                      .epsilon = norm.epsilon};
        if (shape_.order == NormOrder::after) rows.to_fp32 = part.stream;
        if (element_ == Element::bf16)
            rows.to_bf16 = static_cast<Bf16*>(work.normed);
        else if (shape_.order == NormOrder::before)
            rows.to_fp32 = static_cast<float*>(work.normed);
        norm_all_rows(rows);
    }

    void attend(const Part& part, const Block& block, const CallBias& bias, const Workspace& work,
                const Lane& lane) const {
        // From the queries of a row to its keys and to its values.
        const std::size_t step = joined_ ? static_cast<std::size_t>(shape_.width) * element_bytes()
                                         : aligned_bytes(part.rows() * shape_.width);
        const auto projected = [&](std::size_t which) { return work.query + which * step; };
        for (std::size_t i = 0; i < block.projections.size(); ++i)
            projection_.run(part.rows(), source(part, work), block.projections[i], projected(i),
                            lane.scratch);
        AttentionRows rows{.query = projected(0),
                           .key = projected(1),
                           .value = projected(2),
                           .row_stride = joined_ ? 3 * shape_.width : shape_.width,
                           .element = element_,
                           .sequences = part.sequences,
                           .length = part.length,
                           .heads = shape_.heads,
                           .head_width = shape_.width / shape_.heads,
                           .first_sequence = part.first,
                           .out = work.context};
        bias.put(rows);
        attend_all_heads(rows, lane.scratch);
    }

    const BlockShape shape_;
    const Element element_;
    const bool joined_;  // queries, keys and values are one product
    const Product projection_, out_, mlp_in_, mlp_out_;
    std::vector<Block> blocks_;
    mutable std::vector<Lane> lanes_;
};

}  // namespace

std::unique_ptr<const TransformerStack::Implementation> make_fused_stack(const BlockShape& shape,
                                                                         std::vector<BlockWeights> blocks,
                                                                         Precision precision) {
    return std::make_unique<const FusedStack>(shape, std::move(blocks), precision);
}

}  // namespace bgm
