// The catalogue as a JSONL file, replaced as a whole by renaming: a daemon that reads it sees the old one or
// the new one, never half of one, and a crash leaves the old one.
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "fusion/catalogue/catalogue_reader.hpp"
#include "ops/bgmctl/catalogue/catalogue_store.hpp"
#include "ops/bgmctl/input/decoded_file.hpp"
#include "schemas/descriptor.hpp"

namespace bgm {
namespace {

Error failed(const std::string& path, const char* doing) {
    return Error{ErrorCode::unavailable, std::string(doing) + ": " + std::strerror(errno), path};
}

class FileStore : public CatalogueStore {
 public:
    explicit FileStore(std::string path) : path_(std::move(path)) {}

    std::string description() const override { return "the file " + path_; }

    Status for_each(const TrackSearch& filter, const std::function<void(Track&&)>& on_track) override {
        if (auto loaded = load(); !loaded) return loaded;
        for (const auto& [id, track] : tracks_) {
            if (filter.matches(track)) on_track(Track(track));
        }
        return ok_status();
    }

    Status put(std::span<const Track> tracks) override {
        if (auto loaded = load(); !loaded) return loaded;
        for (const Track& track : tracks) {
            tracks_.insert_or_assign(track.track_id, track);
            put_ids_.insert(track.track_id);
        }
        return ok_status();
    }

    Result<std::uint64_t> commit(bool replace) override {
        if (auto loaded = load(); !loaded) return loaded.error();
        std::uint64_t retired = 0;
        if (replace) {
            retired =
                std::erase_if(tracks_, [this](const auto& entry) { return !put_ids_.contains(entry.first); });
        }
        if (auto saved = save(); !saved) return saved.error();
        return retired;
    }

 private:
    // A file with a line that cannot be read is not written over: its owner should look at that line first.
    Status load() {
        if (loaded_) return ok_status();
        auto mapped = DecodedFile::open(path_);
        if (!mapped && mapped.error().code != ErrorCode::not_found) return mapped.error();
        if (mapped) {
            const auto report =
                read_tracks(mapped->text(), CatalogueFormat::jsonl, own_columns(), [this](Track&& track) {
                    std::string id = track.track_id;
                    tracks_.insert_or_assign(std::move(id), std::move(track));
                });
            if (!report) return Error{report.error().code, report.error().message, path_};
            if (report->error_count > 0) {
                const RowError& first = report->errors.front();
                return Error{ErrorCode::corrupt, "line " + std::to_string(first.line) + ": " + first.reason,
                             path_};
            }
        }
        loaded_ = true;
        return ok_status();
    }

    Status save() const {
        const std::string temporary = path_ + ".new";
        struct stat facts {};
        const mode_t mode = ::stat(path_.c_str(), &facts) == 0 ? facts.st_mode & 0777U : 0644U;
        {
            const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
            if (!file.ok()) return failed(temporary, "cannot be written");
            std::string buffer;
            for (const auto& [id, track] : tracks_) {
                buffer.append(to_json_line(track)).push_back('\n');
                if (buffer.size() < (1U << 20)) continue;
                if (!file.write(buffer)) return failed(temporary, "cannot be written");
                buffer.clear();
            }
            if (!file.write(buffer) || !file.sync()) return failed(temporary, "cannot be written");
        }
        if (::rename(temporary.c_str(), path_.c_str()) != 0) return failed(path_, "cannot be replaced");
        const std::size_t slash = path_.rfind('/');
        const std::string folder = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
        if (!sync_folder(folder.c_str())) return failed(folder, "cannot be synchronised");
        return ok_status();
    }

    const std::string path_;
    bool loaded_ = false;
    std::map<std::string, Track> tracks_;
    std::set<std::string> put_ids_;
};

}  // namespace

std::unique_ptr<CatalogueStore> catalogue_file_store(std::string path) {
    return std::make_unique<FileStore>(std::move(path));
}

}  // namespace bgm
