#include "workers/networks/network_weights.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "workers/networks/network_file.hpp"
#include "workers/networks/script_literal.hpp"
#include "workers/networks/tfjs_weights.hpp"

namespace bgm {
namespace {

constexpr std::string_view kFolder = "nsfwjs/dist/models/mobilenet_v2_mid/";

std::string_view as_text(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<TensorMap> read_face_weights(const std::filesystem::path& packages, std::string_view stem) {
    const auto manifest = read_network_file(packages, std::string(stem) + "-weights_manifest.json");
    if (!manifest) return manifest.error();
    const auto data = read_network_file(packages, std::string(stem) + ".bin");
    if (!data) return data.error();
    return read_tfjs_weights(as_text(*manifest), *data);
}

Result<TensorMap> read_kind_weights(const std::filesystem::path& packages) {
    const auto file = [&](const char* name) {
        return read_network_file(packages, std::string(kFolder) + name);
    };
    const auto model = file("model.min.js");
    if (!model) return model.error();
    const auto literal = read_script_json(as_text(*model));
    if (!literal) return literal.error();
    const auto description = nlohmann::json::parse(*literal, nullptr, false);
    const auto manifest = description.is_object() ? description.find("weightsManifest") : description.end();
    if (!description.is_object() || manifest == description.end())
        return Error{.code = ErrorCode::corrupt, .message = "weights: the model has no weightsManifest"};
    std::vector<std::byte> data;
    for (const char* name : {"group1-shard1of2.min.js", "group1-shard2of2.min.js"}) {
        const auto script = file(name);
        if (!script) return script.error();
        const auto shard = read_script_bytes(as_text(*script));
        if (!shard) return shard.error();
        data.insert(data.end(), shard->begin(), shard->end());
    }
    return read_tfjs_weights(manifest->dump(), data);
}

}  // namespace bgm
