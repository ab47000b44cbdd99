#include "workers/encoders/onednn/product.hpp"
#include "schemas/mutex.hpp"

#include <omp.h>

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

// The code of a number of rows, for as many threads as OpenMP had when it was made.
struct Code {
    std::int64_t rows = 0;
    int threads = 1;
    dnnl::matmul primitive;
    dnnl::memory::desc source, result, scratch;
};

const dnnl::engine& engine() {
    static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    return cpu;
}

dnnl::stream& stream() {
    thread_local dnnl::stream own(engine());
    return own;
}

}  // namespace

struct PackedWeights::Memory {
    dnnl::memory weight;
    dnnl::memory bias;  // zeros for a part without
};

struct Product::Compiled {
    ProductShape shape;
    dnnl::memory::desc packed;
    Mutex mutex;
    std::list<std::shared_ptr<const Code>> codes BGM_GUARDED_BY(mutex);  // the latest used first

    dnnl::matmul::primitive_desc describe(std::int64_t rows, const dnnl::memory::desc& weights) const {
        const dnnl::memory::desc source({rows, shape.in}, type_of(shape.source), Tag::ab);
        const dnnl::memory::desc result({rows, shape.out}, type_of(shape.result), Tag::ab);
        const dnnl::memory::desc bias({1, shape.out}, dnnl::memory::data_type::f32, Tag::ab);
        dnnl::primitive_attr attributes;
        attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
        attributes.set_post_ops(steps_after(shape.after));
        return {dnnl::matmul::desc(source, weights, bias, result), attributes, engine()};
    }

    std::shared_ptr<const Code> code_for(std::int64_t rows) {
        const int threads = omp_get_max_threads();
        const MutexLock lock(mutex);
        const auto known = std::find_if(codes.begin(), codes.end(), [&](const auto& code) {
            return code->rows == rows && code->threads == threads;
        });
        if (known != codes.end()) {
            codes.splice(codes.begin(), codes, known);
            return codes.front();
        }
        const auto description = describe(rows, packed);
        if (codes.size() == kRowCountsKept) codes.pop_back();
        codes.push_front(std::make_shared<const Code>(Code{.rows = rows,
                                                           .threads = threads,
                                                           .primitive = dnnl::matmul(description),
                                                           .source = description.src_desc(),
                                                           .result = description.dst_desc(),
                                                           .scratch = description.scratchpad_desc()}));
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
    packed.memory_->bias = dnnl::memory({{1, shape.out}, fp32, Tag::ab}, engine());
    std::copy(bias.begin(), bias.end(), static_cast<float*>(packed.memory_->bias.get_data_handle()));
    // oneDNN has no view of memory that it only reads.
    dnnl::memory given({{shape.in, shape.out}, fp32, Tag::ba}, engine(), const_cast<float*>(weight.data()));
    if (shape.source == Element::fp32 && parts.size() == 1) {
        packed.memory_->weight = given;
    } else {
        packed.memory_->weight = dnnl::memory(compiled_->packed, engine());
        dnnl::reorder(given, packed.memory_->weight).execute(stream(), given, packed.memory_->weight);
        stream().wait();
    }
    return packed;
}

void Product::run(std::int64_t rows, const void* source, const PackedWeights& weights, void* result,
                  AlignedBuffer& scratch) const {
    const auto code = compiled_->code_for(rows);
    const dnnl::memory from(code->source, engine(), const_cast<void*>(source));
    const dnnl::memory to(code->result, engine(), result);
    const dnnl::memory spare(code->scratch, engine(), scratch.at_least(code->scratch.get_size()));
    const std::array<dnnl_exec_arg_t, 5> arguments{{{DNNL_ARG_SRC, from.get()},
                                                    {DNNL_ARG_WEIGHTS, weights.memory_->weight.get()},
                                                    {DNNL_ARG_BIAS, weights.memory_->bias.get()},
                                                    {DNNL_ARG_DST, to.get()},
                                                    {DNNL_ARG_SCRATCHPAD, spare.get()}}};
    // Past the C++ interface, which copies the arguments into two containers for each run.
    dnnl::error::wrap_c_api(dnnl_primitive_execute(code->primitive.get(), stream().get(),
                                                   static_cast<int>(arguments.size()), arguments.data()),
                            "a product could not be run");
}

}  // namespace bgm
