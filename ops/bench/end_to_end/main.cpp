// bgm-bench: measures a running stack from outside, as its clients see it. The BGMD_ variables say where it
// is.
//
// - intake: durable acknowledged intake: posts/s and the time to the ack
// - rows: posts/s from the client to rows that are committed in MySQL, and what each process spends on a post
// - latency: one post at a time on an idle stack: the time to its event
// - wait: the same beside HTTP with `Prefer: wait`, in turns
// - memory: the daemon's resident memory while many posts go through it
// - clip: the music that posts carry, as a file
// - sustained: posts without end in an already full journal: answers of BUSY, and memory, part by part
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "ops/bench/end_to_end/load.hpp"
#include "ops/bench/end_to_end/one_by_one.hpp"
#include "ops/bench/end_to_end/processor_time.hpp"
#include "ops/client/admin_client.hpp"
#include "ops/client/events_client.hpp"
#include "ops/client/posts_client.hpp"
#include "tests/workers/media_maker.hpp"

namespace bgm::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Arguments {
    std::size_t posts = 0;
    std::size_t window = 256;
    std::size_t post_bytes = 1024;
    int pid = 0;
    std::string pids_file;
    bool music = false;
    std::string clip_file;
};

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

double since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

int fail(const Error& error) {
    std::cerr << "bgm-bench: " << error.to_string() << '\n';
    return EXIT_FAILURE;
}

std::string music_clip() {
    return test::make_music_clip({.seconds = 5, .format = test::AudioFormat::mp3});
}

LoadSpec load_spec(const Arguments& arguments, const std::string& what) {
    // The process id keeps the posts of two runs apart: known posts would be answered without work.
    return {.endpoint = environment("BGMD_POSTS"),
            .prefix = "bench-" + what + "-" + std::to_string(::getpid()) + "-",
            .posts = arguments.posts,
            .window = arguments.window,
            .post_bytes = arguments.post_bytes,
            .audio = arguments.music ? music_clip() : std::string{}};
}

void print_load(const LoadResult& load) {
    std::printf("  %zu posts in %.2f s: %.0f posts/s; ack p50 %.2f ms, p99 %.2f ms, max %.2f ms",
                load.accepted, load.seconds, static_cast<double>(load.accepted) / load.seconds,
                percentile(load.ack_ms, 0.5), percentile(load.ack_ms, 0.99), percentile(load.ack_ms, 1));
    if (load.busy > 0) std::printf("; %zu answers were BUSY", load.busy);
    std::printf("\n");
}

// Asks the database with its own client, so that the figure does not depend on the daemon's word.
std::size_t rows_in_picks(const std::string& prefix) {
    ::setenv("MYSQL_PWD", environment("BGMD_MYSQL_PASSWORD").c_str(), 1);
    const std::string command =
        "mariadb --no-defaults --batch --skip-column-names --socket='" + environment("BGMD_MYSQL_SOCKET") +
        "' --user='" + environment("BGMD_MYSQL_USER") + "' '" + environment("BGMD_MYSQL_DATABASE") +
        "' -e \"SELECT COUNT(*) FROM picks WHERE tenant = 'default' AND post_id LIKE '" + prefix + "%'\"";
    std::FILE* pipe = ::popen(command.c_str(), "re");
    std::size_t rows = 0;
    if (pipe != nullptr) {
        if (std::fscanf(pipe, "%zu", &rows) != 1) rows = 0;
        ::pclose(pipe);
    }
    return rows;
}

// Waits until all rows are there; false where nothing moves for a minute. Each look is a program that starts
// and a scan of what is there: it waits for half of the time that the rest seems to take.
bool wait_for_rows(const std::string& prefix, std::size_t wanted) {
    std::size_t last = 0;
    const auto begin = Clock::now();
    for (auto moved = begin; since(moved) < 60;) {
        const std::size_t rows = rows_in_picks(prefix);
        if (rows >= wanted) return true;
        const double seconds = since(begin);
        if (rows != last) moved = Clock::now();
        last = rows;
        const double left =
            rows > 0 ? seconds * static_cast<double>(wanted - rows) / static_cast<double>(rows) : 0;
        std::this_thread::sleep_for(std::chrono::duration<double>(std::clamp(left / 2, 0.02, 1.0)));
    }
    std::cerr << "bgm-bench: " << last << " of " << wanted << " rows, and no more are coming\n";
    return false;
}

int intake(const Arguments& arguments) {
    auto load = send_load(load_spec(arguments, "intake"));
    if (!load) return fail(load.error());
    print_load(*load);
    return EXIT_SUCCESS;
}

// MariaDB's time holds that of the looks at its rows, and the client's does not hold that of the program that
// asks.
void print_processor(const ProcessorTime& spent, std::size_t posts) {
    const double microseconds = 1e6 / static_cast<double>(posts);
    std::printf(
        "  CPU (user and system) a post: bgmd %.0f us, text worker %.0f us, MariaDB %.0f us, client %.0f "
        "us\n",
        spent.seconds("bgmd") * microseconds, spent.seconds("worker-text") * microseconds,
        spent.seconds("mariadb") * microseconds, spent.seconds("client") * microseconds);
    std::printf("  bgmd by thread:");
    for (const auto& [name, seconds] : spent.threads()) {
        if (seconds * microseconds >= 0.5) std::printf(" %s %.0f us", name.c_str(), seconds * microseconds);
    }
    std::printf("\n  bgmd / MariaDB: %.2f\n", spent.seconds("bgmd") / spent.seconds("mariadb"));
}

int rows(const Arguments& arguments) {
    const LoadSpec spec = load_spec(arguments, "rows");
    const ProcessorTime before = ProcessorTime::of_stack(arguments.pids_file);
    const auto begin = Clock::now();
    auto load = send_load(spec);
    if (!load) return fail(load.error());
    print_load(*load);
    if (!wait_for_rows(spec.prefix, spec.posts)) return EXIT_FAILURE;
    const double seconds = since(begin);
    std::printf("  all rows committed after %.2f s: %.0f posts/s\n", seconds,
                static_cast<double>(spec.posts) / seconds);
    if (!arguments.pids_file.empty())
        print_processor(ProcessorTime::of_stack(arguments.pids_file).since(before), spec.posts);
    return EXIT_SUCCESS;
}

int clip(const Arguments& arguments) {
    std::ofstream file(arguments.clip_file, std::ios::binary);
    return file << music_clip() << std::flush ? EXIT_SUCCESS : EXIT_FAILURE;
}

int latency(const Arguments& arguments) {
    const std::chrono::seconds deadline(10);
    auto events = EventsClient::connect(environment("BGMD_EVENTS"), "default", deadline);
    if (!events) return fail(events.error());
    auto posts = PostsClient::connect(environment("BGMD_POSTS"), deadline);
    if (!posts) return fail(posts.error());
    LoadSpec spec = load_spec(arguments, "latency");
    std::vector<float> milliseconds;
    for (std::size_t number = 0; number < arguments.posts; ++number) {
        const std::string json = post_json(spec, number);
        const std::string id = spec.prefix + std::to_string(number);
        const auto begin = Clock::now();
        if (auto sent = posts->send(WireFormat::json, json); !sent) return fail(sent.error());
        for (bool arrived = false; !arrived;) {
            auto event = events->receive(std::chrono::milliseconds(1000));
            if (!event) return fail(event.error());
            arrived = *event && (*event)->post_id() == id;
            if (since(begin) > 10) {
                return fail({.code = ErrorCode::deadline_exceeded, .message = "no event for " + id});
            }
        }
        milliseconds.push_back(static_cast<float>(since(begin) * 1000));
        static_cast<void>(posts->receive(std::chrono::milliseconds(0)));
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // idle again
    }
    std::sort(milliseconds.begin(), milliseconds.end());
    std::printf(
        "  %zu posts, one at a time: to the event p50 %.2f ms, p95 %.2f ms, p99 %.2f ms, max %.2f ms\n",
        milliseconds.size(), percentile(milliseconds, 0.5), percentile(milliseconds, 0.95),
        percentile(milliseconds, 0.99), percentile(milliseconds, 1));
    return EXIT_SUCCESS;
}

int wait(const Arguments& arguments) {
    const OneByOneSpec spec{.posts = load_spec(arguments, "wait"),
                            .events = environment("BGMD_EVENTS"),
                            .gateway = environment("BGMD_GATEWAY"),
                            .key = environment("BGMD_API_KEY")};
    auto result = send_one_by_one(spec);
    if (!result) return fail(result.error());
    const auto print = [](const char* what, const std::vector<float>& milliseconds) {
        std::printf("  %s p50 %.2f ms, p90 %.2f ms, p99 %.2f ms\n", what, percentile(milliseconds, 0.5),
                    percentile(milliseconds, 0.9), percentile(milliseconds, 0.99));
    };
    print("ZeroMQ, to the ack:  ", result->zmq_ack_ms);
    print("ZeroMQ, to the event:", result->zmq_ms);
    print("HTTP, to the pick:   ", result->http_ms);
    std::printf("  HTTP - ZeroMQ: p50 %+.2f ms, p99 %+.2f ms\n",
                percentile(result->http_ms, 0.5) - percentile(result->zmq_ms, 0.5),
                percentile(result->http_ms, 0.99) - percentile(result->zmq_ms, 0.99));
    return EXIT_SUCCESS;
}

double resident_mb(int pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) * 1024 / 1e6;
    }
    return 0;
}

int memory(const Arguments& arguments) {
    std::printf("  %.0f MB before the first post\n", resident_mb(arguments.pid));
    constexpr std::size_t kParts = 4;
    for (std::size_t part = 0; part < kParts; ++part) {
        LoadSpec spec = load_spec(arguments, "memory-" + std::to_string(part));
        spec.posts = arguments.posts / kParts;
        auto load = send_load(spec);
        if (!load) return fail(load.error());
        const double after_intake = resident_mb(arguments.pid);
        if (!wait_for_rows(spec.prefix, spec.posts)) return EXIT_FAILURE;
        std::printf("  %.0f MB after %zu posts (%.0f MB with all of them waiting)\n",
                    resident_mb(arguments.pid), spec.posts * (part + 1), after_intake);
        std::fflush(stdout);
    }
    return EXIT_SUCCESS;
}

// So few at once that they never fill the journal themselves: what may fill it is what has been delivered.
int sustained(const Arguments& arguments) {
    const std::chrono::seconds deadline(60);
    auto admin = AdminClient::connect(environment("BGMD_ADMIN"), deadline);
    if (!admin) return fail(admin.error());
    constexpr std::size_t kAtOnce = 10'000;
    std::size_t busy = 0;
    std::printf("  %.0f MB before the first post\n", resident_mb(arguments.pid));
    const auto begin = Clock::now();
    for (std::size_t sent = 0; sent < arguments.posts;) {
        LoadSpec spec = load_spec(arguments, "sustained-" + std::to_string(sent));
        spec.posts = std::min(kAtOnce, arguments.posts - sent);
        auto load = send_load(spec);
        if (!load) return fail(load.error());
        sent += spec.posts;
        busy += load->busy;
        nlohmann::json journal;
        do {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            auto status = admin->request({{"op", "status"}}, deadline);
            if (!status) return fail(status.error());
            journal = (*status)["journal"];
        } while (journal["accepted"].get<int>() + journal["analysing"].get<int>() +
                     journal["picked"].get<int>() >
                 0);
        if (sent % (10 * kAtOnce) != 0 && sent < arguments.posts) continue;
        std::printf("  %zu posts in %.0f s: %zu answers were BUSY, %zu are remembered, bgmd holds %.0f MB\n",
                    sent, since(begin), busy, journal["delivered"].get<std::size_t>(),
                    resident_mb(arguments.pid));
        std::fflush(stdout);
    }
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace bgm::bench

int main(int count, char** values) {
    using namespace bgm::bench;
    CLI::App app("Measures a running stack from outside. The BGMD_ variables say where it is.", "bgm-bench");
    app.require_subcommand(1);
    Arguments arguments;
    int (*chosen)(const Arguments&) = nullptr;
    const auto add = [&](const char* name, const char* help, int (*what)(const Arguments&)) {
        auto* command = app.add_subcommand(name, help);
        command->add_option("--posts", arguments.posts, "how many posts")->required();
        command->add_option("--window", arguments.window, "posts sent and not yet acknowledged")
            ->capture_default_str();
        command->add_option("--post-bytes", arguments.post_bytes, "size of an encoded post")
            ->capture_default_str();
        command->callback([&chosen, what] { chosen = what; });
        return command;
    };
    add("intake", "durable acknowledged intake", intake);
    auto* to_rows = add("rows", "from the client to committed rows", rows);
    to_rows->add_option("--pids", arguments.pids_file,
                        "the stack's processes: adds what each spends on a post");
    to_rows->add_flag("--music", arguments.music, "each post carries the same clip of music");
    auto* to_clip = app.add_subcommand("clip", "writes the music that `rows --music` posts");
    to_clip->add_option("FILE", arguments.clip_file)->required();
    to_clip->callback([&chosen] { chosen = clip; });
    add("latency", "one post at a time, to its event", latency);
    add("wait", "one post at a time, by ZeroMQ and by HTTP with `Prefer: wait` in turns", wait);
    add("memory", "resident memory of the daemon", memory)
        ->add_option("--pid", arguments.pid, "the daemon's")
        ->required();
    add("sustained", "a journal full of delivered posts", sustained)
        ->add_option("--pid", arguments.pid, "the daemon's")
        ->required();
    CLI11_PARSE(app, count, values);
    return chosen(arguments);
}
