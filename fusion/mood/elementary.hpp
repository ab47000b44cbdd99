// exp and log with the same bits on every machine.
//
// A C library picks its exp and log by processor (with or without fused multiply-add), and the last bit of
// the answer follows. Picks must not: these two use only + - * / and exact scaling, and are compiled without
// contraction. Relative error below 4e-16, no state, safe from any thread.
#pragma once

namespace bgm {

/// e^x; x is cut to -700..700, so the result is always finite and positive. x must not be NaN.
double elementary_exp(double x);

/// Natural logarithm of a finite x > 0.
double elementary_log(double x);

}  // namespace bgm
