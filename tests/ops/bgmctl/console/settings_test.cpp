// Defaults, then the daemon's file, then the environment, then flags; each mistake is named by where it was
// made.
#include "ops/bgmctl/console/settings.hpp"

#include <gtest/gtest.h>

#include "tests/ops/bgmctl/temporary_folder.hpp"

namespace bgm {
namespace {

using Names = std::map<std::string, std::string>;

EnvironmentLookup environment(Names variables) {
    return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
    };
}

TEST(Settings, HaveTheDefaultsOfTheContract) {
    const auto settings = resolve_settings(std::nullopt, environment({}), {});
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->posts, "tcp://127.0.0.1:5555");
    EXPECT_EQ(settings->firehose, "tcp://127.0.0.1:5556");
    EXPECT_EQ(settings->events, "tcp://127.0.0.1:5557");
    EXPECT_EQ(settings->http, "http://127.0.0.1:9464");
    EXPECT_EQ(settings->admin, "ipc:///run/bgmd/admin.sock");
}

TEST(Settings, LaterSourcesWin) {
    const TemporaryFolder folder;
    const std::string file = folder.write("bgmd.toml",
                                          "runtime_dir = \"/run/other\"\n"
                                          "[posts]\nendpoint = \"tcp://file:1\"\ntext_bytes_max = 10\n"
                                          "[events]\nendpoint = \"tcp://file:2\"\n"
                                          "[mysql]\nport = 3307\nuser = \"file\"\ndatabase = \"file\"\n");
    const auto settings = resolve_settings(
        file, environment({{"BGMD_EVENTS", "tcp://environment:2"}, {"BGMD_MYSQL_USER", "environment"}}),
        {{"--mysql-user", "flag"}});
    ASSERT_TRUE(settings) << settings.error().to_string();
    EXPECT_EQ(settings->posts, "tcp://file:1");
    EXPECT_EQ(settings->events, "tcp://environment:2");
    EXPECT_EQ(settings->mysql.port, 3307);
    EXPECT_EQ(settings->mysql.user, "flag");
    EXPECT_EQ(settings->mysql.database, "file");
    EXPECT_EQ(settings->admin, "ipc:///run/other/admin.sock") << "where the daemon puts it by itself";
}

TEST(Settings, WhoeverNamesOneServerMeansThatOneOfTheCluster) {
    const TemporaryFolder folder;
    const std::string file = folder.write("bgmd.toml", "[mysql]\nendpoints = \"a:1 b:2\"\n");
    const auto of_the_file = resolve_settings(file, environment({}), {});
    ASSERT_TRUE(of_the_file) << of_the_file.error().to_string();
    EXPECT_TRUE(of_the_file->mysql.configured());
    EXPECT_EQ(of_the_file->mysql.endpoints, "a:1 b:2");
    const auto one = resolve_settings(file, environment({}), {{"--mysql-host", "c"}});
    ASSERT_TRUE(one);
    EXPECT_EQ(one->mysql.endpoints, "");
    EXPECT_EQ(one->mysql.host, "c");
    const auto wrong = resolve_settings(file, environment({{"BGMD_MYSQL_ENDPOINTS", "a"}}), {});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().field, "BGMD_MYSQL_ENDPOINTS");
}

TEST(Settings, ModelsLieWhereTheUserKeepsDataUnlessTheEnvironmentSaysOtherwise) {
    const auto with = [](Names variables) {
        return *resolve_settings(std::nullopt, environment(std::move(variables)), {});
    };
    EXPECT_EQ(with({{"HOME", "/home/u"}}).models_dir, "/home/u/.local/share/bgmd/models");
    EXPECT_EQ(with({{"HOME", "/home/u"}, {"XDG_DATA_HOME", "/d"}}).models_dir, "/d/bgmd/models");
    EXPECT_EQ(with({{"HOME", "/home/u"}, {"XDG_DATA_HOME", "relative"}}).models_dir,
              "/home/u/.local/share/bgmd/models");
    EXPECT_EQ(with({{"HOME", "/home/u"}, {"BGMD_MODELS_DIR", "/m"}}).models_dir, "/m");
    EXPECT_EQ(with({}).models_dir, "") << "a service without a home folder";
    EXPECT_EQ(with({}).model_server, "https://huggingface.co");
    EXPECT_EQ(with({{"HF_ENDPOINT", "https://mirror"}}).model_server, "https://mirror");
}

TEST(Settings, WhatTheDaemonHearsWithIsInItsFile) {
    const TemporaryFolder folder;
    const std::string file = folder.write("bgmd.toml",
                                          "[models]\npreset = \"clip\"\ndir = \"/m\"\naudio = \"ear\"\n"
                                          "precision = \"fp32\"\n");
    const auto settings = resolve_settings(file, environment({{"BGMD_MODELS_DIR", "/pulled"}}), {});
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->preset, "clip");
    EXPECT_EQ(settings->serving_models_dir, "/m");
    EXPECT_EQ(settings->models_dir, "/pulled");
    EXPECT_EQ(settings->audio_model, "ear");
    EXPECT_EQ(settings->precision, "fp32");
}

TEST(Settings, EmptyMeansNotSaid) {
    const TemporaryFolder folder;
    const std::string file = folder.write("bgmd.toml", "[admin]\nendpoint = \"\"\n");
    const auto settings = resolve_settings(file, environment({{"BGMD_POSTS", ""}}), {});
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->posts, "tcp://127.0.0.1:5555");
    EXPECT_EQ(settings->admin, "ipc:///run/bgmd/admin.sock");
}

TEST(Settings, ADaemonThatListensEverywhereIsReachedOnTheLoopback) {
    const auto settings = resolve_settings(
        std::nullopt, environment({{"BGMD_POSTS", "tcp://0.0.0.0:7000"}, {"BGMD_EVENTS", "tcp://*:7001"}}),
        {{"--http", "0.0.0.0:9000"}});
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->posts, "tcp://127.0.0.1:7000");
    EXPECT_EQ(settings->events, "tcp://127.0.0.1:7001");
    EXPECT_EQ(settings->http, "http://127.0.0.1:9000");
}

TEST(Settings, AMistakeIsNamedByWhereItWasMade) {
    const TemporaryFolder folder;
    for (const char* port : {"", "x", "0", "65536", "-1", "33x"}) {
        const auto settings = resolve_settings(std::nullopt, environment({}), {{"--mysql-port", port}});
        ASSERT_FALSE(settings) << port;
        EXPECT_EQ(settings.error().field, "--mysql-port");
    }
    const auto missing = resolve_settings(folder.file("none.toml"), environment({}), {});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
    const auto broken =
        resolve_settings(folder.write("broken.toml", "a = 1\n\nb = = 2\n"), environment({}), {});
    ASSERT_FALSE(broken);
    EXPECT_NE(broken.error().message.find("line 3"), std::string::npos) << broken.error().message;
}

TEST(Settings, ThePasswordComesFromItsFileUnlessTheEnvironmentHasIt) {
    const TemporaryFolder folder;
    const std::string secret = folder.write("secret", "from file\n");
    const std::string file = folder.write("bgmd.toml", "[mysql]\npassword_file = \"" + secret + "\"\n");
    EXPECT_EQ(resolve_settings(file, environment({}), {})->mysql.password, "from file");
    EXPECT_EQ(resolve_settings(file, environment({{"BGMD_MYSQL_PASSWORD", "x"}}), {})->mysql.password, "x");
}

}  // namespace
}  // namespace bgm
