// The mood head of the built-in audio encoder.
#pragma once

#include <string>

namespace bgm::heads {

/// The bytes of data/builtin/audio_head.safetensors.
std::string make_audio_head();

}  // namespace bgm::heads
