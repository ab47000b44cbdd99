#include "workers/audio/speech_network.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "workers/audio/for_each_cpu.hpp"

namespace bgm {
namespace {

constexpr std::size_t kContext = 32;  // samples of the chunk before
constexpr std::size_t kWindow = 128, kHop = 64, kBins = kWindow / 2 + 1;
constexpr std::size_t kPadded = kContext + SpeechNetwork::kChunk + kHop / 2;  // mirrored at its end
constexpr std::size_t kFrames = (kPadded - kWindow) / kHop + 1;
constexpr std::size_t kState = 128, kGates = 4 * kState;
static_assert(kFrames == 4);
static_assert(kGates >= kPadded && kGates >= 128 * kFrames);

// So many chunks are computed side by side up to the LSTM, the same number of each in one vector.
constexpr std::size_t kLanes = 16;
using Lanes [[gnu::vector_size(kLanes * sizeof(float)), gnu::aligned(alignof(float)), gnu::may_alias]] =
    float;

struct ConvolutionShape {
    std::string_view name;
    std::size_t inputs, outputs, width, stride;
};
// The first part of the LSTM is one more, of width 1: it looks at a chunk only.
constexpr std::array<ConvolutionShape, 5> kConvolutions{{
    {"encoder.0.reparam_conv", kBins, 128, 3, 1},
    {"encoder.1.reparam_conv", 128, 64, 3, 2},
    {"encoder.2.reparam_conv", 64, 64, 3, 2},
    {"encoder.3.reparam_conv", 64, kState, 3, 1},
    {"decoder.rnn", kState, kGates, 1, 1},
}};

const std::vector<float>* find(const OnnxGraph& graph, std::string_view name,
                               std::initializer_list<std::size_t> shape) {
    const auto found = find_tensor(graph, name, {shape.begin(), shape.end()});
    return found ? &(*found)->values : nullptr;
}

// [bins, frames]: the squares of both rows make a magnitude. Two frames at a time keep four sums going.
BGM_FOR_EACH_CPU
void spectrum(const float* basis, const Lanes* __restrict samples, Lanes* __restrict magnitudes) {
    for (std::size_t bin = 0; bin < kBins; ++bin) {
        const float* real_row = basis + bin * kWindow;
        const float* imaginary_row = basis + (kBins + bin) * kWindow;
        for (std::size_t frame = 0; frame < kFrames; frame += 2) {
            Lanes real{}, imaginary{}, next_real{}, next_imaginary{};
            const Lanes* sample = samples + frame * kHop;
            for (std::size_t i = 0; i < kWindow; ++i) {
                real += real_row[i] * sample[i];
                imaginary += imaginary_row[i] * sample[i];
                next_real += real_row[i] * sample[kHop + i];
                next_imaginary += imaginary_row[i] * sample[kHop + i];
            }
            Lanes* to = magnitudes + bin * kFrames + frame;
            to[0] = real * real + imaginary * imaginary;
            to[1] = next_real * next_real + next_imaginary * next_imaginary;
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                to[0][lane] = std::sqrt(to[0][lane]);
                to[1][lane] = std::sqrt(to[1][lane]);
            }
        }
    }
}

// [inputs, steps] to [outputs, ceil(steps / stride)], zeros around the steps; four outputs at a time, which
// is as many as every layer has a multiple of.
constexpr std::size_t kTogether = 4;
BGM_FOR_EACH_CPU
void convolve(const float* weights, const float* bias, std::size_t inputs, std::size_t outputs,
              std::size_t width, std::size_t stride, std::size_t steps, bool rectify,
              const Lanes* __restrict from, Lanes* __restrict to) {
    const std::size_t results = (steps + stride - 1) / stride;
    const std::size_t row = inputs * width, half = width / 2;
    for (std::size_t output = 0; output < outputs; output += kTogether) {
        for (std::size_t result = 0; result < results; ++result) {
            Lanes a = bias[output] + Lanes{}, b = bias[output + 1] + Lanes{}, c = bias[output + 2] + Lanes{},
                  d = bias[output + 3] + Lanes{};
            const std::size_t first = result * stride;  // in steps, `half` further than the window's first
            for (std::size_t k = 0; k < width; ++k) {
                if (first + k < half || first + k - half >= steps) continue;
                const Lanes* sample = from + (first + k - half);
                const float* weight = weights + output * row + k;
                for (std::size_t input = 0; input < inputs; ++input) {
                    a += weight[0] * *sample;
                    b += weight[row] * *sample;
                    c += weight[2 * row] * *sample;
                    d += weight[3 * row] * *sample;
                    weight += width;
                    sample += steps;
                }
            }
            if (rectify) {
                for (std::size_t lane = 0; lane < kLanes; ++lane) {
                    a[lane] = a[lane] > 0 ? a[lane] : 0;
                    b[lane] = b[lane] > 0 ? b[lane] : 0;
                    c[lane] = c[lane] > 0 ? c[lane] : 0;
                    d[lane] = d[lane] > 0 ? d[lane] : 0;
                }
            }
            to[(output + 0) * results + result] = a;
            to[(output + 1) * results + result] = b;
            to[(output + 2) * results + result] = c;
            to[(output + 3) * results + result] = d;
        }
    }
}

// (A type that `auto` deduces would lose the alignment of Lanes.)
// gates += state * weights, 64 gates at a time so that the sums stay in registers.
BGM_FOR_EACH_CPU
void recur(const float* weights, const float* state, float* gates) {
    for (std::size_t first = 0; first < kGates; first += 4 * kLanes) {
        Lanes* target = reinterpret_cast<Lanes*>(gates + first);
        Lanes a = target[0], b = target[1], c = target[2], d = target[3];
        for (std::size_t i = 0; i < kState; ++i) {
            const Lanes* weight = reinterpret_cast<const Lanes*>(weights + i * kGates + first);
            a += state[i] * weight[0];
            b += state[i] * weight[1];
            c += state[i] * weight[2];
            d += state[i] * weight[3];
        }
        target[0] = a, target[1] = b, target[2] = c, target[3] = d;
    }
}

Lanes* lanes(std::vector<float>& rows) {
    return reinterpret_cast<Lanes*>(rows.data());
}

float logistic(float x) {
    return 1 / (1 + std::exp(-x));
}

float tangent(float x) {  // hyperbolic; the library's takes three times as long
    return 2 * logistic(2 * x) - 1;
}

// Up to kLanes chunks from `first` on, each after the end of the one before it; zeros where there is nothing.
void lay_out(std::span<const float> samples, std::size_t first, std::vector<float>& rows) {
    constexpr std::size_t kLast = kContext + SpeechNetwork::kChunk - 1;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        for (std::size_t i = 0; i < kPadded; ++i) {
            const std::size_t mirrored = i <= kLast ? i : 2 * kLast - i;
            const std::size_t at = (first + lane) * SpeechNetwork::kChunk + mirrored;  // kContext too far
            rows[i * kLanes + lane] =
                at >= kContext && at - kContext < samples.size() ? samples[at - kContext] : 0;
        }
    }
}

}  // namespace

Result<SpeechNetwork> SpeechNetwork::make(const std::vector<OnnxGraph>& graphs) {
    for (const OnnxGraph& graph : graphs) {
        const auto* basis = find(graph, "stft.forward_basis_buffer", {2 * kBins, 1, kWindow});
        if (basis == nullptr) continue;
        SpeechNetwork network;
        network.basis_ = *basis;
        for (const ConvolutionShape& shape : kConvolutions) {
            const bool gates = shape.width == 1;
            const std::string name(shape.name);
            const auto* weights =
                gates ? find(graph, name + ".weight_ih", {shape.outputs, shape.inputs})
                      : find(graph, name + ".weight", {shape.outputs, shape.inputs, shape.width});
            const auto* bias = find(graph, name + (gates ? ".bias_ih" : ".bias"), {shape.outputs});
            if (weights == nullptr || bias == nullptr) continue;
            network.convolutions_.push_back(
                {shape.inputs, shape.outputs, shape.width, shape.stride, *weights, *bias});
        }
        const auto* recurrent = find(graph, "decoder.rnn.weight_hh", {kGates, kState});
        const auto* recurrent_bias = find(graph, "decoder.rnn.bias_hh", {kGates});
        const auto* output = find(graph, "decoder.decoder.2.weight", {1, kState, 1});
        const auto* output_bias = find(graph, "decoder.decoder.2.bias", {1});
        if (network.convolutions_.size() != kConvolutions.size() || recurrent == nullptr ||
            recurrent_bias == nullptr || output == nullptr || output_bias == nullptr)
            continue;
        network.recurrent_.resize(kState * kGates);
        for (std::size_t gate = 0; gate < kGates; ++gate) {
            network.convolutions_.back().bias[gate] += (*recurrent_bias)[gate];
            for (std::size_t i = 0; i < kState; ++i)
                network.recurrent_[i * kGates + gate] = (*recurrent)[gate * kState + i];
        }
        network.output_ = *output;
        network.output_bias_ = output_bias->front();
        return network;
    }
    return Error{.code = ErrorCode::unsupported,
                 .message = "not Silero's voice activity detector: its tensors for 8 kHz are not all there"};
}

std::vector<float> SpeechNetwork::probabilities(std::span<const float> samples) const {
    std::vector<float> result(samples.size() / kChunk);
    // Both hold the largest that a layer takes or gives.
    std::vector<float> from(kGates * kLanes), to(kGates * kLanes);
    std::vector<float> gates(kGates), cell(kState), state(kState);
    for (std::size_t first = 0; first < result.size(); first += kLanes) {
        lay_out(samples, first, from);
        spectrum(basis_.data(), lanes(from), lanes(to));
        std::size_t steps = kFrames;
        for (const Layer& layer : convolutions_) {
            std::swap(from, to);
            convolve(layer.weights.data(), layer.bias.data(), layer.inputs, layer.outputs, layer.width,
                     layer.stride, steps, layer.width > 1, lanes(from), lanes(to));
            steps = (steps + layer.stride - 1) / layer.stride;
        }
        for (std::size_t lane = 0; lane < std::min(kLanes, result.size() - first); ++lane) {
            for (std::size_t gate = 0; gate < kGates; ++gate)
                gates[gate] = to[gate * kLanes + lane];
            recur(recurrent_.data(), state.data(), gates.data());
            float sum = output_bias_;
            for (std::size_t i = 0; i < kState; ++i) {
                cell[i] = logistic(gates[kState + i]) * cell[i] +
                          logistic(gates[i]) * tangent(gates[2 * kState + i]);
                state[i] = logistic(gates[3 * kState + i]) * tangent(cell[i]);
                sum += output_[i] * std::max(state[i], 0.0F);
            }
            result[first + lane] = logistic(sum);
        }
    }
    return result;
}

}  // namespace bgm
