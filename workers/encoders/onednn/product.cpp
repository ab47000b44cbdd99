#include "workers/encoders/onednn/product.hpp"

#include <algorithm>
#include <array>
#include <list>
#include <oneapi/dnnl/dnnl.hpp>
#include <stdexcept>

namespace bgm {
namespace {

using Tag = dnnl::memory::format_tag;

// For how many different numbers of rows the code is kept: five batch sizes of a few lengths each.
constexpr std::size_t kRowCountsKept = 32;
// The number of rows for which weights are packed: many, because for few oneDNN may choose a narrower order
// so as to share the work out among more threads. What is packed for many serves any number.
constexpr std::int64_t kTypicalRows = 65536;

dnnl::memory::data_type type_of(Element element) {
    return element == Element::fp32 ? dnnl::memory::data_type::f32 : dnnl::memory::data_type::bf16;
}

dnnl::post_ops steps_after(After after) {
    dnnl::post_ops steps;
    switch (after) {
        case After::nothing:
            break;
        case After::add_to_result:
            steps.append_sum(1.0F);
            break;
        case After::gelu:
            steps.append_eltwise(1.0F, dnnl::algorithm::eltwise_gelu_erf, 0.0F, 0.0F);
            break;
        case After::gelu_tanh:
            steps.append_eltwise(1.0F, dnnl::algorithm::eltwise_gelu_tanh, 0.0F, 0.0F);
            break;
        case After::quick_gelu:
            steps.append_eltwise(1.0F, dnnl::algorithm::eltwise_swish, 1.702F, 0.0F);
            break;
        case After::relu:
            steps.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
            break;
        case After::silu:
            steps.append_eltwise(1.0F, dnnl::algorithm::eltwise_swish, 1.0F, 0.0F);
            break;
    }
    return steps;
}

// Handles are set for each run: the objects themselves are made once.
struct Code {
    std::int64_t rows = 0;
    dnnl::matmul primitive;
    dnnl::memory source, result, scratch;
    std::size_t scratch_bytes = 0;
};

}  // namespace

struct PackedWeights::Memory {
    dnnl::memory weight;
    dnnl::memory bias;  // zeros for a part without
};

struct Product::Compiled {
    ProductShape shape;
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
    dnnl::memory::desc packed;
    std::list<Code> codes;  // the latest used first

    dnnl::matmul::primitive_desc describe(std::int64_t rows, const dnnl::memory::desc& weights) const {
        const dnnl::memory::desc source({rows, shape.in}, type_of(shape.source), Tag::ab);
        const dnnl::memory::desc result({rows, shape.out}, type_of(shape.result), Tag::ab);
        const dnnl::memory::desc bias({1, shape.out}, dnnl::memory::data_type::f32, Tag::ab);
        dnnl::primitive_attr attributes;
        attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
        attributes.set_post_ops(steps_after(shape.after));
        return {dnnl::matmul::desc(source, weights, bias, result), attributes, engine};
    }

    Code& code_for(std::int64_t rows) {
        const auto known =
            std::find_if(codes.begin(), codes.end(), [rows](const Code& code) { return code.rows == rows; });
        if (known != codes.end()) {
            codes.splice(codes.begin(), codes, known);
            return codes.front();
        }
        const auto description = describe(rows, packed);
        if (codes.size() == kRowCountsKept) codes.pop_back();
        codes.push_front({.rows = rows,
                          .primitive = dnnl::matmul(description),
                          .source = dnnl::memory(description.src_desc(), engine, DNNL_MEMORY_NONE),
                          .result = dnnl::memory(description.dst_desc(), engine, DNNL_MEMORY_NONE),
                          .scratch = dnnl::memory(description.scratchpad_desc(), engine, DNNL_MEMORY_NONE),
                          .scratch_bytes = description.scratchpad_desc().get_size()});
        return codes.front();
    }
};

PackedWeights::PackedWeights() = default;
PackedWeights::~PackedWeights() = default;
PackedWeights::PackedWeights(PackedWeights&&) noexcept = default;
PackedWeights& PackedWeights::operator=(PackedWeights&&) noexcept = default;

Product::Product(const ProductShape& shape) : compiled_(std::make_unique<Compiled>()) {
    compiled_->shape = shape;
    const auto type = type_of(shape.source);
    const dnnl::memory::dims extents{shape.in, shape.out};
    const dnnl::memory::desc in_place(extents, type, Tag::ba);
    compiled_->packed =
        shape.source == Element::fp32
            ? in_place
            : compiled_->describe(kTypicalRows, dnnl::memory::desc(extents, type, Tag::any)).weights_desc();
}
Product::~Product() = default;
Product::Product(Product&&) noexcept = default;
Product& Product::operator=(Product&&) noexcept = default;

PackedWeights Product::pack(const std::vector<WeightMatrix>& parts) const {
    const ProductShape& shape = compiled_->shape;
    const dnnl::engine& engine = compiled_->engine;
    const auto fp32 = dnnl::memory::data_type::f32;

    std::vector<float> bias;
    std::vector<float> joined;
    for (const WeightMatrix& part : parts) {
        bias.insert(bias.end(), part.bias.begin(), part.bias.end());
        bias.resize(bias.size() +
                    (part.bias.empty() ? part.weight.size() / static_cast<std::size_t>(shape.in) : 0));
        if (parts.size() > 1) joined.insert(joined.end(), part.weight.begin(), part.weight.end());
    }
    const std::span<const float> weight = parts.size() > 1 ? joined : parts.front().weight;
    if (weight.size() != static_cast<std::size_t>(shape.in * shape.out) ||
        bias.size() != static_cast<std::size_t>(shape.out))
        throw std::invalid_argument("weights are of another shape than their product");

    PackedWeights packed;
    packed.memory_ = std::make_unique<PackedWeights::Memory>();
    packed.memory_->bias = dnnl::memory({{1, shape.out}, fp32, Tag::ab}, engine);
    std::copy(bias.begin(), bias.end(), static_cast<float*>(packed.memory_->bias.get_data_handle()));
    // oneDNN has no view of memory that it only reads.
    dnnl::memory given({{shape.in, shape.out}, fp32, Tag::ba}, engine, const_cast<float*>(weight.data()));
    if (shape.source == Element::fp32 && parts.size() == 1) {
        packed.memory_->weight = given;
    } else {
        packed.memory_->weight = dnnl::memory(compiled_->packed, engine);
        dnnl::reorder(given, packed.memory_->weight)
            .execute(compiled_->stream, given, packed.memory_->weight);
        compiled_->stream.wait();
    }
    return packed;
}

void Product::run(std::int64_t rows, const void* source, const PackedWeights& weights, void* result,
                  AlignedBuffer& scratch) const {
    Code& code = compiled_->code_for(rows);
    code.source.set_data_handle(const_cast<void*>(source));
    code.result.set_data_handle(result);
    code.scratch.set_data_handle(scratch.at_least(code.scratch_bytes));
    const std::array<dnnl_exec_arg_t, 5> arguments{{{DNNL_ARG_SRC, code.source.get()},
                                                    {DNNL_ARG_WEIGHTS, weights.memory_->weight.get()},
                                                    {DNNL_ARG_BIAS, weights.memory_->bias.get()},
                                                    {DNNL_ARG_DST, code.result.get()},
                                                    {DNNL_ARG_SCRATCHPAD, code.scratch.get()}}};
    // Past the C++ interface, which copies the arguments into two containers for each run.
    dnnl::error::wrap_c_api(dnnl_primitive_execute(code.primitive.get(), compiled_->stream.get(),
                                                   static_cast<int>(arguments.size()), arguments.data()),
                            "a product could not be run");
}

}  // namespace bgm
