// The daemon's configuration: one struct with defaults, one table (config_keys.hpp) that names and
// explains every key.
//
// Sources, later ones win: defaults, the TOML file, `--set group.key=value`. Secrets never stand in the file:
// the MySQL password comes from the environment (BGMD_MYSQL_PASSWORD) or from the file that
// `mysql.password_file` names.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/default_limits.hpp"
#include "schemas/modality.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct Config {
    std::string data_dir = "/var/lib/bgmd";
    std::string runtime_dir = "/run/bgmd";

    struct Posts {
        std::string endpoint = "tcp://127.0.0.1:5555";
        std::string firehose_endpoint = "tcp://127.0.0.1:5556";
        std::int64_t text_bytes_max = kTextBytesMaxDefault;
        std::int64_t assets_max = kAssetsMaxDefault;
        std::int64_t inline_bytes_max = kInlineBytesMaxDefault;
        std::int64_t image_bytes_max = kImageBytesMaxDefault;
        std::int64_t audio_bytes_max = kAudioBytesMaxDefault;
        std::int64_t video_bytes_max = kVideoBytesMaxDefault;
        std::int64_t tracks_default = 5;
        std::int64_t tracks_max = kPostTracksMaxDefault;
        std::int64_t retry_after_ms = 250;
    } posts;

    struct {
        std::string prior = "uniform";
        std::string reliability;
    } fusion;

    struct {
        std::string weights = "mood=1, sound=0.5, taste=0.25, words=0.25";
        std::string tenants;
        bool guard = true;
        std::int64_t repeat_after_s = 86'400;
    } matching;

    struct {
        std::string endpoint = "tcp://127.0.0.1:5557";
    } events;

    struct {
        std::string endpoint;  // empty: ipc socket in runtime_dir
    } admin;

    struct {
        std::string listen = "127.0.0.1:9464";
    } http;

    struct Gateway {
        std::string listen;  // empty: no gateway
        bool start = true;
        std::string program;  // empty: beside bgmd
        std::string sandbox = "auto";
        std::int64_t connections_max = 12'000;
        std::int64_t body_bytes_max = 65LL * 1024 * 1024;
        std::int64_t memory_bytes_max = 256LL * 1024 * 1024;
        std::int64_t header_bytes_max = 16 * 1024;
        std::int64_t header_timeout_ms = 10'000;
        std::int64_t body_timeout_ms = 30'000;
        std::int64_t idle_timeout_ms = 60'000;
        std::int64_t in_flight_per_key = 1'000;
        std::int64_t wait_max_s = 30;
        std::int64_t streams_max = 1'000;
        std::string media_hosts;

        bool enabled() const { return !listen.empty(); }
    } gateway;

    struct {
        std::int64_t unfinished_max = 2'000'000;
        std::int64_t bytes_max = 64LL * 1024 * 1024 * 1024;
        std::int64_t queue_bytes_max = 256LL * 1024 * 1024;
        std::int64_t media_bytes_max = 32LL * 1024 * 1024 * 1024;
        std::int64_t commit_batch = 1024;
        std::int64_t keep_delivered_s = 7 * 24 * 3600;
    } journal;

    struct Queue {
        std::string kind = "local";
        std::string endpoints = "127.0.0.1:5672";
        std::string vhost = "/";
        std::string user = "bgmd";
        std::string password_file;
        bool tls = false;
        std::string ca_file;
        std::string prefix = "bgm";
        std::string host_name;  // empty: the machine's
        std::int64_t partitions = 12;
        std::int64_t prefetch = 256;
        std::int64_t bytes_max = 4LL * 1024 * 1024 * 1024;
        std::int64_t message_bytes_max = 4 * 1024 * 1024;
        std::string media_folder;  // empty: larger media is refused
        std::int64_t media_wait_s = 60;
        std::int64_t media_unkept_s = 3'600;
        std::int64_t waiting_bytes_max = 256LL * 1024 * 1024;
        std::int64_t delivery_limit = 20;
        std::int64_t confirm_timeout_ms = 10'000;
        std::int64_t heartbeat_s = 5;
        std::string password;  // never a key: filled by load_config()

        bool shared() const { return kind == "amqp"; }
    } queue;

    struct Dispatch {
        std::int64_t window = 4096;
        std::int64_t window_bytes = 32LL * 1024 * 1024;
        std::int64_t analysed_text_bytes = 8 * 1024;
        std::int64_t text_deadline_ms = 5'000;
        std::int64_t image_deadline_ms = 20'000;
        std::int64_t audio_deadline_ms = 30'000;
        std::int64_t video_deadline_ms = 60'000;
        std::int64_t no_worker_ms = 30'000;
        std::int64_t poison_after = 2;
    } dispatch;

    struct Workers {
        std::string program;   // empty: the preset's, beside bgmd
        std::string endpoint;  // empty: ipc socket in runtime_dir
        std::string listen;    // empty: no workers on other hosts
        std::string curve_secret_file;
        std::string curve_clients_file;
        std::int64_t text = 1;
        std::int64_t image = 1;
        std::int64_t audio = 1;
        std::int64_t video = -1;   // -1: see worker_plans()
        std::int64_t threads = 0;  // 0: see worker_threads()
        std::int64_t heartbeat_ms = 1'000;
        std::int64_t silent_ms = 10'000;
        std::int64_t restart_min_ms = 100;
        std::int64_t restart_max_ms = 30'000;
        std::int64_t rss_bytes_max = 2LL * 1024 * 1024 * 1024;
        std::int64_t nice = 10;
        std::int64_t address_space_bytes = 0;
        std::string sandbox = "auto";
        std::int64_t task_memory_bytes = 1536LL * 1024 * 1024;
        std::int64_t task_cpu_s = 20;
        bool analyse_tracks = false;  // never a key: what audio workers do for `bgmctl catalogue analyse`
    } workers;

    /// Named, since the models are what a running daemon can exchange (ModelSwap).
    struct Models {
        std::string dir;  // empty: see fill_model_paths()
        std::string preset = "builtin";
        std::string image = "clip-vit-base-patch32";
        std::string text = "clip-ViT-B-32-multilingual-v1";
        std::string audio = "clap-htsat-unfused";
        std::string caption;
        std::string packages_dir;  // empty: see fill_model_paths()
        std::string reading_dir;   // the same
        std::string prompts_dir;   // empty: see fill_model_paths()
        std::string heads_dir;     // empty: see load_head_files()
        std::string taught_dir;    // never a key: where taught heads lie, see fill_model_paths(); empty: none
        std::string precision = "auto";
        std::string device = "cpu";
        std::int64_t batch_max = 16;
        std::int64_t batch_delay_ms = 5;
        std::int64_t embedding_cache_entries = 16'384;
        std::int64_t load_timeout_ms = 120'000;
    } models;

    struct {
        std::string root;  // empty: file: URIs are refused
        std::int64_t pixels_max = kPixelsMaxDefault;
        std::int64_t analysed_video_s = kAnalysedVideoDefault_s;
        std::int64_t video_frames_max = kVideoFramesMaxDefault;
        std::int64_t audio_window_s = kAudioWindowDefault_s;
    } media;

    struct {
        std::string hosts;         // empty: http: and https: URIs are not fetched
        std::string own_networks;  // empty: nothing but public addresses
        std::string signing_key_file;
        std::int64_t transfers_max = 16;
        std::int64_t memory_bytes_max = 512LL * 1024 * 1024;
        std::int64_t timeout_ms = 20'000;
        std::int64_t redirects_max = 3;
        std::string signing_key;  // never a key: filled by load_config()
    } fetch;

    struct {
        std::string host;
        std::int64_t port = 3306;
        std::string socket;
        std::string endpoints;
        std::string user = "bgmd";
        std::string password_file;
        std::string database = "bgmd";
        std::string tls_ca_file;  // empty: nothing is encrypted
        bool migrate = true;
        std::int64_t batch = 300;
        std::int64_t retry_min_ms = 100;
        std::int64_t retry_max_ms = 5'000;
        std::int64_t answer_timeout_ms = 30'000;
        std::string replicas;  // empty: every read goes where writes go
        std::int64_t replica_lag_max_ms = 2'000;
        std::string password;  // never a key: filled by load_config()

        bool enabled() const { return !host.empty() || !socket.empty() || !endpoints.empty(); }
    } mysql;

    struct {
        bool collect = false;
        std::int64_t seeds_max = 200'000;
    } teach;

    struct {
        std::string file;  // empty: the starter catalogue
        std::int64_t refresh_ms = 10'000;
    } catalogue;

    struct {
        std::string pids_file;
        std::int64_t drain_ms = 10'000;
    } supervisor;

    struct {
        std::string level = "info";
        std::string format = "text";
    } log;

    /// Where it came from, never keys: filled by load_config(), for a program that is to read the same.
    struct {
        std::string file;
        std::vector<std::string> overrides;
    } origin;
};

/// The keys that each modality has, a row for each in the order of Modality.
struct ModalityKeys {
    std::int64_t Config::Posts::*bytes_max;
    std::int64_t Config::Dispatch::*deadline_ms;
    std::int64_t Config::Workers::*processes;
};
inline constexpr std::array<ModalityKeys, kModalityCount> kModalityKeys{{
    {&Config::Posts::text_bytes_max, &Config::Dispatch::text_deadline_ms, &Config::Workers::text},
    {&Config::Posts::image_bytes_max, &Config::Dispatch::image_deadline_ms, &Config::Workers::image},
    {&Config::Posts::audio_bytes_max, &Config::Dispatch::audio_deadline_ms, &Config::Workers::audio},
    {&Config::Posts::video_bytes_max, &Config::Dispatch::video_deadline_ms, &Config::Workers::video},
}};
constexpr const ModalityKeys& keys(Modality modality) {
    return kModalityKeys.at(static_cast<std::size_t>(modality));
}

/// The effective configuration. An error names the key, and for the file also the line.
Result<Config> load_config(const std::filesystem::path& file, std::span<const std::string> overrides);

/// Every key as commented TOML, in the order of the struct; secrets are masked. What `--check-config` prints.
std::string describe(const Config& config);

}  // namespace bgm
