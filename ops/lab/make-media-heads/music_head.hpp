// The mood head of the built-in encoder of sound, for music.
#pragma once

#include <string>

namespace bgm::heads {

/// The bytes of data/builtin/music_head.safetensors.
std::string make_music_head();

}  // namespace bgm::heads
