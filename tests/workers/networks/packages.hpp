// Where set-up put the npm packages. Tests that need them skip, saying so, where they are not installed.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <utility>

#include "schemas/network_packages.hpp"
#include "workers/media/picture/image_decoder.hpp"

namespace bgm {

inline std::filesystem::path installed_packages() {
    return std::filesystem::path(BGM_SOURCE_DIR) / "data/packages/node_modules";
}

inline bool packages_are_installed() {
    for (const NetworkPackage& package : network_packages()) {
        if (standing(package, installed_packages()) != "installed") return false;
    }
    return true;
}

/// A photo of people that a package shows its users: 1 to 6.
inline std::string sample_file(int number) {
    std::ifstream stream(
        installed_packages() / "@vladmandic/face-api/demo" / ("sample" + std::to_string(number) + ".jpg"),
        std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// Decoded as the image encoder decodes it.
inline RgbImage sample_picture(int number) {
    const std::string file = sample_file(number);
    auto decoded = ImageDecoder().decode(std::as_bytes(std::span(file)), {.pixels_min = 173'056});
    return std::move(decoded->image);
}

}  // namespace bgm

#define BGM_NEEDS_PACKAGES()            \
    if (!bgm::packages_are_installed()) \
    GTEST_SKIP() << "the npm packages are not installed: ops/install-networks"
