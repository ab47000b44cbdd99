#include "daemon/config.hpp"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <type_traits>

#include "daemon/config_keys.hpp"
#include "fusion/mood/pool_settings.hpp"
#include "fusion/recommend/match_settings.hpp"
#include "schemas/ascii.hpp"
#include "schemas/host_port.hpp"

namespace bgm {
namespace {

Error bad(std::string key, std::string message) {
    return Error{.code = ErrorCode::invalid_argument, .message = std::move(message), .field = std::move(key)};
}

constexpr std::array<std::string_view, 3> kLoopback{"tcp://127.", "tcp://localhost:", "tcp://[::1]:"};

Status set_number(std::string_view key, std::int64_t& target, std::int64_t value, std::int64_t low,
                  std::int64_t high) {
    if (value < low || value > high) {
        return bad(std::string(key), "must be " + std::to_string(low) + " to " + std::to_string(high));
    }
    target = value;
    return ok_status();
}

// Assigns one node of the file to its key.
struct FromToml {
    std::string_view wanted;
    const toml::node& node;
    bool known = false;
    Status status = ok_status();

    void operator()(std::string_view key, std::string& target, std::string_view) {
        assign(key, target, "a string");
    }
    void operator()(std::string_view key, bool& target, std::string_view) {
        assign(key, target, "true or false");
    }
    void operator()(std::string_view key, std::int64_t& target, std::string_view, std::int64_t low,
                    std::int64_t high) {
        std::int64_t value = target;
        if (!assign(key, value, "a whole number")) return;
        status = set_number(key, target, value, low, high);
    }

 private:
    template <typename T>
    bool assign(std::string_view key, T& target, const char* kind) {
        if (key != wanted) return false;
        known = true;
        const auto* typed = node.as<T>();
        if (typed == nullptr) {
            status = bad(std::string(key), std::string("must be ") + kind);
            return false;
        }
        target = typed->get();
        return true;
    }
};

// Assigns the text of one `--set key=value`.
struct FromText {
    std::string_view wanted;
    std::string_view text;
    bool known = false;
    Status status = ok_status();

    void operator()(std::string_view key, std::string& target, std::string_view) {
        if (key != wanted) return;
        known = true;
        target = std::string(text);
    }
    void operator()(std::string_view key, bool& target, std::string_view) {
        if (key != wanted) return;
        known = true;
        if (text != "true" && text != "false") {
            status = bad(std::string(key), "must be true or false");
        } else {
            target = text == "true";
        }
    }
    void operator()(std::string_view key, std::int64_t& target, std::string_view, std::int64_t low,
                    std::int64_t high) {
        if (key != wanted) return;
        known = true;
        const auto value = number_from<std::int64_t>(text);
        status = value ? set_number(key, target, *value, low, high)
                       : Status(bad(std::string(key), "must be a whole number"));
    }
};

std::string at_line(const toml::source_region& source) {
    return "line " + std::to_string(source.begin.line) + ": ";
}

Status apply_table(Config& config, const toml::table& table, const std::string& prefix) {
    for (const auto& [name, node] : table) {
        const std::string key = prefix + std::string(name.str());
        if (const auto* child = node.as_table(); child != nullptr && prefix.empty()) {
            if (auto applied = apply_table(config, *child, key + "."); !applied) return applied;
            continue;
        }
        FromToml assign{.wanted = key, .node = node};
        for_each_key(config, assign);
        if (!assign.known) return bad(key, at_line(node.source()) + "is not a known key");
        if (!assign.status) return bad(key, at_line(node.source()) + assign.status.error().message);
    }
    return ok_status();
}

Status apply_file(Config& config, const std::filesystem::path& file) {
    std::ifstream stream(file);
    stream.peek();  // a folder opens, but does not read
    if (!stream.is_open() || stream.bad()) {
        return Error{.code = ErrorCode::not_found, .message = "cannot be read", .field = file.string()};
    }
    std::stringstream text;
    text << stream.rdbuf();
    const auto parsed = toml::parse(text.view());
    if (!parsed) {
        return bad(file.string(),
                   at_line(parsed.error().source()) + std::string(parsed.error().description()));
    }
    return apply_table(config, parsed.table(), "");
}

Status apply_override(Config& config, std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return bad(std::string(text), "--set needs key=value");
    FromText assign{.wanted = text.substr(0, equals), .text = text.substr(equals + 1)};
    for_each_key(config, assign);
    if (!assign.known) return bad(std::string(assign.wanted), "is not a known key");
    return assign.status;
}

Status read_signing_key(Config& config) {
    if (config.fetch.signing_key_file.empty()) return ok_status();
    std::ifstream stream(config.fetch.signing_key_file);
    if (!stream) return bad("fetch.signing_key_file", "cannot be read");
    std::getline(stream, config.fetch.signing_key);
    if (config.fetch.signing_key.empty()) return bad("fetch.signing_key_file", "holds no key");
    return ok_status();
}

Status read_passwords(Config& config) {
    if (!config.mysql.password_file.empty()) {
        std::ifstream stream(config.mysql.password_file);
        if (!stream) return bad("mysql.password_file", "cannot be read");
        std::getline(stream, config.mysql.password);
    } else if (const char* password = std::getenv("BGMD_MYSQL_PASSWORD"); password != nullptr) {
        config.mysql.password = password;
    }
    if (!config.queue.password_file.empty()) {
        std::ifstream stream(config.queue.password_file);
        if (!stream) return bad("queue.password_file", "cannot be read");
        std::getline(stream, config.queue.password);
    } else if (const char* password = std::getenv("BGMD_QUEUE_PASSWORD"); password != nullptr) {
        config.queue.password = password;
    }
    // Workers inherit the environment, and they decode what strangers send: the secrets go no further.
    unsetenv("BGMD_MYSQL_PASSWORD");
    unsetenv("BGMD_QUEUE_PASSWORD");
    return ok_status();
}

bool is_device(std::string_view text) {
    if (text == "cpu") return true;
    constexpr std::string_view kCuda = "cuda:";
    if (!text.starts_with(kCuda)) return false;
    text.remove_prefix(kCuda.size());
    return !text.empty() && text.size() <= 3 &&
           std::all_of(text.begin(), text.end(), [](char digit) { return digit >= '0' && digit <= '9'; });
}

// What goes over a network is encrypted, and who comes from there shows a key.
Status check_worker_endpoints(const Config::Workers& workers) {
    constexpr std::string_view kTcp = "tcp://";
    const bool loopback = std::any_of(kLoopback.begin(), kLoopback.end(),
                                      [&](auto host) { return workers.endpoint.starts_with(host); });
    if (workers.endpoint.starts_with(kTcp) && !loopback)
        return bad("workers.endpoint",
                   "is neither encrypted nor guarded by keys, so it must be on this host (ipc://, or "
                   "tcp://127.0.0.1:PORT): for workers on other hosts there is workers.listen");
    if (workers.listen.empty()) return ok_status();
    if (!workers.listen.starts_with(kTcp)) return bad("workers.listen", "must be tcp://ADDRESS:PORT");
    for (const auto& [key, value] : {std::pair("workers.curve_secret_file", &workers.curve_secret_file),
                                     {"workers.curve_clients_file", &workers.curve_clients_file}}) {
        if (value->empty()) return bad(key, "must be given with workers.listen: see docs/workers.md");
    }
    return ok_status();
}

Status check_queue(const Config& config) {
    const Config::Queue& queue = config.queue;
    if (queue.kind != "local" && queue.kind != "amqp") return bad("queue.kind", "must be local or amqp");
    if (!queue.shared()) return ok_status();
    if (!config.mysql.enabled())
        return bad("queue.kind",
                   "amqp needs mysql.host, mysql.socket or mysql.endpoints: a post is settled once MySQL "
                   "holds its rows");
    const auto plain = [](char c) {
        return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' ||
               c == '_';
    };
    if (queue.prefix.empty() || queue.prefix.size() > 64 || !std::ranges::all_of(queue.prefix, plain))
        return bad("queue.prefix", "must be 1 to 64 letters, digits, - or _");
    const auto named = [&](char c) { return plain(c) || c == '.'; };
    if (queue.host_name.size() > 64 || !std::ranges::all_of(queue.host_name, named))
        return bad("queue.host_name", "must be at most 64 letters, digits, -, _ or .");
    if (!queue.media_folder.empty() && !queue.media_folder.starts_with('/'))
        return bad("queue.media_folder", "must be an absolute path");
    if (queue.tls && queue.ca_file.empty()) return bad("queue.ca_file", "must be given with queue.tls");
    return ok_status();
}

Status check_mysql(const Config& config) {
    const auto endpoints = read_host_ports(config.mysql.endpoints);
    if (!endpoints) return bad("mysql.endpoints", endpoints.error().message);
    if (!endpoints->empty() && (!config.mysql.host.empty() || !config.mysql.socket.empty()))
        return bad("mysql.endpoints", "stands instead of mysql.host and mysql.socket");
    const auto replicas = read_host_ports(config.mysql.replicas);
    if (!replicas) return bad("mysql.replicas", replicas.error().message);
    if (!replicas->empty() && !config.mysql.enabled())
        return bad("mysql.replicas", "needs the primary, too: mysql.host, mysql.socket or mysql.endpoints");
    return ok_status();
}

Status check(const Config& config) {
    const Config::Models& models = config.models;
    if (models.preset != "builtin" && models.preset != "clip")
        return bad("models.preset", "must be builtin or clip");
    for (const auto& [key, value] : {std::pair("models.image", &models.image),
                                     {"models.text", &models.text},
                                     {"models.audio", &models.audio}}) {
        if (value->empty()) return bad(key, "must not be empty");
    }
    if (auto prior = read_prior(config.fusion.prior); !prior)
        return bad("fusion.prior", prior.error().message);
    if (auto reliability = read_reliability(config.fusion.reliability); !reliability)
        return bad("fusion.reliability", reliability.error().message);
    if (auto weights = read_match_settings(config.matching.weights, ""); !weights)
        return bad("matching.weights", weights.error().message);
    if (auto tenants = read_match_settings(config.matching.weights, config.matching.tenants); !tenants)
        return bad("matching.tenants", tenants.error().message);
    for (const auto& [key, value] : {std::pair("workers.sandbox", &config.workers.sandbox),
                                     {"gateway.sandbox", &config.gateway.sandbox}}) {
        if (*value != "off" && *value != "auto" && *value != "required")
            return bad(key, "must be off, auto or required");
    }
    if (auto checked = check_worker_endpoints(config.workers); !checked) return checked;
    if (auto checked = check_mysql(config); !checked) return checked;
    if (auto checked = check_queue(config); !checked) return checked;
    if (config.workers.sandbox == "required" && models.device != "cpu")
        return bad("workers.sandbox", "a worker on a CUDA device cannot be confined: its driver opens files");
    if (models.precision != "auto" && models.precision != "fp32" && models.precision != "bf16")
        return bad("models.precision", "must be auto, fp32 or bf16");
    if (!is_device(models.device)) return bad("models.device", "must be cpu or cuda:N");
    if (config.log.format != "text" && config.log.format != "json")
        return bad("log.format", "must be text or json");
    constexpr std::array<std::string_view, 5> kLevels{"trace", "debug", "info", "warn", "error"};
    if (std::find(kLevels.begin(), kLevels.end(), config.log.level) == kLevels.end()) {
        return bad("log.level", "must be trace, debug, info, warn or error");
    }
    if (config.data_dir.empty()) return bad("data_dir", "must not be empty");
    return ok_status();
}

std::string toml_string(std::string_view text) {
    std::ostringstream out;
    out << toml::value<std::string>(std::string(text));
    return out.str();
}

}  // namespace

Result<Config> load_config(const std::filesystem::path& file, std::span<const std::string> overrides) {
    Config config;
    if (!file.empty()) {
        if (auto applied = apply_file(config, file); !applied) return applied.error();
    }
    for (const std::string& text : overrides) {
        if (auto applied = apply_override(config, text); !applied) return applied.error();
    }
    config.origin.file = file;
    config.origin.overrides.assign(overrides.begin(), overrides.end());
    if (auto read = read_passwords(config); !read) return read.error();
    if (auto read = read_signing_key(config); !read) return read.error();
    if (auto checked = check(config); !checked) return checked.error();
    return config;
}

std::string describe(const Config& config) {
    std::ostringstream out;
    std::string section;
    const auto line = [&](std::string_view key, const std::string& value, std::string_view help) {
        const auto dot = key.find('.');
        if (dot != std::string_view::npos && key.substr(0, dot) != section) {
            section = key.substr(0, dot);
            out << "\n[" << section << "]\n";
        }
        const auto name = dot == std::string_view::npos ? key : key.substr(dot + 1);
        out << name << " = " << value;
        if (!help.empty()) out << "  # " << help;
        out << '\n';
    };
    struct Print {
        decltype(line)& print;
        void operator()(std::string_view key, const std::string& value, std::string_view help) {
            print(key, toml_string(value), help);
        }
        void operator()(std::string_view key, const bool& value, std::string_view help) {
            print(key, value ? "true" : "false", help);
        }
        void operator()(std::string_view key, const std::int64_t& value, std::string_view help, std::int64_t,
                        std::int64_t) {
            print(key, std::to_string(value), help);
        }
    };
    for_each_key(config, Print{line});
    if (!config.mysql.password.empty()) out << "# mysql password: ******\n";
    if (!config.queue.password.empty()) out << "# queue password: ******\n";
    return out.str();
}

}  // namespace bgm
