// Where set-up put the npm packages. Tests that need them skip, saying so, where they are not installed.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "schemas/network_packages.hpp"

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

}  // namespace bgm

#define BGM_NEEDS_PACKAGES()            \
    if (!bgm::packages_are_installed()) \
    GTEST_SKIP() << "the npm packages are not installed: ops/install-networks"
