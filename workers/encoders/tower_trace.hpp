// What a tower computes on the way to its embedding, kept only when somebody asks: for parity with the
// reference.
#pragma once

#include <torch/types.h>

#include <vector>

namespace bgm {

struct TowerTrace {
    std::vector<torch::Tensor>
        hidden_states;                // what goes into the first block, then what each block puts out
    torch::Tensor last_hidden_state;  // what the pooling sees, of every position
    torch::Tensor pooled;             // [rows, width]
};

}  // namespace bgm
