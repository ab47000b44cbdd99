// With queue.tls the broker is the one that the authority vouches for, by its name, or there is no
// connection.
#include <cstdlib>
#include <fstream>

#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/queue/amqp_fixture.hpp"

namespace bgm {
namespace {

using ::testing::HasSubstr;

class AmqpTlsTest : public ::testing::Test {
 protected:
    void SetUp() override {
        if (const Status there = test::RabbitBroker::installed(); !there)
            GTEST_SKIP() << there.error().message;
        if (std::system("command -v openssl >/dev/null") != 0)
            GTEST_SKIP() << "no openssl program to make certificates with";
        make_authority("ours");
        make_authority("theirs");
        shell("openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr");
        std::ofstream(file("names")) << "subjectAltName=DNS:localhost";
        shell(
            "openssl x509 -req -in server.csr -CA ours.pem -CAkey ours.key -CAcreateserial -days 2 -extfile "
            "names -out server.pem >/dev/null");
    }
    std::string file(const std::string& name) const { return (folder_.path() / name).string(); }
    void shell(const std::string& command) {
        ASSERT_EQ(
            std::system(("cd '" + folder_.path().string() + "' && " + command + " 2>openssl.log").c_str()), 0)
            << command;
    }
    void make_authority(const std::string& name) {
        shell("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=" + name + " -keyout " + name +
              ".key -out " + name + ".pem");
    }
    testing::ScratchFolder folder_;
};

TEST_F(AmqpTlsTest, OnlyABrokerThatTheAuthorityVouchesForByNameIsSpokenTo) {
    const auto started = test::RabbitBroker::start({.ca_file = file("ours.pem"),
                                                    .certificate_file = file("server.pem"),
                                                    .key_file = file("server.key")});
    ASSERT_TRUE(started) << started.error().to_string();
    AmqpOptions options = (*started)->options();
    const std::string port = std::to_string((*started)->port());
    options.endpoints = {"localhost:" + port};
    {
        const auto opened = AmqpLink::open(options);
        ASSERT_TRUE(opened) << opened.error().to_string();
        EXPECT_TRUE((*opened)->declare_queue({.name = "encrypted"}));
        test::Gathered<Status> answers;
        AmqpPublisher publisher(options, {});
        for (int i = 0; i < 200; ++i)
            ASSERT_TRUE(publisher.publish({.routing_key = "encrypted",
                                           .body = std::string(static_cast<std::size_t>(i) * 1000, 'x'),
                                           .done = [&](const Status& answer) { answers.add(answer); }}));
        ASSERT_TRUE(answers.until_count(200));
        for (const Status& answer : answers.all())
            EXPECT_TRUE(answer) << answer.error().to_string();
        test::Inbox inbox;
        AmqpConsumer consumer(options, {}, inbox.hooks());
        consumer.consume("encrypted", 1000);
        ASSERT_TRUE(inbox.messages.until_count(200));
        EXPECT_EQ(inbox.bodies()[199].size(), 199'000U);
    }
    AmqpOptions strange = options;
    strange.ca_file = file("theirs.pem");
    const auto stranger = AmqpLink::open(strange);
    ASSERT_FALSE(stranger);
    EXPECT_EQ(stranger.error().code, ErrorCode::unavailable);
    EXPECT_THAT(stranger.error().message, HasSubstr("queue.ca_file"));

    AmqpOptions other_name = options;
    other_name.endpoints = {"127.0.0.1:" + port};
    const auto misnamed = AmqpLink::open(other_name);
    ASSERT_FALSE(misnamed);
    EXPECT_EQ(misnamed.error().code, ErrorCode::unavailable);

    AmqpOptions none = options;
    none.ca_file = "";
    const auto without = AmqpLink::open(none);
    ASSERT_FALSE(without);
    EXPECT_EQ(without.error().field, "queue.ca_file");

    AmqpOptions plain = options;
    plain.tls = false;
    EXPECT_FALSE(AmqpLink::open(plain));
}

}  // namespace
}  // namespace bgm
