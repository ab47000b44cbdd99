// One line of bgm-parity's report: how far one array, or one file of token ids, is from its reference.
//
// A plain value. `ok` is what decides the exit status; the numbers are there for a person to read.
#pragma once

#include <string>

namespace bgm {

struct ParityLine {
    std::string name;       // "clip_tiny_a/image_embeds", "tok_clip_bpe/cases"
    double difference = 0;  // arrays: max |a - b| / max |b|; token ids: the share of lines that differ
    double limit = 0;       // the largest difference that still passes
    bool ok = false;
    std::string detail;  // what differs first, or why nothing could be compared; empty where all is well
};

}  // namespace bgm
