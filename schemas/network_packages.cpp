#include "schemas/network_packages.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>

namespace bgm {
namespace {

namespace fs = std::filesystem;

constexpr std::array<NetworkFile, 4> kFaces{{
    {"@vladmandic/face-api/model/tiny_face_detector_model-weights_manifest.json", 3'219,
     "5d1af4849ac48d5b985f4a9b16010c512353ddd6fcc63d50fd0bc9e9e64296e5"},
    {"@vladmandic/face-api/model/tiny_face_detector_model.bin", 193'321,
     "b7503ce7df31039b1c43316a9b865cab6a70dd748cc602d3fa28b551503c3871"},
    {"@vladmandic/face-api/model/face_expression_model-weights_manifest.json", 6'980,
     "5b349c17c7836da506e03422cd6461c74085d8bb2713ad4114647dc5d28174c8"},
    {"@vladmandic/face-api/model/face_expression_model.bin", 329'468,
     "9a9840f2cf1f4c7eab95f197512569345c00d2426754d4608b92af30e0300f3d"},
}};

constexpr std::array<NetworkFile, 3> kScenes{{
    {"nsfwjs/dist/models/mobilenet_v2_mid/model.min.js", 128'625,
     "a7a9e701491e2449b221dab7c424957f853e700602b5575da33cfd745616f964"},
    {"nsfwjs/dist/models/mobilenet_v2_mid/group1-shard1of2.min.js", 5'593'186,
     "f2e79a209e44d668220ec5f1533a98f2be954e3953685bf074d201b82fefc29a"},
    {"nsfwjs/dist/models/mobilenet_v2_mid/group1-shard2of2.min.js", 142'742,
     "f291df992a0131741372506a6072fb9f1645bff7c973c983fd6276f5f9625d5e"},
}};

constexpr std::array<NetworkFile, 1> kVoices{{
    {"@ricky0123/vad-web/dist/silero_vad_v6.onnx", 2'327'524,
     "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"},
}};

constexpr std::array<NetworkPackage, 3> kPackages{{
    {"@vladmandic/face-api", "1.7.15", "MIT", "faces in photos and videos, and their expressions", kFaces},
    {"nsfwjs", "4.4.0", "MIT", "what kind of picture a photo is, and whether it is safe for work", kScenes},
    {"@ricky0123/vad-web", "0.0.31", "ISC", "speech in sound, or none", kVoices},
}};

}  // namespace

std::span<const NetworkPackage> network_packages() {
    return kPackages;
}

const NetworkFile& network_file(std::string_view path) {
    for (const NetworkPackage& package : kPackages) {
        for (const NetworkFile& file : package.files) {
            if (file.path == path) return file;
        }
    }
    throw std::logic_error("no package has the file " + std::string(path));
}

std::vector<std::string> wrong_files(const NetworkPackage& package, const fs::path& folder) {
    std::vector<std::string> wrong;
    for (const NetworkFile& file : package.files) {
        std::error_code error;
        const std::uintmax_t bytes = fs::file_size(folder / file.path, error);
        if (error) {
            wrong.push_back(std::string(file.path) + " is not there");
        } else if (bytes != file.bytes) {
            wrong.push_back(std::string(file.path) + " has " + std::to_string(bytes) + " bytes, not " +
                            std::to_string(file.bytes));
        }
    }
    return wrong;
}

std::string_view standing(const NetworkPackage& package, const fs::path& folder) {
    if (wrong_files(package, folder).empty()) return "installed";
    const bool any = std::ranges::any_of(package.files, [&](const NetworkFile& file) {
        std::error_code error;
        return fs::is_regular_file(folder / file.path, error);
    });
    return any ? "damaged" : "absent";
}

fs::path shipped_data() {
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
    const fs::path installed = program.parent_path() / "share" / "bgmd";
    return fs::exists(installed, error) ? installed : program.parent_path().parent_path() / "data";
}

fs::path shipped_packages() {
    return shipped_data() / "packages" / "node_modules";
}

}  // namespace bgm
