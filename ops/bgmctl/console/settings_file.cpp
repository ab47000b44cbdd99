// The daemon's configuration file, as scalars. (bgmctl's other use of toml++ is model_manifest.cpp.)
#include <toml++/toml.h>

#include <fstream>
#include <sstream>

#include "ops/bgmctl/console/settings.hpp"

namespace bgm {
namespace {

void collect(const toml::table& table, const std::string& prefix,
             std::map<std::string, std::string>& scalars) {
    for (const auto& [key, node] : table) {
        const std::string path = prefix + std::string(key.str());
        if (const auto* inner = node.as_table()) {
            collect(*inner, path + ".", scalars);
        } else if (const auto* text = node.as_string()) {
            scalars[path] = text->get();
        } else if (const auto* number = node.as_integer()) {
            scalars[path] = std::to_string(number->get());
        }
    }
}

}  // namespace

Result<std::map<std::string, std::string>> read_settings_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) return Error{ErrorCode::not_found, "cannot read " + path, "--config"};
    std::ostringstream text;
    text << file.rdbuf();
    try {
        std::map<std::string, std::string> scalars;
        collect(toml::parse(text.str(), path), "", scalars);
        return scalars;
    } catch (const toml::parse_error& error) {
        return Error{ErrorCode::invalid_argument,
                     path + " line " + std::to_string(error.source().begin.line) + ": " +
                         std::string(error.description()),
                     "--config"};
    }
}

}  // namespace bgm
