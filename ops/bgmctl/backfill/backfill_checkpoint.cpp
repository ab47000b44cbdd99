#include "ops/bgmctl/backfill/backfill_checkpoint.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "schemas/descriptor.hpp"

namespace bgm {
namespace {

constexpr std::uint64_t kVersion = 1;

struct Counter {
    const char* name;
    std::uint64_t BackfillCheckpoint::*member;
};

constexpr std::array kCounters{
    Counter{"lines_done", &BackfillCheckpoint::lines_done},
    Counter{"offset", &BackfillCheckpoint::offset},
    Counter{"head_hash", &BackfillCheckpoint::head_hash},
    Counter{"accepted", &BackfillCheckpoint::accepted},
    Counter{"duplicate", &BackfillCheckpoint::duplicate},
    Counter{"rejected", &BackfillCheckpoint::rejected},
    Counter{"rejected_bytes", &BackfillCheckpoint::rejected_bytes},
};

}  // namespace

Status write_checkpoint(const std::string& path, const BackfillCheckpoint& checkpoint) {
    nlohmann::json document = {{"version", kVersion}, {"complete", checkpoint.complete}};
    for (const Counter& counter : kCounters) {
        document[counter.name] = checkpoint.*counter.member;
    }
    const std::string text = document.dump() + "\n";
    const std::string aside = path + ".new";
    const Descriptor file(::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file.ok() || !file.write(text) || !file.sync() || std::rename(aside.c_str(), path.c_str()) != 0) {
        return Error{ErrorCode::resource_exhausted,
                     std::string("the checkpoint cannot be written: ") + std::strerror(errno), path};
    }
    return ok_status();
}

Result<std::optional<BackfillCheckpoint>> read_checkpoint(const std::string& path) {
    std::error_code failure;
    if (!std::filesystem::exists(path, failure)) return std::optional<BackfillCheckpoint>();
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    const auto document = nlohmann::json::parse(text.str(), nullptr, false);
    const Error damaged{ErrorCode::corrupt, "is not a whole checkpoint", path};
    if (!document.is_object()) return damaged;
    if (document.value("version", nlohmann::json()) != kVersion) return damaged;
    BackfillCheckpoint checkpoint;
    for (const Counter& counter : kCounters) {
        const auto found = document.find(counter.name);
        if (found == document.end() || !found->is_number_unsigned()) return damaged;
        checkpoint.*counter.member = found->get<std::uint64_t>();
    }
    checkpoint.complete = document.value("complete", nlohmann::json()) == nlohmann::json(true);
    return std::optional<BackfillCheckpoint>(checkpoint);
}

}  // namespace bgm
