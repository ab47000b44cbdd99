// The mood head of the built-in encoder of sound, for voices.
#pragma once

#include <string>

namespace bgm::heads {

/// The bytes of data/builtin/voice_head.safetensors.
std::string make_voice_head();

}  // namespace bgm::heads
