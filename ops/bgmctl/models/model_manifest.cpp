#include "ops/bgmctl/models/model_manifest.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "ops/bgmctl/models/model_manifest_text.hpp"
#include "schemas/model_lock.hpp"

namespace bgm {
namespace {

Error wrong(const std::string& where, const std::string& message) {
    return Error{ErrorCode::invalid_argument, message, where};
}

/// Moves the table's strings into what the names stand for; the first key that is not expected, or not a
/// string, is the error.
Status take_strings(const toml::table& table, const std::string& where,
                    const std::vector<std::pair<std::string_view, std::string*>>& wanted,
                    std::initializer_list<std::string_view> others) {
    for (const auto& [key, node] : table) {
        const std::string_view name = key.str();
        const auto found = std::find_if(wanted.begin(), wanted.end(),
                                        [&](const auto& entry) { return entry.first == name; });
        if (found != wanted.end()) {
            if (!node.is_string()) return wrong(where, std::string(name) + " must be a string");
            *found->second = node.as_string()->get();
        } else if (std::find(others.begin(), others.end(), name) == others.end()) {
            return wrong(where, "there is no key '" + std::string(name) + "' here");
        }
    }
    return ok_status();
}

/// A commit, a branch or a ref; it becomes part of an address.
bool plain_revision(const std::string& revision) {
    return stays_below(revision) && revision.find_first_of(" ?#%") == std::string::npos;
}

Result<ManifestFile> read_file(const toml::node& node, const ManifestModel& model, const std::string& where) {
    const auto* table = node.as_table();
    if (table == nullptr) return wrong(where, "must be a table");
    ManifestFile file;
    file.revision = model.revision;
    auto taken = take_strings(*table, where,
                              {{"path", &file.path}, {"revision", &file.revision}, {"sha256", &file.sha256}},
                              {"bytes"});
    if (!taken) return taken.error();
    const std::string here = where + " " + file.path;
    if (!stays_below(file.path) || file.path == kModelLockName || file.path.ends_with(kPartialSuffix)) {
        return wrong(here, "path must name a file below the model's folder");
    }
    if (!plain_revision(file.revision)) return wrong(here, "revision must be a commit or a ref");
    if (const auto* bytes = table->get("bytes")) {
        const auto value = bytes->value_exact<std::int64_t>();
        if (!value || *value < 0 || *value > kModelFileBytesMax) return wrong(here, "bytes must be a size");
        file.bytes = static_cast<std::uint64_t>(*value);
    }
    if (file.pinned() != table->contains("bytes")) return wrong(here, "bytes and sha256 belong together");
    if (file.pinned() && !is_sha256(file.sha256)) {
        return wrong(here, "sha256 must be 64 lower-case hexadecimal digits");
    }
    return file;
}

Result<ManifestModel> read_model(const toml::node& node, const std::string& source) {
    const auto* table = node.as_table();
    if (table == nullptr) return wrong(source, "model must be a table");
    ManifestModel model;
    auto taken = take_strings(*table, source,
                              {{"name", &model.name},
                               {"repository", &model.repository},
                               {"revision", &model.revision},
                               {"licence", &model.licence},
                               {"purpose", &model.purpose}},
                              {"file"});
    if (!taken) return taken.error();
    const std::string here = source + ": model '" + model.name + "'";
    if (!stays_below(model.name) || model.name.find('/') != std::string::npos || model.name.front() == '.') {
        return wrong(here, "name must be that of a folder");
    }
    if (!stays_below(model.repository)) return wrong(here, "repository must be OWNER/NAME");
    if (!plain_revision(model.revision)) return wrong(here, "revision must be a commit or a ref");
    if (model.licence.empty()) return wrong(here, "licence is missing");
    const auto* files = (*table)["file"].as_array();
    if (files == nullptr || files->empty()) return wrong(here, "has no files");
    for (const toml::node& entry : *files) {
        auto file = read_file(entry, model, here);
        if (!file) return file.error();
        const bool known = std::any_of(model.files.begin(), model.files.end(),
                                       [&](const ManifestFile& other) { return other.path == file->path; });
        if (known) return wrong(here, file->path + " is there twice");
        model.files.push_back(std::move(*file));
    }
    return model;
}

}  // namespace

Result<ModelManifest> parse_model_manifest(std::string_view text, const std::string& source) {
    try {
        const toml::table document = toml::parse(text, source);
        if (auto taken = take_strings(document, source, {}, {"model"}); !taken) return taken.error();
        const auto* models = document["model"].as_array();
        if (models == nullptr) return wrong(source, "has no [[model]]");
        ModelManifest manifest;
        for (const toml::node& node : *models) {
            auto model = read_model(node, source);
            if (!model) return model.error();
            const bool known = std::any_of(manifest.begin(), manifest.end(), [&](const ManifestModel& other) {
                return other.name == model->name;
            });
            if (known) return wrong(source, "model '" + model->name + "' is there twice");
            manifest.push_back(std::move(*model));
        }
        return manifest;
    } catch (const toml::parse_error& error) {
        return wrong(source, "line " + std::to_string(error.source().begin.line) + ": " +
                                 std::string(error.description()));
    }
}

Result<ModelManifest> read_model_manifest(const std::optional<std::string>& path) {
    if (!path) return parse_model_manifest(kBuiltinModelManifest, "the built-in list of models");
    std::ifstream file(*path);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) return Error{ErrorCode::not_found, "cannot be read", *path};
    return parse_model_manifest(text.str(), *path);
}

}  // namespace bgm
