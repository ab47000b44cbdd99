// The admin socket beside a journal, with the rest of the daemon played by the test: every request is
// answered once, a bad one too, and what is settled or erased is gone from everywhere.
#include "daemon/admin/admin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemon/admin/journal_dead_letters.hpp"
#include "ops/client/admin_client.hpp"
#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/journal/waited_journal.hpp"

namespace bgm {
namespace {

using nlohmann::json;
using testing::done_in;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::open_journal;
using testing::RunningLoop;
using testing::ScratchFolder;
using ::testing::SizeIs;

class AdminTest : public ::testing::Test {
 protected:
    void SetUp() override {
        config_.admin.endpoint = "ipc://" + (folder_.path() / "admin.sock").string();
        journal_ = open_journal(folder_.path() / "journal.sqlite", metrics_,
                                {.queue_bytes_max = 1 << 20, .commit_batch = 16});
        ASSERT_NE(journal_, nullptr);
        auto media = MediaStore::open(folder_.path() / "media", {});
        ASSERT_TRUE(media) << media.error().to_string();
        media_ = std::move(*media);
        dead_letters_ = std::make_unique<JournalDeadLetters>(
            running_.loop(), *journal_, *media_,
            [this](const std::string&, const std::string& post_id) { forgotten_.push_back(post_id); },
            [this] { ++resumed_; });
        auto opened = Admin::open(
            config_, running_.loop(), messaging_, *journal_, *media_, *dead_letters_,
            {.status =
                 [] {
                     return json{{"catalogue", {{"tracks", 7}}}};
                 },
             .posts = {.analysing = [this](std::int64_t seq) { return seq == analysing_; },
                       .find_pick =
                           [this](const std::string&, const std::string& post_id, std::uint32_t, auto done) {
                               asked_.push_back(post_id);
                               done(stored_);
                           },
                       .find_dead =
                           [this](const std::string&, const std::string& post_id, auto done) {
                               done(post_id == "elsewhere" ? died_ : std::optional<v1::DeadLetter>());
                           }},
             .swap_models =
                 [this](const ModelChange& change, const AdminReply& reply) {
                     swapped_ = change;
                     reply(json{{"swapped", true}});
                 },
             .erase_delivered =
                 [this](const ErasureScope& scope, auto done) {
                     erased_.push_back(scope.post_id + scope.user_id);
                     done(erases_);
                 },
             .reload_catalogue = [this](auto done) { done(reloads_); },
             .create_key = {},
             .list_keys = {},
             .revoke_key = {}});
        ASSERT_TRUE(opened) << opened.error().to_string();
        admin_ = std::move(*opened);
        running_.start();
        auto client = AdminClient::connect(config_.admin.endpoint, std::chrono::seconds(20));
        ASSERT_TRUE(client) << client.error().to_string();
        client_.emplace(std::move(*client));
    }
    void TearDown() override {
        client_.reset();
        running_.stop();
        admin_.reset();
        media_.reset();
        journal_.reset();
    }

    Result<json> ask(const json& question) { return client_->request(question, std::chrono::seconds(20)); }
    /// What it was given; an error stays visible.
    json answer(const json& question) {
        const auto result = ask(question);
        return result ? *result : json{{"error", result.error().to_string()}};
    }
    ErrorCode refusal(const json& question) {
        const auto result = ask(question);
        EXPECT_FALSE(result) << question << " gives " << *result;
        return result ? ErrorCode::internal : result.error().code;
    }

    std::int64_t in_journal(const std::function<Status(JournalStore&, std::int64_t seq)>& moves,
                            const std::string& post_id, const std::string& user_id = "u") {
        v1::Post post;
        post.set_tenant("t");
        post.set_post_id(post_id);
        post.set_user_id(user_id);
        std::int64_t seq = 0;
        EXPECT_TRUE(done_in(*journal_, [&](JournalStore& store) -> Status {
            auto accepted = store.accept({.tenant = "t",
                                          .post_id = post_id,
                                          .content_hash = "",
                                          .post = post.SerializeAsString(),
                                          .media = "of " + post_id},
                                         1);
            if (!accepted) return accepted.error();
            seq = accepted->seq;
            return moves ? moves(store, seq) : ok_status();
        }));
        folder_.write("media/of " + post_id + "/0", "a picture");
        return seq;
    }
    std::int64_t accepted(const std::string& post_id, const std::string& user_id = "u") {
        return in_journal({}, post_id, user_id);
    }
    std::int64_t picked(const std::string& post_id, PostState state) {
        return in_journal(
            [&](JournalStore& store, std::int64_t seq) -> Status {
                v1::Pick pick;
                pick.set_tenant("t");
                pick.set_post_id(post_id);
                pick.set_mood("calm");
                auto done = store.set_picked(seq, 1, pick.SerializeAsString(), PostState::picked, 1);
                if (done && state == PostState::delivered) done = store.set_delivered(seq, 1, 1);
                return done ? ok_status() : Status(done.error());
            },
            post_id);
    }
    void dead(const std::string& post_id) {
        in_journal(
            [&](JournalStore& store, std::int64_t seq) -> Status {
                v1::DeadLetter letter;
                letter.set_tenant("t");
                letter.set_post_id(post_id);
                letter.set_code("corrupt");
                auto done = store.set_dead(seq, 1, letter.SerializeAsString(), 1);
                return done ? ok_status() : Status(done.error());
            },
            post_id);
    }
    std::string state(const std::string& post_id) {
        return answer({{"op", "pick"}, {"tenant", "t"}, {"post_id", post_id}}).value("state", "none");
    }
    bool media_gone(const std::string& post_id) {
        return running_.eventually([&] { return !exists(folder_.path() / "media" / ("of " + post_id)); });
    }

    /// What the rest of the daemon was told by now.
    template <typename Told>
    Told told(const Told& member) {
        return running_.on_loop([&] { return member; });
    }

    ScratchFolder folder_;
    Config config_;
    Metrics metrics_;
    Messaging messaging_;
    RunningLoop running_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<MediaStore> media_;
    std::unique_ptr<DeadLetters> dead_letters_;
    std::unique_ptr<Admin> admin_;
    std::optional<AdminClient> client_;
    // What the rest of the daemon says, and what it was told. The loop's.
    std::int64_t analysing_ = 0;
    Status reloads_ = ok_status();
    Result<ErasedRows> erases_ = ErasedRows{.picks = 1, .pick_tracks = 5};
    Result<std::optional<v1::Pick>> stored_ = std::optional<v1::Pick>();
    Result<std::optional<v1::DeadLetter>> died_ = std::optional<v1::DeadLetter>();
    int resumed_ = 0;
    ModelChange swapped_;
    std::vector<std::string> forgotten_;
    std::vector<std::string> erased_;
    std::vector<std::string> asked_;
};

TEST_F(AdminTest, RefusesWhatItDoesNotUnderstand) {
    for (const json& question :
         {json{{"op", "no such thing"}}, json{{"op", 3}}, json::object(), json::array(), json("status"),
          json{{"op", "pick"}}, json{{"op", "dead.retry"}}, json{{"op", "dead.drop"}},
          json{{"op", "dead.list"}, {"limit", -1}}, json{{"op", "dead.list"}, {"after", "x"}},
          json{{"op", "erase"}}, json{{"op", "erase"}, {"post_id", "p"}, {"user_id", "u"}},
          json{{"op", "erase"}, {"user_id", "u"}, {"after", "x"}},
          json{{"op", "models.swap"}, {"text", 3}}}) {
        SCOPED_TRACE(question.dump());
        EXPECT_EQ(refusal(question), ErrorCode::invalid_argument);
    }
    EXPECT_THAT(answer({{"op", "status"}}), json({{"catalogue", {{"tracks", 7}}}})) << "it goes on";
}

TEST_F(AdminTest, SaysWhereAPostIs) {
    EXPECT_EQ(state("nobody"), "unknown");
    accepted("waits");
    EXPECT_EQ(state("waits"), "accepted");
    const std::int64_t seq = accepted("analysed");
    running_.on_loop([&] { analysing_ = seq; });
    EXPECT_EQ(state("analysed"), "analysing");
    dead("dead");
    const json letter = answer({{"op", "pick"}, {"tenant", "t"}, {"post_id", "dead"}});
    EXPECT_EQ(letter["state"], "dead");
    EXPECT_EQ(letter["dead"]["code"], "corrupt");
    EXPECT_THAT(told(asked_), ElementsAre("nobody")) << "of MySQL";
    picked("picked", PostState::picked);
    const json pick = answer({{"op", "pick"}, {"tenant", "t"}, {"post_id", "picked"}});
    EXPECT_EQ(pick["state"], "picked");
    EXPECT_EQ(pick["pick"]["mood"], "calm");
}

// The journal has forgotten the post, or the pick of a post that was delivered.
TEST_F(AdminTest, AsksTheDatabaseForAPickThatTheJournalHasNotAnyMore) {
    v1::Pick pick;
    pick.set_mood("dark");
    pick.set_revision(3);
    running_.on_loop([&] { stored_ = std::optional<v1::Pick>(pick); });
    const json found = answer({{"op", "pick"}, {"post_id", "long ago"}});
    EXPECT_EQ(found["state"], "delivered");
    EXPECT_EQ(found["revision"], 3);
    EXPECT_EQ(found["pick"]["mood"], "dark");
    running_.on_loop([&] { stored_ = Error{.code = ErrorCode::unavailable, .message = "nobody there"}; });
    EXPECT_EQ(refusal({{"op", "pick"}, {"post_id", "long ago"}}), ErrorCode::unavailable);
}

// Another host of a shared queue had it.
TEST_F(AdminTest, AsksTheDatabaseForADeadLetterThatNoJournalKeeps) {
    EXPECT_EQ(state("elsewhere"), "unknown");
    v1::DeadLetter letter;
    letter.set_code("corrupt");
    letter.set_revision(3);
    running_.on_loop([&] { died_ = std::optional<v1::DeadLetter>(letter); });
    const json found = answer({{"op", "pick"}, {"tenant", "t"}, {"post_id", "elsewhere"}});
    EXPECT_EQ(found["state"], "dead");
    EXPECT_EQ(found["revision"], 3);
    EXPECT_EQ(found["dead"]["code"], "corrupt");
    running_.on_loop([&] { died_ = Error{.code = ErrorCode::unavailable, .message = "nobody there"}; });
    EXPECT_EQ(refusal({{"op", "pick"}, {"tenant", "t"}, {"post_id", "elsewhere"}}), ErrorCode::unavailable);
}

TEST_F(AdminTest, ListsDeadLettersPageByPage) {
    for (const auto* post_id : {"a", "b", "c"})
        dead(post_id);
    std::vector<std::string> seen;
    json next = 0;
    for (int page = 0; page < 5 && !next.is_null(); ++page) {
        const json result = answer({{"op", "dead.list"}, {"after", next}, {"limit", 2}});
        for (const json& item : result["items"])
            seen.push_back(item["post_id"]);
        next = result["next"];
    }
    EXPECT_THAT(seen, ElementsAre("a", "b", "c"));
    EXPECT_TRUE(next.is_null());
    EXPECT_EQ(answer({{"op", "dead.show"}, {"tenant", "t"}, {"post_id", "b"}})["post"]["user_id"], "u");
    EXPECT_EQ(refusal({{"op", "dead.show"}, {"tenant", "t"}, {"post_id", "x"}}), ErrorCode::not_found);
}

TEST_F(AdminTest, ARetriedLetterWaitsForAnalysisAgain) {
    dead("p");
    EXPECT_EQ(answer({{"op", "dead.retry"}, {"tenant", "t"}, {"post_id", "p"}}), json({{"count", 1}}));
    EXPECT_EQ(state("p"), "accepted");
    EXPECT_THAT(told(forgotten_), ElementsAre("p"));
    EXPECT_EQ(told(resumed_), 1);
    EXPECT_TRUE(exists(folder_.path() / "media" / "of p")) << "it needs its media";
    EXPECT_EQ(refusal({{"op", "dead.retry"}, {"tenant", "t"}, {"post_id", "p"}}), ErrorCode::not_found);
}

TEST_F(AdminTest, DroppedLettersAreGoneWithTheirMedia) {
    dead("a");
    dead("b");
    EXPECT_EQ(answer({{"op", "dead.drop"}, {"all", true}}),
              json({{"count", 2}, {"skipped", 0}, {"next", nullptr}}));
    EXPECT_EQ(state("a"), "unknown");
    EXPECT_THAT(told(forgotten_), ElementsAre("a", "b"));
    EXPECT_TRUE(media_gone("a") && media_gone("b"));
    EXPECT_EQ(answer({{"op", "dead.drop"}, {"all", true}})["count"], 0);
}

// With its workers: what they answer finds no row any more.
TEST_F(AdminTest, ErasesAPostThatIsBeingAnalysed) {
    const std::int64_t seq = accepted("p");
    running_.on_loop([&] { analysing_ = seq; });
    const json erased = answer({{"op", "erase"}, {"tenant", "t"}, {"post_id", "p"}});
    EXPECT_EQ(erased["journal_posts"], 1) << erased;
    EXPECT_EQ(erased["picks"], 1) << erased;
    EXPECT_THAT(told(erased_), ElementsAre("p"));
    EXPECT_EQ(state("p"), "unknown");
    EXPECT_TRUE(media_gone("p"));
    std::promise<Result<bool>> late;
    journal_->submit(Journal::Urgency::internal, 0,
                     [&](JournalStore& store) {
                         late.set_value(store.set_picked(seq, 1, "pick", PostState::picked, 1));
                         return ok_status();
                     },
                     {});
    const auto moved = late.get_future().get();
    ASSERT_TRUE(moved);
    EXPECT_FALSE(*moved) << "the pick that comes late";
}

TEST_F(AdminTest, ErasesWhatAUserPostedAndNothingElse) {
    accepted("mine", "leaver");
    accepted("also mine", "leaver");
    accepted("another's", "stayer");
    const json erased = answer({{"op", "erase"}, {"tenant", "t"}, {"user_id", "leaver"}});
    EXPECT_EQ(erased["journal_posts"], 2) << erased;
    EXPECT_EQ(state("mine"), "unknown");
    EXPECT_EQ(state("another's"), "accepted");
}

// What the journal remembers of a delivery goes when MySQL has said which posts were the user's.
TEST_F(AdminTest, ErasesWhatTheJournalRemembersOfDeliveries) {
    picked("delivered", PostState::delivered);
    accepted("came again");
    running_.on_loop([&] { erases_ = ErasedRows{.picks = 2, .post_ids = {"delivered", "came again"}}; });
    answer({{"op", "erase"}, {"tenant", "t"}, {"user_id", "leaver"}});
    EXPECT_EQ(state("delivered"), "unknown");
    EXPECT_EQ(state("came again"), "accepted");
    running_.on_loop([&] { erases_ = Error{.code = ErrorCode::internal, .message = "no"}; });
    EXPECT_EQ(refusal({{"op", "erase"}, {"tenant", "t"}, {"post_id", "p"}}), ErrorCode::internal);
}

TEST_F(AdminTest, HandsOnWhatOthersDo) {
    EXPECT_EQ(answer({{"op", "models.swap"}, {"text", "new"}, {"caption", ""}}), json({{"swapped", true}}));
    const ModelChange swapped = told(swapped_);
    EXPECT_EQ(swapped.text, "new");
    EXPECT_EQ(swapped.caption, "");
    EXPECT_FALSE(swapped.image);
    EXPECT_EQ(answer({{"op", "catalogue.reload"}}), json({{"tracks", 7}}));
    running_.on_loop([&] { reloads_ = Error{.code = ErrorCode::corrupt, .message = "no"}; });
    EXPECT_EQ(refusal({{"op", "catalogue.reload"}}), ErrorCode::corrupt);
}

}  // namespace
}  // namespace bgm
