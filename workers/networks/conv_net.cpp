#include "workers/networks/conv_net.hpp"

#include <omp.h>

#include <algorithm>
#include <oneapi/dnnl/dnnl.hpp>
#include <stdexcept>
#include <unordered_map>

namespace bgm {
namespace {

using Tag = dnnl::memory::format_tag;
using Dims = dnnl::memory::dims;
constexpr auto kFloat = dnnl::memory::data_type::f32;
constexpr auto kForward = dnnl::prop_kind::forward_inference;

struct Padding {
    std::int64_t result = 0, before = 0, after = 0;
};

// TensorFlow's: as many results as steps fit, and of an odd padding the larger half behind.
Padding padding(std::int64_t extent, std::int64_t window, std::int64_t stride, bool same) {
    if (!same) return {.result = (extent - window) / stride + 1};
    const std::int64_t result = (extent + stride - 1) / stride;
    const std::int64_t missing = std::max<std::int64_t>((result - 1) * stride + window - extent, 0);
    return {.result = result, .before = missing / 2, .after = missing - missing / 2};
}

dnnl::primitive_attr attributes(const ConvNet::Convolution* layer = nullptr) {
    dnnl::primitive_attr attributes;
    // The library's own scratchpad belongs to the thread that made the primitive, which does not run it.
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (layer == nullptr) return attributes;
    dnnl::post_ops steps;
    if (layer->onto) steps.append_sum(1.0F);
    switch (layer->after) {
        case Rectifier::none:
            break;
        case Rectifier::relu:
            steps.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
            break;
        case Rectifier::relu6:
            steps.append_eltwise(1.0F, dnnl::algorithm::eltwise_clip, 0.0F, 6.0F);
            break;
        case Rectifier::leaky:
            steps.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, 0.1F, 0.0F);
            break;
    }
    attributes.set_post_ops(steps);
    return attributes;
}

}  // namespace

struct ConvNet::Built {
    struct Step {
        dnnl::primitive primitive;
        std::unordered_map<int, dnnl::memory> arguments;
    };
    // A block of memory that layers use one after the other.
    struct Block {
        dnnl::memory memory;  // plain bytes
        std::size_t bytes = 0;
        bool free = false;
    };

    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
    std::vector<dnnl::memory> values;
    std::vector<std::size_t> block_of;
    std::vector<Block> blocks;
    std::vector<dnnl::memory> kept;
    std::vector<Step> steps;
    std::size_t scratch_bytes = 0;
    dnnl::memory scratch;
    Value input{};

    static dnnl::memory::desc plain(const Value& value) {
        return {{1, value.channels, value.height, value.width}, kFloat, Tag::nhwc};
    }

    // The smallest block that is free and large enough, else a new one.
    Value add_value(Value value, const dnnl::memory::desc& layout) {
        const std::size_t bytes = layout.get_size();
        std::size_t best = blocks.size();
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            if (blocks[i].free && blocks[i].bytes >= bytes &&
                (best == blocks.size() || blocks[i].bytes < blocks[best].bytes))
                best = i;
        }
        if (best == blocks.size()) {
            const dnnl::memory::desc raw({static_cast<std::int64_t>(bytes)}, dnnl::memory::data_type::u8,
                                         Tag::a);
            blocks.push_back({.memory = dnnl::memory(raw, engine), .bytes = bytes});
        }
        blocks[best].free = false;
        value.id = static_cast<int>(values.size());
        values.emplace_back(layout, engine, blocks[best].memory.get_data_handle());
        block_of.push_back(best);
        return value;
    }

    // A copy, which shares the numbers: a reference would not survive the next value.
    dnnl::memory memory_of(const Value& value) const { return values.at(static_cast<std::size_t>(value.id)); }

    void add_step(const dnnl::primitive& primitive, std::unordered_map<int, dnnl::memory> arguments,
                  const dnnl::memory::desc& scratchpad) {
        scratch_bytes = std::max(scratch_bytes, scratchpad.get_size());
        steps.push_back({.primitive = primitive, .arguments = std::move(arguments)});
    }

    // A layer without weights; `result` has its extents.
    template <typename Primitive>
    Value append(const typename Primitive::primitive_desc& description, const Value& from, Value result) {
        result = add_value(result, description.dst_desc());
        add_step(Primitive(description), {{DNNL_ARG_SRC, memory_of(from)}, {DNNL_ARG_DST, memory_of(result)}},
                 description.scratchpad_desc());
        return result;
    }

    Value pool(dnnl::algorithm kind, const Value& from, const Value& result, const Dims& strides,
               const Dims& window, const Dims& before, const Dims& after) {
        return append<dnnl::pooling_v2_forward>(
            {{kForward,
              kind,
              memory_of(from).get_desc(),
              dnnl::memory::desc({1, result.channels, result.height, result.width}, kFloat, Tag::any),
              strides,
              window,
              {0, 0},
              before,
              after},
             attributes(),
             engine},
            from, result);
    }

    // The same numbers in the order that a layer wants; in place where they are in it already.
    Value in_order(const Value& value, const dnnl::memory::desc& wanted) {
        const dnnl::memory from = memory_of(value);
        if (from.get_desc() == wanted) return value;
        const Value ordered = add_value(value, wanted);
        add_reorder(from, memory_of(ordered));
        return ordered;
    }

    void add_reorder(const dnnl::memory& from, const dnnl::memory& to) {
        const dnnl::reorder::primitive_desc description(engine, from.get_desc(), engine, to.get_desc(),
                                                        attributes());
        add_step(dnnl::reorder(description), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}},
                 description.scratchpad_desc());
    }

    // Weights in the order that the layer wants, for good.
    dnnl::memory packed(const Tensor& weight, const Dims& extents, Tag order,
                        const dnnl::memory::desc& wanted) {
        dnnl::memory given({extents, kFloat, order}, engine, const_cast<float*>(weight.values.data()));
        dnnl::memory ready(wanted, engine);
        dnnl::reorder(given, ready).execute(stream, given, ready);
        stream.wait();
        return ready;
    }

    dnnl::memory bias_of(const Tensor* bias, std::int64_t channels) {
        dnnl::memory ready({{channels}, kFloat, Tag::a}, engine);
        auto* values_of = static_cast<float*>(ready.get_data_handle());
        std::fill_n(values_of, channels, 0.0F);
        if (bias != nullptr) std::copy(bias->values.begin(), bias->values.end(), values_of);
        return ready;
    }
};

ConvNet::ConvNet(std::int64_t height, std::int64_t width, std::int64_t channels)
    : built_(std::make_unique<Built>()) {
    omp_set_num_threads(1);
    const Value input{.height = height, .width = width, .channels = channels};
    built_->input = built_->add_value(input, Built::plain(input));
}
ConvNet::~ConvNet() = default;
ConvNet::ConvNet(ConvNet&&) noexcept = default;
ConvNet& ConvNet::operator=(ConvNet&&) noexcept = default;

ConvNet::Value ConvNet::input() const {
    return built_->input;
}

ConvNet::Value ConvNet::convolve(const Value& from, const Convolution& layer) {
    Built& net = *built_;
    const auto& shape = layer.weight.shape;
    const bool fits = shape.size() == 4 && shape[2] == from.channels && (!layer.depthwise || shape[3] == 1);
    const std::int64_t channels = layer.depthwise ? from.channels : fits ? shape[3] : 0;
    if (!fits || (layer.bias != nullptr && layer.bias->shape != std::vector{channels}))
        throw std::logic_error("weights do not fit their layer");
    const Padding rows = padding(from.height, shape[0], layer.stride, layer.same);
    const Padding columns = padding(from.width, shape[1], layer.stride, layer.same);
    Value result{.height = rows.result, .width = columns.result, .channels = channels};
    const Dims weights = layer.depthwise ? Dims{channels, 1, 1, shape[0], shape[1]}
                                         : Dims{channels, from.channels, shape[0], shape[1]};
    const dnnl::memory::desc any_source({1, from.channels, from.height, from.width}, kFloat, Tag::any);
    const dnnl::memory::desc any_result({1, channels, result.height, result.width}, kFloat, Tag::any);
    const dnnl::memory::desc bias({channels}, kFloat, Tag::a);
    const dnnl::convolution_forward::primitive_desc description(
        {kForward,
         dnnl::algorithm::convolution_direct,
         any_source,
         {weights, kFloat, Tag::any},
         bias,
         layer.onto ? net.memory_of(*layer.onto).get_desc() : any_result,
         {layer.stride, layer.stride},
         {rows.before, columns.before},
         {rows.after, columns.after}},
        attributes(&layer), net.engine);
    const Value source = net.in_order(from, description.src_desc());
    result = layer.onto ? *layer.onto : net.add_value(result, description.dst_desc());
    net.add_step(
        dnnl::convolution_forward(description),
        {{DNNL_ARG_SRC, net.memory_of(source)},
         {DNNL_ARG_WEIGHTS, net.packed(layer.weight, weights, layer.depthwise ? Tag::hwigo : Tag::hwio,
                                       description.weights_desc())},
         {DNNL_ARG_BIAS, net.bias_of(layer.bias, channels)},
         {DNNL_ARG_DST, net.memory_of(result)}},
        description.scratchpad_desc());
    if (source.id != from.id) release(source);
    return result;
}

ConvNet::Value ConvNet::max_pool(const Value& from, std::int64_t side, std::int64_t stride) {
    const Padding rows = padding(from.height, side, stride, true);
    const Padding columns = padding(from.width, side, stride, true);
    return built_->pool(dnnl::algorithm::pooling_max, from,
                        {.height = rows.result, .width = columns.result, .channels = from.channels},
                        {stride, stride}, {side, side}, {rows.before, columns.before},
                        {rows.after, columns.after});
}

ConvNet::Value ConvNet::relu(const Value& from) {
    return built_->append<dnnl::eltwise_forward>(
        {{kForward, dnnl::algorithm::eltwise_relu, built_->memory_of(from).get_desc(), 0.0F, 0.0F},
         attributes(),
         built_->engine},
        from, from);
}

ConvNet::Value ConvNet::mean(const Value& from) {
    return built_->pool(dnnl::algorithm::pooling_avg_exclude_padding, from,
                        {.height = 1, .width = 1, .channels = from.channels}, {1, 1},
                        {from.height, from.width}, {0, 0}, {0, 0});
}

void ConvNet::release(const Value& value) {
    built_->blocks[built_->block_of.at(static_cast<std::size_t>(value.id))].free = true;
}

std::size_t ConvNet::keep(const Value& value) {
    Built& net = *built_;
    net.kept.emplace_back(Built::plain(value), net.engine);
    net.add_reorder(net.memory_of(value), net.kept.back());
    return net.kept.size() - 1;
}

void ConvNet::finish() {
    Built& net = *built_;
    const auto bytes = static_cast<std::int64_t>(std::max<std::size_t>(net.scratch_bytes, 1));
    net.scratch = dnnl::memory({{bytes}, dnnl::memory::data_type::u8, Tag::a}, net.engine);
    for (Built::Step& step : net.steps)
        step.arguments[DNNL_ARG_SCRATCHPAD] = net.scratch;
    std::ranges::fill(pixels(), 0.0F);
    run();
}

std::span<float> ConvNet::pixels() {
    const Value& input = built_->input;
    return {static_cast<float*>(built_->memory_of(input).get_data_handle()),
            static_cast<std::size_t>(input.height * input.width * input.channels)};
}

void ConvNet::run() {
    omp_set_num_threads(1);  // counts for this thread only
    for (const Built::Step& step : built_->steps)
        step.primitive.execute(built_->stream, step.arguments);
    built_->stream.wait();
}

std::span<const float> ConvNet::result(std::size_t index) const {
    const dnnl::memory& memory = built_->kept.at(index);
    return {static_cast<const float*>(memory.get_data_handle()),
            memory.get_desc().get_size() / sizeof(float)};
}

}  // namespace bgm
