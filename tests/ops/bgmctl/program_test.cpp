// bgmctl as people and scripts meet it: exit codes, sentences that help, one JSON document, and a backfill
// that survives being killed.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <limits>
#include <map>
#include <mutex>

#include "tests/ops/bgmctl/child_program.hpp"
#include "tests/ops/bgmctl/stand_in_daemon.hpp"

namespace bgm {
namespace {

struct Finished {
    int exit_code = 0;
    std::string out;
    std::string err;
};

Finished bgmctl(const std::vector<std::string>& arguments) {
    ChildProgram program(BGMCTL_PROGRAM, arguments);
    const int code = program.wait();
    return {code, program.out(), program.err()};
}

class Program : public testing::Test {
 protected:
    std::vector<std::string> here(std::vector<std::string> arguments) {
        for (const std::string& word :
             {std::string("--posts"), daemon_.posts_endpoint(), std::string("--events"),
              daemon_.events_endpoint(), std::string("--admin"), daemon_.admin_endpoint()}) {
            arguments.push_back(word);
        }
        return arguments;
    }

    static v1::Pick pick(const v1::Post& post) {
        v1::Pick made;
        made.set_tenant(post.tenant());
        made.set_post_id(post.post_id());
        made.set_revision(1);
        made.set_mood("calm");
        made.set_confidence(0.6F);
        made.set_valence(post.text().find("good") != std::string::npos ? 0.5F : -0.5F);
        (*made.mutable_modalities())["text"] = 0.75F;
        (*made.mutable_modalities())["image"] = 0.25F;
        v1::Degraded& degraded = *made.add_degraded();
        degraded.set_modality("image");
        degraded.set_asset_id("a0");
        degraded.set_code("corrupt");
        degraded.set_message("ends in the middle");
        v1::PickTrack& track = *made.add_tracks();
        track.set_position(1);
        track.set_title("봄의 노래 🎵");
        track.set_artist("Mendelssohn");
        track.mutable_reason()->set_text("both are calm");
        return made;
    }

    TemporaryFolder folder_;
    StandInDaemon daemon_;
};

// Idea: a script that asked for JSON gets it, whatever is wrong with the rest of the line.
TEST(ProgramOutput, AWrongCommandLineIsAnErrorAsJsonToo) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> lines{
        {{"--json"}, "say what to do; `bgmctl --help` lists the commands"},
        {{"catalogue", "--json"}, "say what to do; `bgmctl catalogue --help` lists the commands"},
        {{"--json", "nothing"}, "there is no command 'nothing'; `bgmctl --help` lists those that there are"},
        {{"catalogue", "shwo", "a", "--json"},
         "there is no command 'catalogue shwo'; `bgmctl catalogue --help` lists those that there are"},
        {{"catalogue", "similar", "--json"},
         "TRACK is required; `bgmctl catalogue similar --help` tells what goes"},
        {{"catalogue", "list", "--limit", "0", "--json"},
         "--limit: Value 0 not in range 1 to 1000000; `bgmctl catalogue list --help` tells what goes"}};
    for (const auto& [line, sentence] : lines) {
        const Finished as_json = bgmctl(line);
        EXPECT_EQ(as_json.exit_code, 2) << sentence;
        EXPECT_EQ(as_json.err, "") << sentence;
        EXPECT_NE(as_json.out.find("\"message\":\"" + sentence + "\""), std::string::npos) << sentence << '\n'
                                                                                           << as_json.out;
        std::vector<std::string> plain = line;
        std::erase(plain, "--json");
        const Finished text = bgmctl(plain);
        EXPECT_EQ(text.exit_code, 2) << sentence;
        EXPECT_EQ(text.out, "") << sentence;
        EXPECT_EQ(text.err, "bgmctl: " + sentence + "\n");
    }
}

TEST(ProgramOutput, ADiskThatIsFullIsAFailure) {
    for (const char* words : {"--version", "--help", "models list --json", "catalogue import --help"}) {
        ChildProgram program("/bin/sh",
                             {"-c", std::string("exec ") + BGMCTL_PROGRAM + " " + words + " > /dev/full"});
        EXPECT_EQ(program.wait(), 1) << words;
        EXPECT_NE(program.err().find("standard output cannot be written"), std::string::npos)
            << program.err();
    }
    ChildProgram reader("/bin/bash",
                        {"-c", std::string("set -o pipefail; ") + BGMCTL_PROGRAM + " --help | true"});
    EXPECT_EQ(reader.wait(), 0) << reader.err();
    EXPECT_EQ(reader.err(), "");
}

TEST_F(Program, WrongCommandLinesExitWith2AndASentence) {
    const std::string image = folder_.write("a.jpg", "x");
    const std::vector<std::pair<std::vector<std::string>, std::string>> mistakes{
        {{}, "say what to do"},
        {{"pst"}, "no command 'pst'"},
        {{"post"}, "needs something in it"},
        {{"wish", " "}, "text: is empty; say what is wished for"},
        {{"post", "--text"}, "--text"},
        {{"post", "--text", "a", "--colour", "red"}, "--colour"},
        {{"post", "--text", "a", "--priority", "soon"}, "soon"},
        {{"post", "--text", "a", "--tracks", "-1"}, "-1"},
        {{"post", "--text", "\xff"}, "UTF-8"},
        {{"post", "--image", "/none/a.jpg"}, "/none/a.jpg: there is no such file"},
        {{"post", "--image", image, "--audio", "/"}, "/: is not a file"},
        {{"picks"}, "POST_ID"},
        {{"dead"}, "bgmctl dead --help"},
        {{"dead", "retry"}, "--all"},
        {{"dead", "drop", "p-1", "--all"}, "--all"},
        {{"backfill"}, "FILE"},
        {{"backfill", "/none/posts.ndjson"}, "/none/posts.ndjson: there is no such file"},
        {{"backfill", image, "--window", "0"}, "window"},
        {{"status", "--mysql-port", "70000"}, "--mysql-port"},
        {{"status", "--config", "/none/bgmd.toml"}, "/none/bgmd.toml"},
        {{"eval", image, "--format", "csv"}, "csv"},
        {{"feedback", "--post", "p", "--track", "t", "--action", "eaten"}, "eaten"},
    };
    for (const auto& [arguments, sentence] : mistakes) {
        const Finished run = bgmctl(arguments);
        EXPECT_EQ(run.exit_code, 2) << sentence << ": " << run.err;
        EXPECT_NE(run.err.find(sentence), std::string::npos) << sentence << " is not in: " << run.err;
        EXPECT_EQ(run.out, "") << sentence;
    }
}

TEST_F(Program, EveryCommandHasHelp) {
    const std::string all = bgmctl({"--help"}).out;
    for (const char* command :
         {"post", "picks", "backfill", "catalogue", "dead", "eval", "db", "status", "feedback", "models"}) {
        EXPECT_NE(all.find(std::string("  ") + command), std::string::npos) << command;
        const Finished run = bgmctl({command, "--help"});
        EXPECT_EQ(run.exit_code, 0) << command;
        EXPECT_NE(run.out.find("Usage: bgmctl"), std::string::npos) << command;
    }
    EXPECT_EQ(bgmctl({"--version"}).exit_code, 0);
}

TEST_F(Program, ADaemonThatIsNotThereIsSaidWithinTheDeadline) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"post", "--text", "a", "--posts", "ipc:///tmp/bgmctl-none"},
          {"post", "--wait", "--text", "a", "--events", "ipc:///tmp/bgmctl-none"},
          {"status", "--admin", "ipc:///tmp/bgmctl-none"},
          {"picks", "p", "--admin", "ipc:///tmp/bgmctl-none"}}) {
        std::vector<std::string> words = arguments;
        words.insert(words.end(), {"--deadline", "0.1"});
        const Finished run = bgmctl(words);
        EXPECT_EQ(run.exit_code, 1);
        EXPECT_NE(run.err.find("ipc:///tmp/bgmctl-none"), std::string::npos) << run.err;
        EXPECT_NE(run.err.find("is bgmd running?"), std::string::npos) << run.err;
    }
    const Finished json =
        bgmctl({"status", "--json", "--admin", "ipc:///tmp/bgmctl-none", "--deadline", "0.1"});
    EXPECT_EQ(nlohmann::json::parse(json.out).at("error").at("code"), "unavailable");
}

TEST_F(Program, PostShowsThePickToAPersonAndToAMachine) {
    daemon_.on_post = [this](const StandInDaemon::ReceivedPost& received) {
        daemon_.publish(pick(received.post));
        return StandInDaemon::accepted(received.post.post_id());
    };
    daemon_.start();
    const std::string image = folder_.write("sea.jpg", "not a jpeg");
    const Finished person = bgmctl(here({"post", "--text", "바다", "--image", image, "--wait"}));
    EXPECT_EQ(person.exit_code, 0) << person.err;
    for (const char* expected : {"calm", "60%", "text", "75%", "sea.jpg: ends in the middle (corrupt)",
                                 "봄의 노래 🎵", "Mendelssohn", "both are calm"}) {
        EXPECT_NE(person.out.find(expected), std::string::npos) << expected << " is not in:\n" << person.out;
    }
    const Finished machine = bgmctl(here({"post", "--text", "바다", "--wait", "--json", "--id", "p-7"}));
    EXPECT_EQ(machine.exit_code, 0) << machine.err;
    const auto document = nlohmann::json::parse(machine.out);
    EXPECT_EQ(document.at("ack").at("post_id"), "p-7");
    EXPECT_EQ(document.at("pick").at("mood"), "calm");
}

TEST_F(Program, ARejectedPostExitsWith1AndNamesTheField) {
    daemon_.on_post = [](const StandInDaemon::ReceivedPost& received) {
        v1::Ack ack;
        ack.set_post_id(received.post.post_id());
        ack.set_status(v1::Ack::REJECTED);
        ack.mutable_error()->set_code("too_large");
        ack.mutable_error()->set_field("text");
        ack.mutable_error()->set_message("has too many bytes");
        return ack;
    };
    daemon_.start();
    const Finished run = bgmctl(here({"post", "--text", "a", "--wait"}));
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.err, "bgmctl: rejected: text: has too many bytes (too_large)\n");
    const Finished json = bgmctl(here({"post", "--text", "a", "--json"}));
    EXPECT_EQ(json.exit_code, 1);
    EXPECT_EQ(nlohmann::json::parse(json.out).at("ack").at("error").at("field"), "text");
}

TEST_F(Program, ABusyDaemonIsQuotedWhereItSaysWhy) {
    std::atomic<bool> says_why = true;
    daemon_.on_post = [&](const StandInDaemon::ReceivedPost& received) {
        v1::Ack ack;
        ack.set_post_id(received.post.post_id());
        ack.set_status(v1::Ack::BUSY);
        ack.set_retry_after_ms(3'600'000);
        if (says_why) {
            ack.mutable_error()->set_code("unavailable");
            ack.mutable_error()->set_message("the disk is full");
        }
        return ack;
    };
    daemon_.start();
    const Finished why = bgmctl(here({"post", "--text", "a"}));
    EXPECT_EQ(why.exit_code, 1);
    EXPECT_EQ(
        why.err,
        "bgmctl: the daemon is busy and did not take the post: the disk is full (unavailable); try again "
        "in 3600000 ms, or see `bgmctl status`\n");
    says_why = false;
    EXPECT_EQ(bgmctl(here({"post", "--text", "a"})).err,
              "bgmctl: the daemon is busy and did not take the post; try again in 3600000 ms, or see `bgmctl "
              "status`\n");
}

TEST_F(Program, StatusShowsWhatIsMissingAndExitsWith1) {
    std::atomic<bool> ready = false;
    daemon_.on_admin = [&](const nlohmann::json& question) {
        EXPECT_EQ(question.at("op"), "status");
        return nlohmann::json{{"version", "0.1"},
                              {"uptime_s", 3725},
                              {"ready", ready.load()},
                              {"missing", {"no text worker"}},
                              {"workers",
                               {{{"name", "image-0"},
                                 {"modality", "image"},
                                 {"modalities", {"image", "video"}},
                                 {"pid", 7},
                                 {"state", "ready"},
                                 {"rss_bytes", 104857600}}}},
                              {"mysql", {{"state", "down"}, {"error", "refused"}}},
                              {"from the future", {1, 2}}};
    };
    daemon_.start();
    const Finished missing = bgmctl(here({"status"}));
    EXPECT_EQ(missing.exit_code, 1);
    for (const char* expected : {"NOT ready: no text worker", "up for 1 h 2 m", "image-0", "image+video",
                                 "100 MiB", "down: refused"}) {
        EXPECT_NE(missing.out.find(expected), std::string::npos) << expected << " is not in:\n"
                                                                 << missing.out;
    }
    ready = true;
    EXPECT_EQ(bgmctl(here({"status"})).exit_code, 0);
}

TEST_F(Program, StatusOfAllSaysThatMySqlDoesNotAnswer) {
    daemon_.on_admin = [](const nlohmann::json&) {
        return nlohmann::json{
            {"hosts", {{{"name", "gamma"}, {"state", "unknown"}, {"seen_ms", 12'200}, {"ready", true}}}},
            {"mysql", {{"silent_ms", 12'000}, {"error", "gone away"}}}};
    };
    daemon_.start();
    const Finished run = bgmctl(here({"status", "--all"}));
    EXPECT_EQ(run.exit_code, 1);
    for (const char* expected : {"unknown", "MySQL has not said for 12 s", "gone away"})
        EXPECT_NE(run.out.find(expected), std::string::npos) << expected << " is not in:\n" << run.out;
}

TEST_F(Program, ModelsAreSwappedByThePathThatTheDaemonSees) {
    std::mutex mutex;
    nlohmann::json asked;
    daemon_.on_admin = [&](const nlohmann::json& question) {
        const std::lock_guard lock(mutex);
        asked = question;
        if (question.value("image", "") == "broken") {
            return nlohmann::json{
                {"error",
                 {{"code", "corrupt"}, {"field", ""}, {"message", "worker-image-0-g2 ended: cut short"}}}};
        }
        return nlohmann::json{{"workers", {"worker-text-0-g2"}}, {"models", nlohmann::json::object()}};
    };
    daemon_.start();
    const Finished swapped = bgmctl(here({"models", "swap", "--dir", "somewhere", "--image", "my-clip",
                                          "--text", "./a/../b", "--caption", ""}));
    EXPECT_EQ(swapped.exit_code, 0) << swapped.err;
    EXPECT_NE(swapped.out.find("worker-text-0-g2"), std::string::npos);
    EXPECT_NE(swapped.out.find("bgmd.toml"), std::string::npos) << "it is not for ever";
    {
        const std::lock_guard lock(mutex);
        const auto current = std::filesystem::current_path();
        EXPECT_EQ(asked, (nlohmann::json{{"op", "models.swap"},
                                         {"dir", (current / "somewhere").string()},
                                         {"image", "my-clip"},
                                         {"text", (current / "b").string()},
                                         {"caption", ""}}));
    }
    const Finished failed = bgmctl(here({"models", "swap", "--image", "broken"}));
    EXPECT_EQ(failed.exit_code, 1);
    EXPECT_NE(failed.err.find("cut short"), std::string::npos);
    const Finished again = bgmctl(here({"--json", "models", "swap"}));
    EXPECT_EQ(nlohmann::json::parse(again.out).at("workers").at(0), "worker-text-0-g2");
}

TEST_F(Program, DeadLettersAreListedRetriedAndDropped) {
    std::mutex mutex;
    nlohmann::json asked;
    const auto last_question = [&] {
        const std::lock_guard lock(mutex);
        return asked;
    };
    daemon_.on_admin = [&](const nlohmann::json& question) {
        const std::lock_guard lock(mutex);
        asked = question;
        if (question.at("op") == "dead.list") {
            return nlohmann::json{{"items",
                                   {{{"tenant", "shop"},
                                     {"post_id", "p-1"},
                                     {"code", "corrupt"},
                                     {"message", "no \x1b[2J frame"}}}},
                                  {"next", 12}};
        }
        if (question.value("post_id", "") == "none") {
            return nlohmann::json{
                {"error", {{"code", "not_found"}, {"field", "post_id"}, {"message", "is not dead"}}}};
        }
        if (question.value("op", "") == "dead.retry" && question.contains("all")) {
            const std::uint64_t after =
                question.contains("after") ? question["after"].get<std::uint64_t>() : 0;
            return nlohmann::json{{"count", 1'000},
                                  {"skipped", 2},
                                  {"next", after < 200 ? nlohmann::json(after + 100) : nlohmann::json()}};
        }
        return nlohmann::json{{"count", 1}};
    };
    daemon_.start();
    const Finished list = bgmctl(here({"dead", "list", "--tenant", "shop", "--after", "7"}));
    EXPECT_EQ(list.exit_code, 0) << list.err;
    EXPECT_NE(list.out.find("p-1"), std::string::npos);
    EXPECT_EQ(list.out.find('\x1b'), std::string::npos) << "what a stranger wrote drives the terminal";
    EXPECT_NE(list.out.find("bgmctl dead list --after 12"), std::string::npos);
    EXPECT_EQ(last_question().at("after"), 7);

    EXPECT_EQ(bgmctl(here({"dead", "retry", "p-1", "--tenant", "shop"})).exit_code, 0);
    EXPECT_EQ(last_question(),
              (nlohmann::json{{"op", "dead.retry"}, {"tenant", "shop"}, {"post_id", "p-1"}}));
    EXPECT_EQ(bgmctl(here({"dead", "drop", "--all"})).out, "1 dead letter dropped\n");
    EXPECT_EQ(last_question(), (nlohmann::json{{"op", "dead.drop"}, {"all", true}}));
    const Finished all = bgmctl(here({"dead", "retry", "--all"}));
    EXPECT_EQ(
        all.out,
        "3,000 dead letters will be tried again\n6 cannot be retried: `bgmctl dead retry POST_ID` of one"
        " says why\n");
    EXPECT_EQ(last_question().at("after"), 200);
    const Finished none = bgmctl(here({"dead", "drop", "none"}));
    EXPECT_EQ(none.exit_code, 1);
    EXPECT_NE(none.err.find("post_id: is not dead (not_found)"), std::string::npos) << none.err;
}

/// A daemon that takes posts and counts how often each was stored; a test can wait until it has so many.
class Store {
 public:
    std::optional<v1::Ack> operator()(const StandInDaemon::ReceivedPost& received) {
        const std::lock_guard lock(mutex_);
        if (stored_.size() >= posts_max_) return std::nullopt;
        v1::Ack ack = StandInDaemon::accepted(received.post.post_id());
        if (++stored_[received.post.post_id()] > 1) ack.set_status(v1::Ack::DUPLICATE);
        grown_.notify_all();
        return ack;
    }
    /// Once it has so many it answers nobody.
    void falls_silent_at(std::size_t posts) {
        const std::lock_guard lock(mutex_);
        posts_max_ = posts;
    }
    bool wait_for(std::size_t posts) {
        std::unique_lock lock(mutex_);
        return grown_.wait_for(lock, std::chrono::seconds(60), [&] { return stored_.size() >= posts; });
    }
    std::size_t size() {
        const std::lock_guard lock(mutex_);
        return stored_.size();
    }

 private:
    std::mutex mutex_;
    std::condition_variable grown_;
    std::map<std::string, int> stored_;
    std::size_t posts_max_ = std::numeric_limits<std::size_t>::max();
};

TEST_F(Program, ABackfillThatIsKilledAgainAndAgainEndsWithEveryPostStored) {
    constexpr int kPosts = 30'000;
    std::string text;
    for (int i = 0; i < kPosts; ++i) {
        text += i % 1000 == 500 ? "broken line\n"
                                : R"({"post_id": "p-)" + std::to_string(i) + R"(", "text": "x"})" + "\n";
    }
    const std::string file = folder_.write("posts.ndjson", text);
    Store store;
    daemon_.on_post = [&](const auto& received) { return store(received); };
    daemon_.start();
    const auto arguments = here({"backfill", file, "--resume", "--json"});
    for (const std::size_t posts : {4000U, 8000U, 12'000U}) {
        store.falls_silent_at(posts);  // for the run not to end before it is killed
        ChildProgram run(BGMCTL_PROGRAM, arguments);
        ASSERT_TRUE(store.wait_for(posts)) << run.err();
        run.signal(SIGKILL);
        EXPECT_EQ(run.wait(), -1);
    }
    store.falls_silent_at(kPosts);
    const Finished last = bgmctl(arguments);
    EXPECT_EQ(last.exit_code, 1) << "lines were rejected: " << last.err;
    const auto report = nlohmann::json::parse(last.out);
    EXPECT_EQ(report.at("complete"), true);
    EXPECT_EQ(report.at("lines"), kPosts);
    EXPECT_EQ(report.at("rejected"), 30);
    EXPECT_EQ(report.at("accepted").get<int>() + report.at("duplicate").get<int>(), kPosts - 30);
    EXPECT_EQ(store.size(), kPosts - 30u);
    const std::string rejected = folder_.read("posts.ndjson.rejected.ndjson");
    EXPECT_EQ(std::count(rejected.begin(), rejected.end(), '\n'), 30)
        << "each bad line once, however often it was read";
}

TEST_F(Program, CtrlCEndsABackfillCleanly) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) {
        text += R"({"post_id": "p-)" + std::to_string(i) + R"(", "text": "x"})" + "\n";
    }
    const std::string file = folder_.write("posts.ndjson", text);
    Store store;
    daemon_.on_post = [&](const auto& received) { return store(received); };
    daemon_.start();
    ChildProgram run(BGMCTL_PROGRAM, here({"backfill", file, "--rate", "2000"}));
    ASSERT_TRUE(store.wait_for(500)) << run.err();
    run.signal(SIGINT);
    EXPECT_EQ(run.wait(), 1);
    EXPECT_NE(run.err().find("bgmctl backfill " + file + " --resume"), std::string::npos) << run.err();
    EXPECT_EQ(run.err().find('\r'), std::string::npos) << "no progress bar where there is no terminal";
    const auto checkpoint = nlohmann::json::parse(folder_.read("posts.ndjson.progress"));
    EXPECT_GE(checkpoint.at("lines_done"), 1);
    EXPECT_LE(checkpoint.at("lines_done").get<std::size_t>(), store.size())
        << "nothing counts that was not stored";
}

TEST_F(Program, EvalComparesWhatComesBackWithTheLabels) {
    // Half of the events are kept back: those picks are asked for.
    std::map<std::string, v1::Pick> picks;
    std::mutex mutex;
    daemon_.on_post = [&](const StandInDaemon::ReceivedPost& received) {
        const std::lock_guard lock(mutex);
        picks[received.post.post_id()] = pick(received.post);
        if (picks.size() % 2 == 0) daemon_.publish(pick(received.post));
        return StandInDaemon::accepted(received.post.post_id());
    };
    daemon_.on_admin = [&](const nlohmann::json& question) {
        const std::lock_guard lock(mutex);
        return nlohmann::json{{"state", "delivered"},
                              {"revision", 1},
                              {"pick", nlohmann::json::parse(to_json(picks.at(question.at("post_id"))))}};
    };
    daemon_.start();
    const std::string reviews =
        folder_.write("reviews.tsv", "rating\ttext\n10\tgood\n1\tbad\n9\tgood too\n2\tnot good\n");
    const Finished polarity = bgmctl(here({"eval", reviews, "--format", "nsmc", "--json"}));
    ASSERT_EQ(polarity.exit_code, 0) << polarity.err;
    const auto figures = nlohmann::json::parse(polarity.out);
    EXPECT_EQ(figures.at("answered"), 4);
    EXPECT_DOUBLE_EQ(figures.at("polarity_accuracy"), 0.75);
    EXPECT_TRUE(figures.at("top1").is_null());

    const std::string map = folder_.write("label_to_mood13.tsv",
                                          "dataset\tlabel\tmoods\tvalence\tarousal\n"
                                          "tweeteval_emotion\toptimism\tcalm;joyful\t0.6\t0.1\n"
                                          "tweeteval_emotion\tanger\tindignant\t-0.6\t0.7\n"
                                          "tweeteval_emotion\tjoy\t-\t0\t0\n");
    const std::string tweets =
        folder_.write("tweets.tsv", "label\ttext\noptimism\tgood\nanger\tbad\noptimism\tgood\njoy\tmeh\n");
    const Finished moods = bgmctl(here({"eval", tweets, "--format", "tweets", "--json"}));
    ASSERT_EQ(moods.exit_code, 0) << moods.err;
    const auto top1 = nlohmann::json::parse(moods.out);
    EXPECT_EQ(top1.at("rows_with_moods"), 3) << "joy means no mood in this map";
    EXPECT_DOUBLE_EQ(top1.at("top1"), 2.0 / 3);
    EXPECT_EQ(top1.at("moods").at("calm").at("predicted"), 3);
}

}  // namespace
}  // namespace bgm
