// bgmd: posts in, moods and music picks out.
//
// The rooms, in the order in which a post meets them:
//
// - sources/: transports. zmq_source.hpp receives posts and sends the acks.
// - pipeline/: admission.hpp judges a post and has it made durable; dispatcher.hpp has the posts in analysis;
//   mood_decision.hpp turns embeddings into a mood, recommender.hpp a mood into tracks; delivery.hpp writes
//   picks to MySQL and publishes events.
// - journal/: posts on disk, one fsync for many; media_store.hpp has their media.
// - fleet/: supervisor.hpp runs workers, worker_registry.hpp knows who is there, scheduler.hpp decides who
//   gets which task, worker_pool.hpp and worker_link.hpp hand it over.
// - fetch/: media by URL. store/: the tables in MySQL. admin/: what bgmctl and Prometheus ask.
// - base/: what all of them stand on: clock, log, event loop, sockets, metrics.
//
// daemon.hpp wires them (parts.hpp, opening.cpp, doors.cpp), config.hpp has the keys.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "daemon/base/log.hpp"
#include "daemon/daemon.hpp"
#include "daemon/version.hpp"

// Read by jemalloc: two arenas are enough for threads of which few allocate at a time; and what is free after
// a burst of posts, or after the building of a catalogue, is given back within a second or so, by a thread of
// its own.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:2,dirty_decay_ms:1000,background_thread:true";
}

int main(int argc, char** argv) {
    CLI::App app{"bgmd listens to posts and picks background music for them"};
    app.set_version_flag("--version", std::string(bgm::kVersion));
    std::string file;
    std::vector<std::string> overrides;
    bool check_only = false;
    app.add_option("--config", file, "TOML file; without it every key has its default");
    app.add_option("--set", overrides, "group.key=value; wins over the file")->allow_extra_args(false);
    app.add_flag("--check-config", check_only, "print the effective configuration, secrets masked, and stop");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }

    auto config = bgm::load_config(file, overrides);
    if (!config) {
        std::cerr << "bgmd: " << config.error().to_string() << '\n';
        return 2;
    }
    if (check_only) {
        std::cout << bgm::describe(*config);
        return 0;
    }

    // Before any thread exists: they inherit the mask, and the signals wait for the event loop. A client that
    // hangs up must not end us.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);

    bgm::start_log(config->log.level, config->log.format);
    auto daemon = bgm::Daemon::open(std::move(*config));
    if (!daemon) {
        bgm::log_error("bgmd cannot start", {{"error", daemon.error().to_string()}});
        return 1;
    }
    (*daemon)->run();
    return 0;
}
