// The discrete Fourier transform of real signals whose length is a power of two.
//
// A plan is made once per length and then used any number of times by one thread (it holds the work space).
// Real and imaginary parts lie in arrays of their own, and so do the roots of unity of every stage: the inner
// loop then runs over neighbouring numbers, which is what a compiler turns into vector instructions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace bgm {

class RealFft {
 public:
    /// `size` must be a power of two, at least 4.
    explicit RealFft(std::size_t size);

    std::size_t size() const { return size_; }
    std::size_t bins() const { return size_ / 2 + 1; }

    /// size() samples in, bins() squared magnitudes out, not normalised.
    void power(std::span<const float> samples, std::span<float> power);

    /// The autocorrelation at lags 0 .. size()/2 - 1 of at most size()/2 samples, through the power spectrum.
    void autocorrelation(std::span<const float> samples, std::span<float> lags);

 private:
    void transform(std::span<const float> samples);

    std::size_t size_;
    std::vector<std::size_t> reversed_;  // bit-reversed order of the half-length transform
    std::vector<float> stage_cosines_,
        stage_sines_;                      // of the stages of length 4, 8, ..., one after the other
    std::vector<float> cosines_, sines_;   // exp(-2 pi i k / size), k <= size/4
    std::vector<float> real_, imaginary_;  // size/2 + 1: the spectrum after transform()
    std::vector<float> scratch_;
};

}  // namespace bgm
