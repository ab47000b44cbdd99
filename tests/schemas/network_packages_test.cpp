// The list of network files says what the lock installs, and a folder is judged by the sizes in it.
#include "schemas/network_packages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace {

using namespace bgm;
namespace fs = std::filesystem;

class NetworkPackages : public testing::Test {
 protected:
    NetworkPackages()
        : folder_(fs::temp_directory_path() / ("bgm-packages-" + std::to_string(getpid()))),
          package_(network_packages().front()) {}
    ~NetworkPackages() override { fs::remove_all(folder_); }

    void write(const NetworkFile& file, std::uint64_t bytes) const {
        fs::create_directories((folder_ / file.path).parent_path());
        std::ofstream(folder_ / file.path) << std::string(bytes, 'x');
    }

    const fs::path folder_;
    const NetworkPackage& package_;
};

TEST_F(NetworkPackages, AreThoseOfTheLockWhichNamesNoServer) {
    const auto lock = nlohmann::json::parse(std::ifstream(BGM_SOURCE_DIR "/data/packages/package-lock.json"));
    for (const NetworkPackage& package : network_packages()) {
        const auto& entry = lock.at("packages").at("node_modules/" + std::string(package.name));
        EXPECT_EQ(entry.at("version"), package.version);
        EXPECT_EQ(entry.at("license"), package.licence);
        EXPECT_TRUE(entry.contains("integrity"));
        for (const NetworkFile& file : package.files)
            EXPECT_TRUE(file.path.starts_with(std::string(package.name) + "/")) << file.path;
    }
    for (const auto& [name, entry] : lock.at("packages").items())
        EXPECT_FALSE(entry.contains("resolved")) << name;
}

TEST_F(NetworkPackages, AreInstalledOnlyAsAWhole) {
    EXPECT_EQ(standing(package_, folder_), "absent");
    write(package_.files.front(), package_.files.front().bytes);
    EXPECT_EQ(standing(package_, folder_), "damaged") << "one file of several";
    for (const NetworkFile& file : package_.files)
        write(file, file.bytes);
    EXPECT_EQ(standing(package_, folder_), "installed");
    write(package_.files.back(), package_.files.back().bytes - 1);
    EXPECT_EQ(standing(package_, folder_), "damaged") << "half a file";
    const NetworkFile& half = package_.files.back();
    EXPECT_THAT(wrong_files(package_, folder_),
                testing::ElementsAre(std::string(half.path) + " has " + std::to_string(half.bytes - 1) +
                                     " bytes, not " + std::to_string(half.bytes)));
}

TEST_F(NetworkPackages, AreFoundWhereSetUpPutThem) {
    const fs::path installed = fs::path(BGM_SOURCE_DIR) / "data/packages/node_modules";
    if (!fs::exists(installed)) GTEST_SKIP() << "the packages are not installed: ops/install-networks";
    for (const NetworkPackage& package : network_packages())
        EXPECT_EQ(standing(package, installed), "installed") << package.name;
}

}  // namespace
