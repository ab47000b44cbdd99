// The name of what the analysis of a whole track measures, and how: what its worker says and what its rows
// are kept under.
#pragma once

#include <string_view>

namespace bgm {

/// A result of another name is out of date.
inline constexpr std::string_view kTrackModel = "builtin-track-2";

/// How the names of the built-in models of embeddings begin; another preset's are "FOLDER@VERSION".
inline constexpr std::string_view kBuiltinModels = "builtin-";

/// A model of sounds that hears music alone, by its name; others hear voices, or both.
constexpr bool hears_music_alone(std::string_view model) {
    return model.find("music") != model.npos && model.find("voice") == model.npos;
}

}  // namespace bgm
