#include "fusion/mood/elementary.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace bgm {
namespace {

constexpr double kLn2High = 0x1.62e42fefa0000p-1;  // ln 2 in two parts: k * high is exact for |k| < 2^12
constexpr double kLn2Low = 0x1.cf79abc9e3b3ap-40;
constexpr double kInverseLn2 = 1.4426950408889634;
constexpr double kSqrtHalf = 0.70710678118654752;

/// 1 / i! for i from 0: the Taylor series of e^r.
constexpr auto kExpTerms = [] {
    std::array<double, 15> terms{};
    double factorial = 1.0;
    for (std::size_t i = 0; i < terms.size(); ++i) {
        factorial *= i == 0 ? 1.0 : static_cast<double>(i);
        terms[i] = 1.0 / factorial;
    }
    return terms;
}();

/// 1 / (2 i + 1) for i from 0: the series of artanh(f) / f in powers of f^2.
constexpr auto kArtanhTerms = [] {
    std::array<double, 12> terms{};
    for (std::size_t i = 0; i < terms.size(); ++i)
        terms[i] = 1.0 / static_cast<double>(2 * i + 1);
    return terms;
}();

/// Horner's scheme, highest power first.
template <std::size_t N>
double polynomial(const std::array<double, N>& terms, double x) {
    double sum = terms[N - 1];
    for (std::size_t i = N - 1; i > 0; --i)
        sum = sum * x + terms[i - 1];
    return sum;
}

}  // namespace

double elementary_exp(double x) {
    x = std::clamp(x, -700.0, 700.0);
    const double k = std::floor(x * kInverseLn2 + 0.5);
    const double r = (x - k * kLn2High) - k * kLn2Low;  // |r| <= 0.35
    return std::ldexp(polynomial(kExpTerms, r), static_cast<int>(k));
}

double elementary_log(double x) {
    int exponent = 0;
    double mantissa = std::frexp(x, &exponent);
    if (mantissa < kSqrtHalf) {
        mantissa *= 2.0;
        --exponent;
    }
    // log m = 2 artanh((m - 1) / (m + 1)), |f| <= 0.172
    const double f = (mantissa - 1.0) / (mantissa + 1.0);
    return exponent * kLn2High + (2.0 * f * polynomial(kArtanhTerms, f * f) + exponent * kLn2Low);
}

}  // namespace bgm
