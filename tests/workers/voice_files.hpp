// Voice as phones record and chats send it, put together from coded frames: libav has no encoder for AMR.
// What is heard is a mumble; the frames are as valid as any.
#pragma once

#include <string>
#include <vector>

namespace bgm::test {

/// Frames of 20 ms, each with the byte in front of it that says its mode: 12.2 kbit/s, or 23.85 for wide
/// band.
std::vector<std::string> amr_frames(bool wide_band, double seconds = 4);

std::string amr_nb();         // .amr
std::string amr_wb();         // .awb
std::string amr_nb_in_3gp();  // what Android's recorders make

/// AAC in CAF, as iPhones and Macs record it; libav's muxer cannot. `adts`: an ADTS file at 44.1 kHz, stereo.
std::string aac_in_caf(const std::string& adts);

}  // namespace bgm::test
