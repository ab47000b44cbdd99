// A small convolutional network by oneDNN: built once, layer by layer, for one picture of a fixed size, then
// run as often as wanted.
//
// Everything that oneDNN compiles is compiled while the network is built, and finish() runs it once, so that
// nothing is left for later: in a confined worker written memory never becomes code. A layer's result lives
// until release(); its memory then serves later layers. One thread at a time, and no other thread is used.
// Throws dnnl::error or std::bad_alloc (both std::exception) where memory does not suffice, and
// std::logic_error where a layer does not fit its input.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "workers/networks/tensor_map.hpp"

namespace bgm {

enum class Rectifier { none, relu, relu6, leaky };  // leaky: a tenth of what is negative

class ConvNet {
 public:
    /// A layer's result, or the input.
    struct Value {
        int id = 0;
        std::int64_t height = 0, width = 0, channels = 0;
    };
    struct Convolution {
        const Tensor& weight;  // [height, width, in, out]; depthwise: [height, width, channels, 1]
        const Tensor* bias = nullptr;
        std::int64_t stride = 1;
        bool same = true;  // TensorFlow's padding SAME, else VALID
        bool depthwise = false;
        Rectifier after = Rectifier::none;
        /// The result is added to this one, which it replaces: what had it before must be done with it.
        std::optional<Value> onto = std::nullopt;
    };

    ConvNet(std::int64_t height, std::int64_t width, std::int64_t channels);
    ~ConvNet();
    ConvNet(ConvNet&&) noexcept;
    ConvNet& operator=(ConvNet&&) noexcept;

    Value input() const;
    Value convolve(const Value& from, const Convolution& layer);
    /// The highest of each square of `side`, TensorFlow's padding SAME.
    Value max_pool(const Value& from, std::int64_t side, std::int64_t stride);
    Value relu(const Value& from);
    /// The mean of every channel: 1 x 1 x channels.
    Value mean(const Value& from);
    /// `value` is not needed by any further layer.
    void release(const Value& value);
    /// Keeps a result to be read after run(); gives its index.
    std::size_t keep(const Value& value);
    /// No layer follows.
    void finish();

    /// [height, width, channels], to be filled before run().
    std::span<float> pixels();
    void run();
    /// A result that was kept, as [height, width, channels]; until the next run().
    std::span<const float> result(std::size_t index) const;

 private:
    struct Built;
    std::unique_ptr<Built> built_;
};

}  // namespace bgm
