// A host of a shared queue without its pipeline: a loop, a working journal, a media store and the AmqpQueue
// between them. Posts that are taken are gathered; a test says which are done.
#pragma once

#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/queue/amqp_queue.hpp"
#include "schemas/sha256.hpp"
#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/journal/waited_journal.hpp"
#include "tests/daemon/queue/rabbit_broker.hpp"

namespace bgm::test {

/// Of a host of this broker; each case has queues of its own.
inline Config sharing_config(const std::string& host, const RabbitBroker& broker) {
    Config config;
    config.queue.kind = "amqp";
    config.queue.endpoints = broker.endpoint();
    config.queue.user = broker.options().user;
    config.queue.password = broker.options().password;
    config.queue.prefix = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    config.queue.host_name = host;
    config.queue.partitions = 1;
    return config;
}

class SharingHost {
 public:
    SharingHost(Config config, std::int64_t media_bytes_max = INT64_MAX) : config_(std::move(config)) {
        config_.data_dir = folder_.path();
        auto media = MediaStore::open(media_folder(), "", media_bytes_max);
        EXPECT_TRUE(media) << media.error().to_string();
        media_ = std::move(*media);
        journal_ = testing::open_journal(journal_file(), metrics_, {.commit_batch = 64});
        auto opened = AmqpQueue::open(
            config_, PostLimits{}, running_.loop(), *journal_, *media_,
            {.on_taken = [this](AcceptedPost post) { taken_.push_back(std::move(post)); },
             .on_dead = [this](std::int64_t seq,
                               v1::DeadLetter letter) { dead_.emplace_back(seq, std::move(letter)); },
             .erase_rows =
                 [this](ErasureScope scope, PostQueue::OnDone done) {
                     scopes_.push_back(std::move(scope));
                     const bool fails = failing_erasures_ > 0;
                     if (fails) --failing_erasures_;
                     done(fails ? Status(Error{.code = ErrorCode::internal, .message = "no"}) : ok_status());
                 },
             .revoke =
                 [this](std::string message, std::function<void()> done) {
                     revoked_.insert(std::move(message));
                     if (mysql_answers_) return done();
                     unanswered_.push_back(std::move(done));
                 },
             .find_ineffective =
                 [this](std::vector<PostMessage> messages, Revocations::OnFound done) {
                     for (PostMessage& message : messages)
                         looked_up_.push_back(std::move(message));
                     if (mysql_answers_) return done(ineffective_);
                     unanswered_.push_back([this, done = std::move(done)] { done(ineffective_); });
                 },
             .on_event = [this](const std::string& topic,
                                const std::string& event) { events_.push_back(topic + " " + event); },
             .on_retry = [this] { ++retries_; }});
        if (!opened) {
            error_ = opened.error();
            return;
        }
        queue_ = std::move(*opened);
        running_.start();
    }
    ~SharingHost() {
        running_.stop();
        queue_.reset();  // while the threads of the others still run
        media_.reset();
        journal_.reset();
    }
    SharingHost(const SharingHost&) = delete;
    SharingHost& operator=(const SharingHost&) = delete;

    /// Where it could not be opened.
    const Error& error() const { return error_; }
    bool opened() const { return queue_ != nullptr; }
    std::filesystem::path media_folder() const { return folder_.path() / "media"; }
    std::filesystem::path journal_file() const { return folder_.path() / "working.sqlite"; }

    template <typename Function>
    auto on_loop(Function function) {
        return running_.on_loop(std::move(function));
    }
    bool eventually(const std::function<bool()>& condition) { return running_.eventually(condition); }
    EventLoop& loop() { return running_.loop(); }
    /// Belongs to the loop, as what follows.
    AmqpQueue& queue() { return *queue_; }
    std::vector<AcceptedPost>& taken() { return taken_; }
    std::vector<std::pair<std::int64_t, v1::DeadLetter>>& dead() { return dead_; }
    std::vector<ErasureScope>& scopes() { return scopes_; }
    std::vector<std::string>& events() { return events_; }
    int retries() const { return retries_; }
    const std::set<std::string>& revoked() const { return revoked_; }
    /// Messages that would have joined a post that is held.
    const std::vector<PostMessage>& looked_up() const { return looked_up_; }
    /// What is asked of MySQL waits, until it answers again.
    void let_mysql_answer(bool answers) {
        on_loop([&] {
            mysql_answers_ = answers;
            if (!answers) return;
            for (const auto& call : std::exchange(unanswered_, {}))
                call();
        });
    }
    void call_ineffective(std::string message) {
        on_loop([&] { ineffective_.insert(std::move(message)); });
    }
    void fail_erasures(int times) {
        on_loop([&] { failing_erasures_ = times; });
    }

    void consume(const std::vector<int>& partitions = {0}) {
        on_loop([&] { queue_->set_partitions(partitions); });
    }
    /// Both wait for the answer.
    Status put(const std::string& post_id, const std::string& text,
               const std::vector<std::string>& media = {}, bool backfill = false,
               const std::string& user_id = "u") {
        v1::Post post;
        post.set_tenant("t");
        post.set_post_id(post_id);
        post.set_user_id(user_id);
        post.set_text(text);
        post.set_priority(backfill ? v1::BACKFILL : v1::LIVE);
        for (std::size_t frame = 0; frame < media.size(); ++frame) {
            v1::Asset& asset = *post.add_assets();
            asset.set_kind(v1::Asset::IMAGE);
            asset.set_asset_id("a" + std::to_string(frame));
            asset.set_frame(static_cast<std::uint32_t>(frame));
        }
        Frames frames;
        std::vector<std::string> digests;
        for (const std::string& medium : media) {
            frames.emplace_back(medium);
            digests.push_back(sha256(medium));
        }
        PostQueue::Offer offer{.entry = {.tenant = "t",
                                         .post_id = post_id,
                                         .priority = post.priority(),
                                         .content_hash = (text + std::string(32, '.')).substr(0, 32),
                                         .post = post.SerializeAsString(),
                                         .media = ""},
                               .post = post,
                               .media = std::make_shared<const Frames>(std::move(frames)),
                               .digests = std::move(digests)};
        return answer([&](auto told) {
            queue_->put(std::move(offer), [told](const Result<PostQueue::Receipt>& receipt) {
                told(receipt ? ok_status() : Status(receipt.error()));
            });
        });
    }
    Status erase(const std::string& post_id, const std::string& user_id) {
        return answer([&](auto told) {
            queue_->erase({.tenant = "t", .post_id = post_id, .user_id = user_id},
                          [told](const Status& done) { told(done); });
        });
    }
    /// As the pipeline does once MySQL holds the rows.
    Status settle(std::int64_t seq, std::uint32_t revision, bool dead = false, bool overruled = false) {
        if (!dead) {
            const Status picked = testing::done_in(*journal_, [=](JournalStore& store) -> Status {
                const auto moved = store.set_picked(seq, revision, "pick", PostState::picked, 1);
                return moved ? ok_status() : Status(moved.error());
            });
            if (!picked) return picked;
        }
        return answer([&](auto told) { queue_->settle({{seq, revision, dead, overruled}}, told); });
    }
    Status erase_row(std::int64_t seq) {
        return testing::done_in(*journal_, [=](JournalStore& store) { return store.erase(seq); });
    }
    std::int64_t rows() { return testing::JournalFile(journal_file()).number("SELECT count(*) FROM posts"); }
    std::size_t taken_count() {
        return on_loop([&] { return taken_.size(); });
    }
    std::vector<std::string> texts() {
        return on_loop([&] {
            std::vector<std::string> texts;
            for (const AcceptedPost& post : taken_)
                texts.push_back(post.post.text());
            return texts;
        });
    }
    bool until_taken(std::size_t count) {
        return eventually([&] { return taken_.size() >= count; });
    }
    /// Nothing is here any more.
    bool until_idle() {
        return eventually([&] { return queue_->known() == 0 && queue_->held() == 0; });
    }
    void erase_media(const std::string& folder) { media_->erase(folder); }
    std::size_t media_folders() const {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator(media_folder()))
            ++count;
        return count;
    }

 private:
    template <typename Ask>
    Status answer(Ask ask) {
        auto promise = std::make_shared<std::promise<Status>>();
        auto told = promise->get_future();
        on_loop([&] { ask([promise](const Status& status) { promise->set_value(status); }); });
        return told.get();
    }

    Config config_;
    testing::ScratchFolder folder_;
    Metrics metrics_;
    testing::RunningLoop running_;
    std::unique_ptr<MediaStore> media_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<AmqpQueue> queue_;
    Error error_;
    // The loop's.
    std::vector<AcceptedPost> taken_;
    std::vector<std::pair<std::int64_t, v1::DeadLetter>> dead_;
    std::vector<ErasureScope> scopes_;
    std::vector<std::string> events_;
    std::set<std::string> revoked_;
    std::vector<PostMessage> looked_up_;
    std::set<std::string> ineffective_;
    bool mysql_answers_ = true;
    std::vector<std::function<void()>> unanswered_;
    int failing_erasures_ = 0;
    int retries_ = 0;
};

}  // namespace bgm::test
