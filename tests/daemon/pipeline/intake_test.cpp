// Intake over its own socket: what a client is told about a post, and that it is told "accepted" only of what
// another connection to the journal already sees.
#include "daemon/pipeline/intake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zmq.h>

#include <future>

#include "schemas/codec.hpp"
#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/journal/faulty_vfs.hpp"
#include "tests/daemon/journal/journal_file.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;
using testing::FaultyVfs;
using ::testing::HasSubstr;
using testing::JournalFile;
using testing::RunningLoop;
using testing::ScratchFolder;

/// A client: sends frames, reads the ack.
class Client {
 public:
    explicit Client(const std::string& endpoint)
        : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_DEALER)) {
        const int patience_ms = 20'000;
        const int none = 0;
        zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &patience_ms, sizeof patience_ms);
        zmq_setsockopt(socket_, ZMQ_LINGER, &none, sizeof none);
        EXPECT_EQ(zmq_connect(socket_, endpoint.c_str()), 0);
    }
    ~Client() {
        zmq_close(socket_);
        zmq_ctx_term(context_);
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    v1::Ack ask(const std::vector<std::string>& frames) {
        for (std::size_t i = 0; i < frames.size(); ++i)
            zmq_send(socket_, frames[i].data(), frames[i].size(), i + 1 < frames.size() ? ZMQ_SNDMORE : 0);
        EXPECT_EQ(receive(), "BGM1/json");
        v1::Ack ack;
        EXPECT_TRUE(from_json(receive(), ack));
        return ack;
    }
    v1::Ack post(const std::string& json) { return ask({"BGM1/json", json}); }

 private:
    std::string receive() {
        std::string frame(65'536, '\0');
        const int size = zmq_recv(socket_, frame.data(), frame.size(), 0);
        EXPECT_GE(size, 0) << "no answer came";
        frame.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        return frame;
    }

    void* context_;
    void* socket_;
};

std::string post_json(const std::string& post_id, const std::string& text) {
    return R"({"post_id":")" + post_id + R"(","text":")" + text + "\"}";
}

class IntakeTest : public ::testing::Test {
 protected:
    void SetUp() override {
        config_.posts.endpoint = "ipc://" + (folder_.path() / "posts.sock").string();
        config_.posts.firehose_endpoint = "";
    }
    void TearDown() override {
        journal_.reset();
        media_.reset();
        running_.stop();
    }

    void open(std::int64_t room_bytes = INT64_MAX) {
        auto store = JournalStore::open(journal_file(), 1 << 30, room_bytes);
        ASSERT_TRUE(store);
        journal_ = std::make_unique<Journal>(
            std::move(*store), Journal::Options{.queue_bytes_max = 1 << 24, .commit_batch = 100}, metrics_);
        auto media = MediaStore::open(folder_.path() / "media", "");
        ASSERT_TRUE(media);
        media_ = std::move(*media);
        auto intake = Intake::open(config_, running_.loop(), messaging_, *journal_, *media_, metrics_,
                                   [this](AcceptedPost post) { accepted_.push_back(std::move(post)); });
        ASSERT_TRUE(intake) << intake.error().to_string();
        intake_ = std::move(*intake);
        running_.start();
        client_ = std::make_unique<Client>(config_.posts.endpoint);
    }

    std::filesystem::path journal_file() const { return folder_.path() / "journal.sqlite"; }
    std::int64_t rows() { return JournalFile(journal_file()).number("SELECT count(*) FROM posts"); }

    FaultyVfs disk_;  // first: it goes last
    ScratchFolder folder_;
    Config config_;
    Metrics metrics_;
    Messaging messaging_;
    RunningLoop running_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<MediaStore> media_;
    std::unique_ptr<Intake> intake_;
    std::unique_ptr<Client> client_;
    std::vector<AcceptedPost> accepted_;  // the loop's thread's
};

TEST_F(IntakeTest, AcceptsAPostThatIsDurable) {
    open();
    const v1::Ack first = client_->post(post_json("p1", "a"));
    EXPECT_EQ(first.status(), v1::Ack::ACCEPTED);
    EXPECT_EQ(first.post_id(), "p1");
    EXPECT_EQ(first.revision(), 1U);
    EXPECT_EQ(rows(), 1);
    EXPECT_EQ(client_->post(post_json("p1", "a")).status(), v1::Ack::DUPLICATE);
    const v1::Ack changed = client_->post(post_json("p1", "b"));
    EXPECT_EQ(changed.status(), v1::Ack::ACCEPTED);
    EXPECT_EQ(changed.revision(), 2U);
    EXPECT_EQ(rows(), 1);
    EXPECT_TRUE(running_.eventually([this] { return accepted_.size() == 2; }));
    EXPECT_EQ(accepted_[1].revision, 2U);
    EXPECT_EQ(accepted_[1].post.text(), "b");
}

TEST_F(IntakeTest, NamesTheFieldOfAPostThatItRejects) {
    open();
    const v1::Ack ack = client_->post(R"({"post_id":"p1","context":{"local_hour":24},"text":"a"})");
    EXPECT_EQ(ack.status(), v1::Ack::REJECTED);
    EXPECT_EQ(ack.error().field(), "context.local_hour");
    EXPECT_EQ(ack.error().code(), "invalid_argument");
    EXPECT_EQ(client_->post("{").status(), v1::Ack::REJECTED);
    EXPECT_EQ(client_->ask({"BGM9/json", "{}"}).status(), v1::Ack::REJECTED);
    EXPECT_EQ(client_->ask({"BGM1/json"}).status(), v1::Ack::REJECTED);
    EXPECT_EQ(rows(), 0);
}

TEST_F(IntakeTest, KeepsInlineMediaUntilThePostIsDecided) {
    open();
    const std::string json = R"({"post_id":"p1","assets":[{"kind":"IMAGE","frame":0}]})";
    EXPECT_EQ(client_->ask({"BGM1/json", json, "the picture"}).status(), v1::Ack::ACCEPTED);
    EXPECT_TRUE(running_.eventually([this] { return accepted_.size() == 1; }));
    const auto picture = media_->read_inline(accepted_[0].media, 0);
    ASSERT_TRUE(picture);
    EXPECT_EQ(picture->view(), "the picture");
    EXPECT_EQ(client_->ask({"BGM1/json", json, "the picture"}).status(), v1::Ack::DUPLICATE);
    EXPECT_EQ(client_->ask({"BGM1/json", json, "another picture"}).revision(), 2U)
        << "the bytes are part of what a post says";
}

TEST_F(IntakeTest, IsBusyWhenTooManyPostsWait) {
    config_.journal.unfinished_max = 2;
    config_.posts.retry_after_ms = 77;
    open();
    EXPECT_EQ(client_->post(post_json("p1", "a")).status(), v1::Ack::ACCEPTED);
    EXPECT_EQ(client_->post(post_json("p2", "a")).status(), v1::Ack::ACCEPTED);
    const v1::Ack busy = client_->post(post_json("p3", "a"));
    EXPECT_EQ(busy.status(), v1::Ack::BUSY);
    EXPECT_EQ(busy.post_id(), "p3");
    EXPECT_EQ(busy.retry_after_ms(), 77U);
    EXPECT_EQ(rows(), 2);
}

// Posts must not take the last room of the journal: their own picks need some.
TEST_F(IntakeTest, IsBusyWhenTheJournalIsFullAndGoesOnWhenThereIsRoom) {
    config_.journal.bytes_max = 300'000;
    open();
    int accepted = 0;
    while (accepted < 100 &&
           client_->post(post_json("p" + std::to_string(accepted), std::string(20'000, 'x'))).status() ==
               v1::Ack::ACCEPTED) {
        ++accepted;
    }
    EXPECT_GT(accepted, 5);
    EXPECT_LT(accepted, 20);
    EXPECT_TRUE(journal_->writable());
    ASSERT_TRUE(journal_->submit(
        Journal::Urgency::internal, 0,
        [](JournalStore& store) -> Status {
            for (std::int64_t seq = 1; seq <= 5; ++seq) {
                if (auto done = store.set_picked(seq, 1, "pick", PostState::picked, 1); !done)
                    return done.error();
            }
            return ok_status();
        },
        {}));
    EXPECT_TRUE(running_.eventually([this] { return journal_->counts().used_bytes < 250'000; }));
    EXPECT_EQ(client_->post(post_json("again", "a")).status(), v1::Ack::ACCEPTED);
}

// Delivered posts are no reason to send a client away: they give way as fast as posts come.
TEST_F(IntakeTest, IsNeverBusyForDeliveredPosts) {
    config_.journal.bytes_max = 300'000;
    open(config_.journal.bytes_max);
    for (int i = 0; i < 3000; ++i) {
        ASSERT_EQ(client_->post(post_json("p" + std::to_string(i), "a")).status(), v1::Ack::ACCEPTED) << i;
        std::promise<void> delivered;
        ASSERT_TRUE(journal_->submit(
            Journal::Urgency::internal, 0,
            [i](JournalStore& store) -> Status {
                auto done = store.set_picked(i + 1, 1, std::string(500, 'p'), PostState::delivered, i);
                return done ? ok_status() : Status(done.error());
            },
            [&](const Status&) { delivered.set_value(); }));
        delivered.get_future().wait();
    }
    EXPECT_LT(rows(), 1000);
    EXPECT_LT(journal_->counts().used_bytes, config_.journal.bytes_max);
}

// Its commit may lie in the WAL, where a start after a crash would find it.
TEST_F(IntakeTest, KeepsTheMediaOfAFailedCommitUntilTheJournalHasBuriedIt) {
    open();
    ASSERT_EQ(client_->post(post_json("p1", "before")).status(), v1::Ack::ACCEPTED);
    disk_.fail_syncs(1, INT64_MAX / 2);
    const std::string json = R"({"post_id":"p2","assets":[{"asset_id":"a","kind":"IMAGE","frame":0}]})";
    EXPECT_EQ(client_->ask({"BGM1/json", json, "the picture"}).status(), v1::Ack::BUSY);
    running_.on_loop([] {});  // what was to be done at once is done
    const auto no_media = [this] { return std::filesystem::is_empty(folder_.path() / "media"); };
    EXPECT_FALSE(no_media());
    disk_.heal();
    EXPECT_TRUE(running_.eventually(no_media));
    EXPECT_EQ(client_->ask({"BGM1/json", json, "the picture"}).status(), v1::Ack::ACCEPTED);
    EXPECT_FALSE(no_media());
}

TEST_F(IntakeTest, IsBusyWhenTheDaemonGoesDown) {
    open();
    running_.on_loop([this] { intake_->refuse(); });
    EXPECT_EQ(client_->post(post_json("p1", "a")).status(), v1::Ack::BUSY);
}

}  // namespace
}  // namespace bgm
