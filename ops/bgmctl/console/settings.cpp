#include "ops/bgmctl/console/settings.hpp"

#include <cstdlib>
#include <fstream>

#include "schemas/ascii.hpp"
#include "schemas/host_port.hpp"

namespace bgm {
namespace {

struct Row {
    SettingRow names;
    std::string BgmctlSettings::*text = nullptr;
    std::string BgmctlMysqlSettings::*mysql_text = nullptr;
};

// The one table: a setting's name in bgmd.toml, in the environment and on the command line.
const std::vector<Row>& rows() {
    using S = BgmctlSettings;
    using M = BgmctlMysqlSettings;
    static const std::vector<Row> kRows = {
        {{"posts.endpoint", "BGMD_POSTS", "--posts", "where posts are sent"}, &S::posts},
        {{"posts.firehose_endpoint", "BGMD_FIREHOSE", "--firehose", "where posts are sent without an answer"},
         &S::firehose},
        {{"events.endpoint", "BGMD_EVENTS", "--events", "where picks are published"}, &S::events},
        {{"http.listen", "BGMD_HTTP", "--http", "where /metrics and /readyz are"}, &S::http},
        {{"admin.endpoint", "BGMD_ADMIN", "--admin", "where questions and orders go"}, &S::admin},
        {{"mysql.endpoints", "BGMD_MYSQL_ENDPOINTS", "--mysql-endpoints",
          "hosts and ports of the database's nodes, instead of one"},
         nullptr,
         &M::endpoints},
        {{"mysql.host", "BGMD_MYSQL_HOST", "--mysql-host", "host of the database"}, nullptr, &M::host},
        {{"mysql.port", "BGMD_MYSQL_PORT", "--mysql-port", "port of the database"}},
        {{"mysql.socket", "BGMD_MYSQL_SOCKET", "--mysql-socket",
          "socket of the database, instead of host and port"},
         nullptr,
         &M::socket},
        {{"mysql.user", "BGMD_MYSQL_USER", "--mysql-user", "user of the database"}, nullptr, &M::user},
        {{"", "BGMD_MYSQL_PASSWORD", "", "password of the database"}, nullptr, &M::password},
        {{"mysql.database", "BGMD_MYSQL_DATABASE", "--mysql-database", "name of the database"},
         nullptr,
         &M::database},
        {{"mysql.tls_ca_file", "BGMD_MYSQL_TLS_CA_FILE", "--mysql-tls-ca",
          "authority that signed the database's certificate"},
         nullptr,
         &M::tls_ca_file},
        {{"mysql.replicas", "BGMD_MYSQL_REPLICAS", "--mysql-replicas",
          "hosts and ports of copies of the database to read from"},
         nullptr,
         &M::replicas},
        {{"media.root", "BGMD_MEDIA_ROOT", "--media-root", "folder below which file: URIs lie"},
         &S::media_root},
        {{"catalogue.file", "BGMD_CATALOGUE_FILE", "--catalogue-file", "the catalogue that the daemon reads"},
         &S::catalogue_file},
        {{"", "BGMD_MODELS_DIR", "", "folder of the public models"}, &S::models_dir},
        {{"models.packages_dir", "BGMD_PACKAGES_DIR", "", "folder of the npm packages with networks"},
         &S::packages_dir},
        {{"models.preset", "", "", "which set of models the daemon runs"}, &S::preset},
        {{"models.dir", "", "", "folder of the daemon's models"}, &S::serving_models_dir},
        {{"models.audio", "", "", "the daemon's audio model"}, &S::audio_model},
        {{"models.precision", "", "", "what the daemon's models compute in"}, &S::precision},
        {{"", "HF_ENDPOINT", "", "where models are downloaded from"}, &S::model_server},
    };
    return kRows;
}

Status assign(BgmctlSettings& settings, const Row& row, const std::string& value, std::string_view given_as) {
    if (row.text) {
        settings.*row.text = value;
    } else if (row.mysql_text) {
        using M = BgmctlMysqlSettings;
        settings.mysql.*row.mysql_text = value;
        // Its row comes first: whoever names one server means that one, wherever the cluster was named.
        if (row.mysql_text == &M::host || row.mysql_text == &M::socket) settings.mysql.endpoints.clear();
        if (row.mysql_text != &M::endpoints && row.mysql_text != &M::replicas) return ok_status();
        if (const auto read = read_host_ports(value); !read)
            return Error{ErrorCode::invalid_argument, read.error().message, std::string(given_as)};
    } else {
        const auto port = number_from<std::uint16_t>(value).value_or(0);
        if (port == 0) {
            return Error{ErrorCode::invalid_argument,
                         "a port is a number from 1 to 65535, not '" + value + "'", std::string(given_as)};
        }
        settings.mysql.port = port;
    }
    return ok_status();
}

/// A daemon that listens on every address is reached on this host by the loopback one.
std::string reachable(std::string endpoint) {
    for (const std::string_view any : {"tcp://*:", "tcp://0.0.0.0:", "http://0.0.0.0:", "http://*:"}) {
        if (endpoint.starts_with(any)) {
            const std::string scheme(any.substr(0, any.find("//") + 2));
            return scheme + "127.0.0.1:" + endpoint.substr(any.size());
        }
    }
    return endpoint;
}

/// Where a user's programs keep data, by the XDG base directory specification.
std::string usual_models_dir(const EnvironmentLookup& environment) {
    const auto data = environment("XDG_DATA_HOME");
    if (data && data->starts_with('/')) return *data + "/bgmd/models";  // a relative one counts as not set
    const auto home = environment("HOME");
    return home && !home->empty() ? *home + "/.local/share/bgmd/models" : std::string();
}

Result<std::string> read_password_file(const std::string& path) {
    std::ifstream file(path);
    std::string password;
    if (!file || (!std::getline(file, password) && !file.eof())) {
        return Error{ErrorCode::not_found, "cannot read the password file " + path, "mysql.password_file"};
    }
    return password;
}

}  // namespace

const std::vector<SettingRow>& setting_rows() {
    static const std::vector<SettingRow> kNames = [] {
        std::vector<SettingRow> names;
        for (const Row& row : rows()) {
            names.push_back(row.names);
        }
        return names;
    }();
    return kNames;
}

std::optional<std::string> process_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (!value) return std::nullopt;
    return std::string(value);
}

Result<BgmctlSettings> resolve_settings(const std::optional<std::string>& config_path,
                                        const EnvironmentLookup& environment,
                                        const std::map<std::string, std::string>& flags) {
    std::map<std::string, std::string> file;
    if (config_path) {
        auto read = read_settings_file(*config_path);
        if (!read) return read.error();
        file = std::move(*read);
        // An empty value in the daemon's file means "the usual one", as for the daemon itself.
        std::erase_if(file, [](const auto& entry) { return entry.second.empty(); });
        if (file.contains("runtime_dir") && !file.contains("admin.endpoint")) {
            file["admin.endpoint"] = "ipc://" + file["runtime_dir"] + "/admin.sock";
        }
    }
    BgmctlSettings settings;
    settings.models_dir = usual_models_dir(environment);
    if (const auto path = file.find("mysql.password_file"); path != file.end()) {
        auto password = read_password_file(path->second);
        if (!password) return password.error();
        settings.mysql.password = *password;
    }
    for (const Row& row : rows()) {
        if (const auto found = file.find(std::string(row.names.toml_key)); found != file.end()) {
            if (auto set = assign(settings, row, found->second, row.names.toml_key); !set) return set.error();
        }
        // An empty variable counts as not set: a shell script that exports all of them must not wipe the
        // defaults.
        const auto variable = environment(std::string(row.names.environment));
        if (variable && !variable->empty()) {
            if (auto set = assign(settings, row, *variable, row.names.environment); !set) return set.error();
        }
        if (const auto found = flags.find(std::string(row.names.flag)); found != flags.end()) {
            if (auto set = assign(settings, row, found->second, row.names.flag); !set) return set.error();
        }
    }
    if (settings.http.find("://") == std::string::npos) settings.http = "http://" + settings.http;
    for (std::string* endpoint :
         {&settings.posts, &settings.firehose, &settings.events, &settings.http, &settings.admin}) {
        *endpoint = reachable(std::move(*endpoint));
    }
    return settings;
}

}  // namespace bgm
