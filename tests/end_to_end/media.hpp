// Media for the end-to-end tests: good ones, and the bad ones that strangers send.
#pragma once

#include <cstdint>
#include <string>

namespace bgm::test {

std::string jpeg_photo();
std::string ogg_music();
std::string mp4_video_with_sound();
/// Two scenes in turns, as people post them: without sound, and not as a video.
std::string moving_gif();
std::string moving_webp();
/// A video whose container is well-formed and holds no picture at all.
std::string mp4_without_frames();

/// A PNG that claims these dimensions; its checksums are right and its pixel data is a few bytes.
std::string png_claiming(std::uint32_t width, std::uint32_t height);
/// An empty zip archive with a comment.
std::string zip_archive();

/// The first part of a file, as a broken upload leaves it.
std::string truncated(const std::string& file, double share);

}  // namespace bgm::test
