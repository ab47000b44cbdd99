// How many posts a second one connection writes, and what that costs this process and the server.
//
// Not a test: run it by hand on a quiet machine. A post is one row in `picks` and five in `pick_tracks`,
// committed durably.
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "daemon/store/migrations.hpp"
#include "daemon/store/pick_table.hpp"
#include "daemon/store/track_table.hpp"
#include "tests/daemon/store/private_mariadb.hpp"
#include "tests/daemon/store/sample_rows.hpp"

namespace bgm {
namespace {

v1::Pick pick_with_five_tracks(const std::string& post_id) {
    v1::Pick pick = test::sample_pick("default", post_id);
    pick.clear_degraded();
    while (pick.tracks_size() < 5)
        *pick.add_tracks() = pick.tracks(0);
    for (v1::PickTrack& track : *pick.mutable_tracks()) {
        track.mutable_reason()->set_text(
            "Calm and dreamy like the post, and close to it in valence and arousal.");
    }
    return pick;
}

double server_cpu_seconds(pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string word;
    double ticks = 0;
    for (int field = 1; field <= 15 && stat >> word; ++field) {
        if (field >= 14) ticks += std::stod(word);
    }
    return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double client_cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + time.tv_usec * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void write_posts(benchmark::State& state) {
    const auto batch = static_cast<std::size_t>(state.range(0));
    auto database = test::PrivateMariaDb::start(
        {.server_options = {"--innodb-log-file-size=96M", "--innodb-buffer-pool-size=128M"}});
    if (!database || !migrate((*database)->options())) {
        state.SkipWithError("no MariaDB");
        return;
    }
    MySqlConnection connection((*database)->options());
    PickTable store(connection);
    std::vector<v1::Pick> picks;
    std::vector<const v1::Pick*> pointers;
    for (std::size_t at = 0; at < batch; ++at)
        picks.push_back(pick_with_five_tracks(""));
    for (const v1::Pick& pick : picks)
        pointers.push_back(&pick);

    std::uint64_t posts = 0;
    const double client_before = client_cpu_seconds();
    const double server_before = server_cpu_seconds((*database)->pid());
    for (auto _ : state) {
        for (v1::Pick& pick : picks)
            pick.set_post_id("post-" + std::to_string((posts++ * 7919) % 1'000'003));
        if (const auto written = store.write(pointers, {}); !written) {
            state.SkipWithError(written.error().to_string().c_str());
            return;
        }
    }
    const auto count = static_cast<double>(posts);
    state.counters["posts/s"] = benchmark::Counter(count, benchmark::Counter::kIsRate);
    state.counters["client_us/post"] = (client_cpu_seconds() - client_before) * 1e6 / count;
    state.counters["server_us/post"] = (server_cpu_seconds((*database)->pid()) - server_before) * 1e6 / count;
}
BENCHMARK(write_posts)
    ->Arg(1)
    ->Arg(32)
    ->Arg(100)
    ->Arg(300)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->MinTime(3);

void read_catalogue(benchmark::State& state) {
    auto database = test::PrivateMariaDb::start(
        {.server_options = {"--innodb-log-file-size=96M", "--innodb-buffer-pool-size=128M"}});
    if (!database || !migrate((*database)->options())) {
        state.SkipWithError("no MariaDB");
        return;
    }
    MySqlConnection connection((*database)->options());
    TrackTable store(connection);
    std::vector<Track> tracks;
    for (int at = 0; at < 100'000; ++at) {
        tracks.push_back(test::sample_tracks()[0]);
        tracks.back().track_id = "track-" + std::to_string(at);
    }
    const Status stored = store.upsert(tracks);
    if (!stored) state.SkipWithError(stored.error().to_string().c_str());
    const bool version_only = state.range(0) == 0;
    for (auto _ : state) {
        const bool read =
            version_only ? store.version().ok() : store.for_each({.active_only = true}, [](Track&&) {}).ok();
        if (!read) state.SkipWithError("cannot read");
    }
    state.SetLabel(version_only ? "version of 100,000 tracks" : "reading 100,000 tracks");
}
BENCHMARK(read_catalogue)->Arg(0)->Arg(1)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bgm

BENCHMARK_MAIN();
