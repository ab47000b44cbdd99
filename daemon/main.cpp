// bgmd: posts in, moods and music picks out.
//
// Where everything lives, in the order in which a post meets it:
//
// - zmq_source.hpp: receives posts, and takes the acks back
// - admission.hpp: judges them (schemas/validate.hpp), has them made durable and answers
// - journal.hpp: makes them durable, with one fsync for many (journal_store.hpp holds the tables)
// - media_store.hpp: inline media on disk until the post is picked; file: URIs
// - dispatcher.hpp: the posts in analysis and their tasks
// - worker_pool.hpp: gives tasks to workers; scheduler.hpp has credits, leases and poison, worker_link.hpp
// the
//   socket, worker_registry.hpp who is there; supervisor.hpp runs the processes
// - mood_decision.hpp: embeddings to a mood; recommender.hpp: a mood to tracks (both by fusion/)
// - delivery.hpp: picks to MySQL (mysql/) and out as events
//
// Around them: daemon.hpp wires the stages, config.hpp has the keys, metrics.hpp what is measured, admin.hpp
// what bgmctl asks, catalogue_source.hpp the tracks, http_server.hpp health and metrics; event_loop.hpp and
// messaging.hpp are the plumbing.
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
