// The configuration: where a value comes from, which source wins, and that whoever makes a mistake is told
// the key, and the line where there is one. What --check-config prints is a file that means the same.
#include "daemon/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "tests/daemon/base/scratch_folder.hpp"

namespace bgm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScratchFolder;
using ::testing::StartsWith;

class ConfigTest : public ::testing::Test {
 protected:
    void SetUp() override { unsetenv("BGMD_MYSQL_PASSWORD"); }
    void TearDown() override { unsetenv("BGMD_MYSQL_PASSWORD"); }

    Result<Config> from_toml(std::string_view toml, const std::vector<std::string>& overrides = {}) {
        return load_config(folder_.write("bgmd.toml", toml), overrides);
    }
    static Result<Config> from_overrides(const std::vector<std::string>& overrides) {
        return load_config("", overrides);
    }

    ScratchFolder folder_;
};

TEST_F(ConfigTest, NeedsNothing) {
    const auto config = load_config("", {});
    ASSERT_TRUE(config) << config.error().to_string();
    EXPECT_EQ(describe(*config), describe(Config{}));
    EXPECT_FALSE(config->mysql.enabled());
}

TEST_F(ConfigTest, SeveralDatabaseServersStandInsteadOfOne) {
    const auto nodes = from_overrides({"mysql.endpoints=db1:3306 [::1]:3307"});
    ASSERT_TRUE(nodes) << nodes.error().to_string();
    EXPECT_TRUE(nodes->mysql.enabled());
    for (const std::vector<std::string>& wrong :
         {std::vector<std::string>{"mysql.endpoints=db1"},
          {"mysql.endpoints=db1:3306", "mysql.host=db2"},
          {"mysql.endpoints=db1:3306", "mysql.socket=/run/mysqld/mysqld.sock"}}) {
        const auto config = from_overrides(wrong);
        ASSERT_FALSE(config) << wrong.back();
        EXPECT_EQ(config.error().field, "mysql.endpoints");
    }
    EXPECT_TRUE(from_overrides({"mysql.host=db", "mysql.replicas=db2:3306 db3:3306"}));
    for (const std::vector<std::string>& wrong :
         {std::vector<std::string>{"mysql.replicas=db2:3306"}, {"mysql.host=db", "mysql.replicas=db2"}}) {
        const auto config = from_overrides(wrong);
        ASSERT_FALSE(config) << wrong.back();
        EXPECT_EQ(config.error().field, "mysql.replicas");
    }
}

TEST_F(ConfigTest, LeavesNoWorkersOnOtherHostsUnguarded) {
    for (const char* endpoint : {"tcp://10.0.0.1:5558", "tcp://*:5558", "tcp://0.0.0.0:1", "tcp://host:1"}) {
        const auto config = from_overrides({std::string("workers.endpoint=") + endpoint});
        ASSERT_FALSE(config) << endpoint;
        EXPECT_THAT(config.error().to_string(), HasSubstr("workers.listen"));
    }
    for (const char* endpoint :
         {"tcp://127.0.0.1:5558", "tcp://[::1]:1", "tcp://localhost:1", "ipc:///run/w"})
        EXPECT_TRUE(from_overrides({std::string("workers.endpoint=") + endpoint})) << endpoint;
    const auto no_keys = from_overrides({"workers.listen=tcp://10.0.0.1:5580"});
    ASSERT_FALSE(no_keys);
    EXPECT_EQ(no_keys.error().field, "workers.curve_secret_file");
    EXPECT_FALSE(from_overrides({"workers.listen=tcp://10.0.0.1:5580", "workers.curve_secret_file=a"}));
    EXPECT_TRUE(from_overrides({"workers.listen=tcp://10.0.0.1:5580", "workers.curve_secret_file=a",
                                "workers.curve_clients_file=b"}));
    EXPECT_FALSE(from_overrides(
        {"workers.listen=ipc:///run/w", "workers.curve_secret_file=a", "workers.curve_clients_file=b"}));
}

TEST_F(ConfigTest, GivesEachModalityItsOwnKeys) {
    for (const Modality modality : kModalities) {
        const std::string each(name(modality));
        const auto config = from_overrides({"posts." + each + "_bytes_max=7",
                                            "dispatch." + each + "_deadline_ms=8", "workers." + each + "=9"});
        ASSERT_TRUE(config) << config.error().to_string();
        EXPECT_EQ(config->posts.*keys(modality).bytes_max, 7) << each;
        EXPECT_EQ(config->dispatch.*keys(modality).deadline_ms, 8) << each;
        EXPECT_EQ(config->workers.*keys(modality).processes, 9) << each;
    }
}

TEST_F(ConfigTest, LetsTheFileWinOverDefaultsAndTheCommandLineOverTheFile) {
    const auto config = from_toml(
        "data_dir = '/tmp/d'\n[posts]\nassets_max = 3\ntracks_max = 9\n[mysql]\nhost = \"db\"\nmigrate = "
        "false\n",
        {"posts.tracks_max=10", "posts.tracks_max=11", "log.level=debug", "media.root=/a=b"});
    ASSERT_TRUE(config) << config.error().to_string();
    EXPECT_EQ(config->data_dir, "/tmp/d");
    EXPECT_EQ(config->posts.assets_max, 3);
    EXPECT_EQ(config->posts.tracks_max, 11);
    EXPECT_EQ(config->posts.text_bytes_max, Config{}.posts.text_bytes_max);
    EXPECT_EQ(config->log.level, "debug");
    EXPECT_EQ(config->media.root, "/a=b") << "only the first = separates";
    EXPECT_FALSE(config->mysql.migrate);
    EXPECT_TRUE(config->mysql.enabled());
}

struct Mistake {
    const char* text;
    const char* key;
    const char* reason;
};

TEST_F(ConfigTest, NamesTheKeyAndTheLineOfAMistakeInTheFile) {
    const std::vector<Mistake> mistakes{
        {"\n\n[posts]\nendpont = 'tcp://*:1'\n", "posts.endpont", "line 4: is not a known key"},
        {"colour = 1\n", "colour", "line 1: is not a known key"},
        {"[pots]\nendpoint = 'x'\n", "pots.endpoint", "line 2: is not a known key"},
        {"[posts.more]\nx = 1\n", "posts.more", "is not a known key"},
        {"[posts]\nassets_max = \"16\"\n", "posts.assets_max", "line 2: must be a whole number"},
        {"[posts]\nassets_max = 16.0\n", "posts.assets_max", "line 2: must be a whole number"},
        {"[posts]\nassets_max = [16]\n", "posts.assets_max", "line 2: must be a whole number"},
        {"[posts]\nendpoint = 5555\n", "posts.endpoint", "line 2: must be a string"},
        {"[mysql]\n\nmigrate = 1\n", "mysql.migrate", "line 3: must be true or false"},
        {"[posts]\nassets_max = 0\n", "posts.assets_max", "line 2: must be 1 to 256"},
        {"[posts]\nassets_max = 257\n", "posts.assets_max", "line 2: must be 1 to 256"},
        {"[mysql]\nport = -1\n", "mysql.port", "line 2: must be 1 to 65535"},
        {"[mysql]\npassword = 'secret'\n", "mysql.password", "line 2: is not a known key"},
    };
    for (const Mistake& mistake : mistakes) {
        SCOPED_TRACE(mistake.text);
        const auto config = from_toml(mistake.text);
        ASSERT_FALSE(config);
        EXPECT_EQ(config.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(config.error().field, mistake.key);
        EXPECT_THAT(config.error().message, HasSubstr(mistake.reason));
        EXPECT_THAT(config.error().to_string(), Not(HasSubstr("secret")));
    }
}

TEST_F(ConfigTest, NamesTheFileAndTheLineWhereItIsNoToml) {
    const auto broken = from_toml("[posts]\nassets_max = \n");
    ASSERT_FALSE(broken);
    EXPECT_THAT(broken.error().field, HasSubstr("bgmd.toml"));
    EXPECT_THAT(broken.error().message, StartsWith("line 2"));
    EXPECT_FALSE(from_toml("[log]\nlevel='info'\nlevel='warn'\n")) << "a key given twice";
    EXPECT_FALSE(from_toml("data_dir = '\xFF'\n"));
}

TEST_F(ConfigTest, RefusesAFileThatCannotBeRead) {
    const auto absent = load_config(folder_.path() / "absent.toml", {});
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().code, ErrorCode::not_found);
    EXPECT_THAT(absent.error().field, HasSubstr("absent.toml"));
    EXPECT_FALSE(load_config(folder_.path(), {})) << "a folder is not an empty file";
}

TEST_F(ConfigTest, NamesTheKeyOfAMistakeOnTheCommandLine) {
    const std::vector<Mistake> mistakes{
        {"posts.endpont=x", "posts.endpont", "is not a known key"},
        {"mysql.password=secret", "mysql.password", "is not a known key"},
        {"posts.assets_max", "posts.assets_max", "needs key=value"},
        {"=x", "", "is not a known key"},
        {"posts.assets_max=", "posts.assets_max", "must be a whole number"},
        {"posts.assets_max=3x", "posts.assets_max", "must be a whole number"},
        {"posts.assets_max=99999999999999999999", "posts.assets_max", "must be a whole number"},
        {"posts.assets_max=0", "posts.assets_max", "must be 1 to 256"},
        {"mysql.migrate=yes", "mysql.migrate", "must be true or false"},
        {"log.level=loud", "log.level", "must be trace"},
        {"log.format=xml", "log.format", "must be text or json"},
        {"models.preset=huge", "models.preset", "must be builtin or clip"},
        {"models.image=", "models.image", "must not be empty"},
        {"models.precision=fp16", "models.precision", "must be auto, fp32 or bf16"},
        {"models.device=gpu", "models.device", "must be cpu or cuda:N"},
        {"models.device=cuda:", "models.device", "must be cpu or cuda:N"},
        {"models.device=cuda:0x", "models.device", "must be cpu or cuda:N"},
        {"workers.video=-2", "workers.video", "must be -1 to 256"},
        {"data_dir=", "data_dir", "must not be empty"},
    };
    for (const Mistake& mistake : mistakes) {
        SCOPED_TRACE(mistake.text);
        const auto config = from_overrides({mistake.text});
        ASSERT_FALSE(config);
        EXPECT_EQ(config.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(config.error().field, mistake.key);
        EXPECT_THAT(config.error().message, HasSubstr(mistake.reason));
    }
}

TEST_F(ConfigTest, ReadsThePasswordFromItsFile) {
    const std::string file = folder_.write("password", "pass word\nsecond line\n");
    setenv("BGMD_MYSQL_PASSWORD", "another", 1);
    const auto config = from_overrides({"mysql.password_file=" + file});
    ASSERT_TRUE(config);
    EXPECT_EQ(config->mysql.password, "pass word");
    EXPECT_EQ(getenv("BGMD_MYSQL_PASSWORD"), nullptr) << "it is taken out also where it is not used";
    const auto absent = from_overrides({"mysql.password_file=/nowhere/password"});
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().field, "mysql.password_file");
}

// Workers inherit the environment and read what strangers send.
TEST_F(ConfigTest, TakesThePasswordOutOfTheEnvironment) {
    setenv("BGMD_MYSQL_PASSWORD", "from outside", 1);
    const auto config = from_overrides({});
    ASSERT_TRUE(config);
    EXPECT_EQ(config->mysql.password, "from outside");
    EXPECT_EQ(getenv("BGMD_MYSQL_PASSWORD"), nullptr);
}

TEST_F(ConfigTest, PrintsNoSecret) {
    setenv("BGMD_MYSQL_PASSWORD", "hush-hush", 1);
    const auto config = from_overrides({});
    ASSERT_TRUE(config);
    EXPECT_THAT(describe(*config), AllOf(HasSubstr("******"), Not(HasSubstr("hush"))));
    EXPECT_THAT(describe(Config{}), Not(HasSubstr("******")));
}

TEST_F(ConfigTest, PrintsAFileThatMeansTheSame) {
    const std::vector<std::string> overrides{"data_dir=/tmp/a \"quoted\" # path\\with 한 'all'",
                                             "runtime_dir=two\nlines\tand a tab",
                                             "mysql.user=",
                                             "mysql.host='''",
                                             "mysql.migrate=false",
                                             "posts.assets_max=7",
                                             "supervisor.drain_ms=0",
                                             "log.format=json"};
    const auto config = from_overrides(overrides);
    ASSERT_TRUE(config) << config.error().to_string();
    const auto again = from_toml(describe(*config));
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_EQ(describe(*again), describe(*config));
    EXPECT_EQ(again->data_dir, config->data_dir);
    EXPECT_EQ(again->runtime_dir, config->runtime_dir);
    EXPECT_EQ(again->mysql.host, "'''");
    EXPECT_FALSE(again->mysql.migrate);
}

// Every key that is printed can be set, on its own, to what is printed; and every key but two obvious ones is
// explained.
TEST_F(ConfigTest, PrintsEveryKeyOnceWithAnExplanation) {
    std::istringstream lines(describe(Config{}));
    std::string section;
    int keys = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("[")) section = line.substr(1, line.size() - 2) + ".";
        const auto equals = line.find(" = ");
        if (equals == std::string::npos) continue;
        ++keys;
        const std::string key = section + line.substr(0, equals);
        const auto comment = line.find("  # ");
        EXPECT_TRUE(comment != std::string::npos || key == "mysql.user" || key == "mysql.database") << key;
        std::string value = line.substr(equals + 3, comment - equals - 3);
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\''))
            value = value.substr(1, value.size() - 2);
        const auto config = from_overrides({key + "=" + value});
        ASSERT_TRUE(config) << config.error().to_string();
        EXPECT_EQ(describe(*config), describe(Config{})) << key;
    }
    EXPECT_GT(keys, 50);
}

// Key, default and meaning in the manual's tables are what --check-config prints; no key is left out, and
// none is there that bgmd does not know.
TEST_F(ConfigTest, IsDescribedByTheManual) {
    std::map<std::string, std::string> printed;
    std::istringstream lines(describe(Config{}));
    std::string section;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("[")) section = line.substr(1, line.size() - 2) + ".";
        const auto equals = line.find(" = ");
        if (equals == std::string::npos) continue;
        const std::string rest = line.substr(equals + 3);
        const auto comment = rest.find("  # ");
        const std::string help = comment == std::string::npos ? "" : rest.substr(comment + 4);
        printed[section + line.substr(0, equals)] = rest.substr(0, comment) + " " + help;
    }
    std::map<std::string, std::string> explained;
    std::ifstream manual(BGM_SOURCE_DIR "/docs/configuration.md");
    const std::regex row(R"re(\| `([a-z_.]+)` \| `(.*?)` \| [^|]*\| ?(.*?) ?\|)re");
    for (std::string line; std::getline(manual, line);) {
        std::smatch cells;
        if (!std::regex_match(line, cells, row)) continue;
        std::string value = cells[2];
        if (value.starts_with('"')) value = "'" + value.substr(1, value.size() - 2) + "'";
        EXPECT_TRUE(explained.emplace(cells[1], value + " " + cells[3].str()).second) << line;
    }
    EXPECT_EQ(explained, printed);
}

}  // namespace
}  // namespace bgm
