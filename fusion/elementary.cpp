#include "fusion/elementary.hpp"

#include <algorithm>
#include <cmath>

namespace bgm {
namespace {

constexpr double kLn2High = 0x1.62e42fefa0000p-1;  // ln 2 in two parts: k * high is exact for |k| < 2^12
constexpr double kLn2Low = 0x1.cf79abc9e3b3ap-40;
constexpr double kInverseLn2 = 1.4426950408889634;
constexpr double kSqrtHalf = 0.70710678118654752;

}  // namespace

double elementary_exp(double x) {
    x = std::clamp(x, -700.0, 700.0);
    const double k = std::floor(x * kInverseLn2 + 0.5);
    const double r = (x - k * kLn2High) - k * kLn2Low;  // |r| <= 0.35
    double sum = 1.0;
    for (int i = 14; i >= 1; --i)
        sum = 1.0 + sum * r / i;  // Taylor, Horner's scheme
    return std::ldexp(sum, static_cast<int>(k));
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
    const double square = f * f;
    double sum = 0.0;
    for (int i = 23; i >= 1; i -= 2)
        sum = sum * square + 1.0 / i;
    return exponent * kLn2High + (2.0 * f * sum + exponent * kLn2Low);
}

}  // namespace bgm
