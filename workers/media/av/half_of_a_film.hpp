// A film of which one half, pictures or sound, could not be used: which loss is worth telling, and of whom.
// Both presets say the same.
#pragma once

#include <string>
#include <string_view>

#include "workers/process/encoder.hpp"

namespace bgm {

/// What the decoders say (`unsupported`) of a file that never had such a part: nothing is lost then.
inline constexpr std::string_view kNoSound = "the file has no sound";
inline constexpr std::string_view kNoPictures = "the file has no pictures";

inline bool never_there(const Error& error) {
    return error.code == ErrorCode::unsupported &&
           (error.message == kNoSound || error.message == kNoPictures);
}

inline void say_sound_only(Encoding& sound, const Error& pictures) {
    sound.notes.push_back("sound only: " + pictures.message);
    if (!never_there(pictures)) sound.missing.push_back({Modality::video, pictures});
}

inline void say_pictures_only(Encoding& pictures, const Error& sound) {
    pictures.notes.push_back("no sound used: " + sound.message);
    if (!never_there(sound)) pictures.missing.push_back({Modality::audio, sound});
}

/// Where neither could be used: "no pictures" would hide what became of the sound.
inline const Error& error_of_both(const Error& pictures, const Error& sound) {
    return never_there(pictures) && !never_there(sound) ? sound : pictures;
}

}  // namespace bgm
