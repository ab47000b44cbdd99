// Decoded sound: one channel, floating point.
#pragma once

#include <string>
#include <vector>

namespace bgm {

struct Waveform {
    std::vector<float> samples;  // full scale is -1 .. 1; decoders may overshoot a little
    int sample_rate_hz = 0;
    double start_s = 0;              // where in the clip the window begins
    double clip_duration_s = 0;      // as claimed by the container; 0 where it does not say
    std::vector<std::string> notes;  // what was lost on the way, for the encoding's notes
};

}  // namespace bgm
