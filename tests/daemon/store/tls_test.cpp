// With an authority named, the connection is encrypted to the server that the authority vouches for, or it is
// refused: a password and people's posts never travel in the clear because somebody switched TLS off at the
// other end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemon/store/connection.hpp"
#include "tests/daemon/store/private_mariadb.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;

class TlsTest : public testing::Test {
 protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "bgm-tls-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        if (std::system("command -v openssl >/dev/null") != 0)
            GTEST_SKIP() << "no openssl program to make certificates with";
        make_authority("ours");
        make_authority("theirs");
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::string file(const std::string& name) const { return (folder_ / name).string(); }
    void shell(const std::string& command) {
        ASSERT_EQ(std::system(("cd '" + folder_.string() + "' && " + command + " 2>openssl.log").c_str()), 0)
            << command;
    }
    void make_authority(const std::string& name) {
        shell("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=" + name + " -keyout " + name +
              ".key -out " + name + ".pem");
    }
    /// A server whose certificate is signed by "ours" and holds for one name.
    std::unique_ptr<test::PrivateMariaDb> start_for(const std::string& alternative_name) {
        shell("openssl req -newkey rsa:2048 -nodes -subj /CN=server -keyout server.key -out server.csr");
        std::ofstream(file("names")) << "subjectAltName=" << alternative_name;
        shell(
            "openssl x509 -req -in server.csr -CA ours.pem -CAkey ours.key -CAcreateserial -days 2 -extfile "
            "names "
            "-out server.pem >/dev/null");
        auto started = test::PrivateMariaDb::start(
            {.tcp = true,
             .server_options = {"--ssl-ca=" + file("ours.pem"), "--ssl-cert=" + file("server.pem"),
                                "--ssl-key=" + file("server.key")}});
        EXPECT_TRUE(started) << started.error().to_string();
        return started ? std::move(*started) : nullptr;
    }

    fs::path folder_;
};

std::string cipher(MySqlConnection& connection) {
    std::string name;
    EXPECT_TRUE(connection.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'",
                                 [&](MySqlRow row) { name = row[1].value_or(""); }));
    return name;
}

TEST_F(TlsTest, AServerThatTheAuthorityVouchesForIsSpokenToEncrypted) {
    const auto database = start_for("IP:127.0.0.1");
    ASSERT_TRUE(database);
    MySqlOptions options = database->tcp_options();
    MySqlConnection plain(options);
    ASSERT_TRUE(plain.connect());
    EXPECT_EQ(cipher(plain), "");
    options.tls_ca_file = file("ours.pem");
    MySqlConnection encrypted(options);
    const Status connected = encrypted.connect();
    ASSERT_TRUE(connected) << connected.error().to_string();
    EXPECT_NE(cipher(encrypted), "");

    options.tls_ca_file = file("theirs.pem");
    const Status stranger = MySqlConnection(options).connect();
    ASSERT_FALSE(stranger);
    EXPECT_EQ(stranger.error().code, ErrorCode::unavailable) << stranger.error().to_string();
}

TEST_F(TlsTest, ACertificateForAnotherHostIsRefused) {
    const auto database = start_for("DNS:elsewhere.example");
    ASSERT_TRUE(database);
    MySqlOptions options = database->tcp_options();
    options.tls_ca_file = file("ours.pem");
    EXPECT_FALSE(MySqlConnection(options).connect());
}

TEST_F(TlsTest, AServerWithoutTlsIsRefused) {
    const auto started = test::PrivateMariaDb::start({.tcp = true});
    ASSERT_TRUE(started);
    MySqlOptions options = (*started)->tcp_options();
    options.tls_ca_file = file("ours.pem");
    EXPECT_FALSE(MySqlConnection(options).connect());
}

}  // namespace
}  // namespace bgm
