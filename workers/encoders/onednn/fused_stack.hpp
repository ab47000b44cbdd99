// A transformer stack on oneDNN: the products with their bias, activation and residual sum in one step each,
// the steps between them in kernels of our own, no memory taken once it has run its largest batch.
//
// The residual stream is fp32 in either precision; in bf16, what the products read is rounded.
#pragma once

#include <memory>

#include "workers/encoders/arithmetic.hpp"
#include "workers/encoders/transformer.hpp"

namespace bgm {

/// fp32 weights are used in place, and kept; bf16 ones are packed. `precision` must be one that the processor
/// has. Throws as oneDNN does.
std::unique_ptr<const TransformerStack::Implementation> make_fused_stack(const BlockShape& shape,
                                                                         std::vector<BlockWeights> blocks,
                                                                         Precision precision);

}  // namespace bgm
