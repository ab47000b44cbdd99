#include "ops/bgmctl/catalogue/track_crew.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <span>
#include <utility>

#include "daemon/base/clock.hpp"
#include "daemon/base/event_loop.hpp"
#include "daemon/base/log.hpp"
#include "daemon/base/messaging.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/config.hpp"
#include "daemon/fleet/model_files.hpp"
#include "daemon/fleet/serving_models.hpp"
#include "daemon/fleet/supervisor.hpp"
#include "daemon/fleet/worker_plan.hpp"
#include "daemon/fleet/worker_pool.hpp"
#include "daemon/journal/media_store.hpp"
#include "schemas/mutex.hpp"
#include "schemas/sha256.hpp"
#include "schemas/track_model.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTasksPerWorker = 2;  // one is read while the other is analysed
constexpr std::chrono::milliseconds kLookPeriod{100};
constexpr std::chrono::minutes kTaskPatience{10};
// Above what the analyser allows itself; and with it a public model's ear on a slow core.
constexpr std::int64_t kTaskCpu_s = 150, kTaskCpuOfClip_s = 450;

/// A folder that only this user can enter, gone with the object.
class PrivateFolder {
 public:
    static Result<PrivateFolder> make() {
        std::error_code error;
        const fs::path folder = fs::temp_directory_path(error);
        if (!error) remove_those_of_the_dead(folder);
        std::string pattern =
            (folder / (std::string(kPrefix) + std::to_string(getpid()) + "-XXXXXX")).string();
        if (error || mkdtemp(pattern.data()) == nullptr)
            return Error{.code = ErrorCode::unavailable,
                         .message = "no temporary folder can be made",
                         .field = pattern};
        return PrivateFolder(pattern);
    }
    PrivateFolder(PrivateFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    PrivateFolder& operator=(PrivateFolder&&) = delete;
    ~PrivateFolder() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    const std::string& path() const { return path_; }

 private:
    static constexpr std::string_view kPrefix = "bgmctl-crew-";

    // A bgmctl that was killed could not remove its own. Another user's cannot be removed, and stays.
    static void remove_those_of_the_dead(const fs::path& folder) {
        std::error_code error;
        for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
            const std::string name = each->path().filename().string();
            if (!name.starts_with(kPrefix)) continue;
            pid_t process = 0;
            const char* const digits = name.data() + kPrefix.size();
            const auto read = std::from_chars(digits, name.data() + name.size(), process);
            if (read.ec != std::errc() || *read.ptr != '-' || process <= 0) continue;
            if (::kill(process, 0) == 0 || errno != ESRCH) continue;
            std::error_code ignored;
            fs::remove_all(each->path(), ignored);
        }
    }

    explicit PrivateFolder(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

Config crew_config(const TrackCrew::Options& options, const std::string& folder) {
    Config config;
    config.data_dir = folder;
    config.runtime_dir = folder;
    config.posts.audio_bytes_max = static_cast<std::int64_t>(TrackCrew::kFileBytesMax);
    config.dispatch.audio_deadline_ms = std::chrono::milliseconds(kTaskPatience).count();
    config.workers.text = config.workers.image = config.workers.video = 0;
    config.workers.audio = static_cast<std::int64_t>(options.workers == 0 ? usable_cores() : options.workers);
    config.models = options.models;
    config.models.device = "cpu";  // a device would be shared by all, and needs what is given up
    if (config.models.preset == "clip") config.models.heads_dir = "none";  // its worker brings them
    config.workers.task_cpu_s = options.models.preset == "clip" ? kTaskCpuOfClip_s : kTaskCpu_s;
    config.workers.analyse_tracks = true;
    // Somebody may have killed the workers: a file is not blamed before so many died with it alone.
    config.dispatch.poison_after = 4;
    // A database that is slow to take a row holds the loop up: that is not the workers' silence.
    config.workers.silent_ms = 2 * 60'000;
    config.media.root = options.media_root;
    fill_model_paths(config);
    return config;
}

// What the reading thread finds out; a task that is tried again is read again.
struct FileNews {
    Mutex mutex;
    std::uint64_t bytes BGM_GUARDED_BY(mutex) = 0;
    std::string sha256 BGM_GUARDED_BY(mutex);
    bool unchanged BGM_GUARDED_BY(mutex) = false;
};

bool same(const TrackFile& file, std::uint64_t bytes, const std::string& sha256) {
    return !file.known_sha256.empty() && file.known_bytes == bytes && file.known_sha256 == sha256;
}

Result<HeardMood> mood_of(const HeadSet& heads, const std::string& model, std::span<const float> embedding,
                          float quality) {
    const LinearHead* const head = heads.find(model);
    if (quality <= 0) return HeardMood{};  // silence has no mood
    if (head == nullptr)
        return Error{.code = ErrorCode::internal, .message = "no head reads the model " + model};
    auto read = head->read(embedding, quality);
    if (!read) return read.error();
    return HeardMood{.moods = read->mood, .affect = read->affect};
}

template <typename Numbers>
std::span<const float> span_of(const Numbers& numbers) {
    return {numbers.data(), static_cast<std::size_t>(numbers.size())};
}

Result<TrackAnalysis> analysis_of(const TaskOutputs& answer) {
    if (answer.outputs.empty() || !answer.outputs.front().has_track() || !answer.heads)
        return Error{.code = ErrorCode::internal, .message = "the worker answered with no analysis"};
    const v1::Output& output = answer.outputs.front();
    // Where the track lies: in the space of what was measured, or of a public model, which answers last.
    const v1::Output& place = answer.outputs.back();
    const auto fact = [&](const char* key) {
        const auto found = output.facts().find(key);
        return found == output.facts().end() ? 0.0F : found->second;
    };
    TrackAnalysis analysis;
    analysis.model = kTrackModel;
    analysis.analysed_ms = now_ms();
    analysis.seconds = fact("seconds");
    analysis.loudness_lufs = fact("loudness_lufs");
    analysis.range_lu = fact("range_lu");
    analysis.tempo_bpm = fact("tempo_bpm");
    analysis.tempo_confidence = fact("tempo_confidence");
    analysis.key_tonic = static_cast<std::uint32_t>(std::clamp(fact("tonic"), 0.0F, 11.0F));
    analysis.key_minor = fact("minor") > 0.5F;
    analysis.key_confidence = fact("key_confidence");
    analysis.energy = fact("energy");
    analysis.speech = fact("speech");
    analysis.moment_ms =
        static_cast<std::uint32_t>(std::lround(std::clamp(fact("moment_s"), 0.0F, 1e6F) * 1000));
    auto whole = mood_of(*answer.heads, output.model(), span_of(output.embedding()), output.quality());
    if (!whole) return whole.error();
    analysis.mood = *whole;
    for (const v1::TrackWindow& window : output.track().windows()) {
        auto mood = mood_of(*answer.heads, window.model(), span_of(window.embedding()), window.quality());
        if (!mood) return mood.error();
        analysis.windows.push_back({.start_s = window.start_s(), .quality = window.quality(), .mood = *mood});
    }
    analysis.beats_s.assign(output.track().beats_s().begin(), output.track().beats_s().end());
    analysis.embedding_model = place.model();
    analysis.embedding.assign(place.embedding().begin(), place.embedding().end());
    analysis.fingerprint.assign(output.track().fingerprint().begin(), output.track().fingerprint().end());
    return analysis;
}

}  // namespace

// In the order of construction: what stands below may use what stands above, and goes first.
struct TrackCrew::Parts {
    Parts(const Options& options, PrivateFolder&& private_folder)
        : folder(std::move(private_folder)), config(crew_config(options, folder.path())) {}
    ~Parts() { media.reset(); }  // its threads post to the loop

    Status open();
    void submit();
    void answered(const TrackFile& file, const std::shared_ptr<FileNews>& news, TaskAnswer answer);
    std::string last_words() const;
    void end(Status with) {
        result = std::move(with);
        loop.stop();
    }

    const PrivateFolder folder;
    const Config config;
    Metrics metrics;
    EventLoop loop;
    Messaging messaging;
    std::unique_ptr<MediaStore> media;
    std::unique_ptr<WorkerPool> pool;
    std::unique_ptr<ServingModels> models;
    std::unique_ptr<Supervisor> supervisor;

    // Of one run.
    Next next;
    OnDone on_done;
    GoOn go_on;
    std::size_t under_way = 0;
    bool exhausted = false;
    Status result = ok_status();
};

Status TrackCrew::Parts::open() {
    auto opened = MediaStore::open(folder.path() + "/media", config.media.root);
    if (!opened) return opened.error();
    media = std::move(*opened);
    auto made = WorkerPool::open(config, loop, messaging, *media, metrics);
    if (!made) return made.error();
    pool = std::move(*made);
    auto loaded = ServingModels::open(config, loop, *pool, metrics);
    if (!loaded) return loaded.error();
    models = std::move(*loaded);
    supervisor = supervise(config, loop, *pool, *models, metrics);
    supervisor->start();
    loop.every(kLookPeriod, [this] {
        if (go_on && !go_on()) end(ok_status());
    });
    return ok_status();
}

void TrackCrew::Parts::submit() {
    const auto most = kTasksPerWorker * static_cast<std::size_t>(config.workers.audio);
    while (!exhausted && under_way < most) {
        auto file = next();
        exhausted = !file.has_value();
        if (exhausted) break;
        ++under_way;
        auto news = std::make_shared<FileNews>();
        TaskRequest request{.modality = Modality::audio, .text = {}, .lang = {}, .load_media = {}};
        request.load_media = [&store = *media, news, file = *file]() -> Result<Frame> {
            auto bytes = store.read_file(file.path, kFileBytesMax);
            if (!bytes) return bytes.error();
            std::string digest = sha256_hex(bytes->view());
            const MutexLock lock(news->mutex);
            news->bytes = bytes->size();
            news->sha256 = std::move(digest);
            news->unchanged = same(file, news->bytes, news->sha256);
            if (news->unchanged)
                return Error{.code = ErrorCode::unsupported, .message = "has been analysed already"};
            return bytes;
        };
        pool->submit(std::move(request), [this, news, file = *file](TaskAnswer answer) {
            answered(file, news, std::move(answer));
        });
    }
    if (exhausted && under_way == 0) end(ok_status());
}

void TrackCrew::Parts::answered(const TrackFile& file, const std::shared_ptr<FileNews>& news,
                                TaskAnswer answer) {
    --under_way;
    Result<HeardFile> heard = HeardFile{};
    {
        const MutexLock lock(news->mutex);
        heard->unchanged = news->unchanged;
        if (!news->unchanged) {
            auto analysis = answer ? analysis_of(*answer) : Result<TrackAnalysis>(answer.error());
            if (analysis) {
                heard->analysis = *std::move(analysis);
                heard->analysis.track_id = file.track_id;
                heard->analysis.file_bytes = news->bytes;
                heard->analysis.file_sha256 = news->sha256;
            } else {
                heard = analysis.error();
            }
        }
    }
    if (!heard && heard.error().code == ErrorCode::unavailable && pool->ready(Modality::audio) == 0)
        return end(Error{.code = ErrorCode::unavailable, .message = "no worker comes up" + last_words()});
    if (Status done = on_done(file, std::move(heard)); !done) return end(std::move(done));
    submit();
}

std::string TrackCrew::Parts::last_words() const {
    for (const Supervisor::Child& child : supervisor->children()) {
        if (!child.last_lines.empty()) return ": " + child.last_lines.back();
    }
    return "";
}

Result<std::unique_ptr<TrackCrew>> TrackCrew::open(const Options& options) {
    auto folder = PrivateFolder::make();
    if (!folder) return folder.error();
    // A file that kills its worker is told as that file's failure: the fleet's own lines would tell it twice.
    start_log("off", "text");
    auto parts = std::make_unique<Parts>(options, *std::move(folder));
    if (Status opened = parts->open(); !opened) return opened.error();
    return std::unique_ptr<TrackCrew>(new TrackCrew(std::move(parts)));
}

TrackCrew::TrackCrew(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

TrackCrew::~TrackCrew() = default;

std::size_t TrackCrew::workers() const {
    return static_cast<std::size_t>(parts_->config.workers.audio);
}

Status TrackCrew::run(const Next& next, const OnDone& on_done, const GoOn& go_on) {
    Parts& parts = *parts_;
    parts.next = next;
    parts.on_done = on_done;
    parts.go_on = go_on;
    parts.result = ok_status();
    parts.exhausted = false;
    parts.loop.post([&parts] { parts.submit(); });
    parts.loop.run();
    return parts.result;
}

}  // namespace bgm
