// How a tower is opened: with what precision, where, and on how many threads. Free of libtorch.
#pragma once

#include <string>

namespace bgm {

enum class PrecisionChoice {
    automatic,  // bf16 where the processor multiplies bf16 matrices itself, else fp32
    fp32,
    bf16,
};

struct TowerOptions {
    PrecisionChoice precision = PrecisionChoice::automatic;
    std::string device = "cpu";  // or "cuda:0"
    int threads = 0;             // of this process, for all towers alike; 0: as many as processors
};

/// With what a tower came to compute, and why not with what was asked for.
struct TowerArithmetic {
    std::string precision;    // "fp32", "bf16"
    double probe_cosine = 1;  // bf16: the smallest cosine with fp32 on the built-in probe
    std::string note;         // bf16 was asked for and not taken: the reason
};

}  // namespace bgm
