// Where the daemon's public interfaces are, as bgmctl sees them, and where models are.
//
// Later sources win: the daemon's defaults, then its own bgmd.toml (--config), then the environment
// (BGMD_POSTS
// ...), then flags. One table (in settings.cpp) names every setting in all four places.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct BgmctlMysqlSettings {
    std::string host;  // empty: this host
    std::uint16_t port = static_cast<std::uint16_t>(Config().mysql.port);
    std::string socket;          // wins over host and port where it is set
    std::string endpoints = {};  // the same; empty where a socket or a host was named later
    std::string user = Config().mysql.user;
    std::string password;  // never a flag: command lines are readable by every user of the host
    std::string database = Config().mysql.database;
    std::string tls_ca_file = {};
    std::string replicas = {};  // empty: every read goes where writes go

    /// False where nobody named a database: then the daemon, too, works without one.
    bool configured() const { return !host.empty() || !socket.empty() || !endpoints.empty(); }
};

struct BgmctlSettings {
    std::string posts = Config().posts.endpoint;
    std::string firehose = Config().posts.firehose_endpoint;
    std::string events = Config().events.endpoint;
    std::string http = "http://" + Config().http.listen;
    std::string admin = "ipc://" + Config().runtime_dir + "/admin.sock";
    BgmctlMysqlSettings mysql;
    std::string media_root;
    std::string catalogue_file;
    std::string models_dir;  // empty only where there is no home folder either
    // As the daemon's; empty: not said.
    std::string preset;
    std::string serving_models_dir;
    std::string audio_model;
    std::string precision;
    std::string packages_dir;  // empty: the one that ships; "none": none
    std::string model_server = "https://huggingface.co";
};

/// One setting and the names it goes by. An empty name means that it cannot be given there.
struct SettingRow {
    std::string_view toml_key;
    std::string_view environment;
    std::string_view flag;
    std::string_view help;
};

const std::vector<SettingRow>& setting_rows();

/// Looks up an environment variable; std::nullopt where it is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;
std::optional<std::string> process_environment(const std::string& name);

/// Scalars of a TOML file by dotted key ("mysql.port" -> "3306"). `not_found` where the file is missing,
/// `invalid_argument` with the line where it is not TOML. Keys that bgmctl has no use for are passed over.
Result<std::map<std::string, std::string>> read_settings_file(const std::string& path);

/// `flags` holds flag name ("--posts") -> value. The field of an error is the name by which the bad value was
/// given.
Result<BgmctlSettings> resolve_settings(const std::optional<std::string>& config_path,
                                        const EnvironmentLookup& environment,
                                        const std::map<std::string, std::string>& flags);

}  // namespace bgm
