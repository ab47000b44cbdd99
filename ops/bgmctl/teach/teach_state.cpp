#include "ops/bgmctl/teach/teach_state.hpp"

#include <sys/file.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "fusion/stable_hash.hpp"
#include "schemas/descriptor.hpp"
#include "schemas/hex.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

using nlohmann::json;

constexpr std::uint64_t kVersion = 1;

}  // namespace

Result<Descriptor> lock_teach_state(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
    Descriptor lock(::open((path + ".lock").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!lock.ok()) {
        return Error{ErrorCode::resource_exhausted,
                     std::string("what is done so far cannot be kept: ") + std::strerror(errno), path};
    }
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        return Error{ErrorCode::unavailable,
                     "another bgmctl teach is at work on this head: wait for it, or name another --state",
                     path};
    }
    return lock;
}

Status write_teach_state(const std::string& path, const TeachState& state) {
    json document{{"version", kVersion},
                  {"model", state.model},
                  {"last_seed", state.last_seed},
                  {"digest", state.digest},
                  {"done", json::array()}};
    for (const std::string& head : state.done)
        document["done"].push_back(hex(head));
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
    const std::string aside = path + ".new";
    const Descriptor file(::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.ok() || !file.write(json_line(document)) || !file.sync() ||
        std::rename(aside.c_str(), path.c_str()) != 0) {
        return Error{ErrorCode::resource_exhausted,
                     std::string("what is done so far cannot be kept: ") + std::strerror(errno), path};
    }
    return ok_status();
}

Result<std::optional<TeachState>> read_teach_state(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return std::optional<TeachState>();
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    const json document = json::parse(text.str(), nullptr, false);
    const Error damaged{ErrorCode::corrupt,
                        "is not the whole state of a lesson; without --resume it begins anew", path};
    if (!document.is_object() || document.value("version", json()) != kVersion) return damaged;
    const json last = document.value("last_seed", json());
    const json digest = document.value("digest", json());
    const json done = document.value("done", json());
    if (!last.is_number_unsigned() || !digest.is_number_unsigned() || !done.is_array()) return damaged;
    TeachState state{.model = text_at(document, "model"),
                     .last_seed = last.get<std::uint64_t>(),
                     .digest = digest.get<std::uint64_t>(),
                     .done = {}};
    for (const json& head : done) {
        auto bytes = head.is_string() ? from_hex(head.get<std::string>()) : std::nullopt;
        if (!bytes) return damaged;
        state.done.push_back(*std::move(bytes));
    }
    return std::optional<TeachState>(std::move(state));
}

std::string teach_state_path(const std::string& folder, const std::string& model) {
    const std::uint64_t key = stable_hash(model);
    return folder + "/" + hex({reinterpret_cast<const char*>(&key), sizeof key}) + ".teach";
}

}  // namespace bgm
