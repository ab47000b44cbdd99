// `bgmctl models` against a server that cuts, lies, redirects and changes: what is put in place was read and
// found right, what is right stays, and what has arrived is not fetched twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "schemas/model_lock.hpp"
#include "schemas/network_packages.hpp"
#include "schemas/safetensors.hpp"
#include "tests/ops/bgmctl/child_program.hpp"
#include "tests/ops/bgmctl/stand_in_hub.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

struct Finished {
    int exit_code = 0;
    std::string out, err;
};

std::string weights(char fill) {
    return write_safetensors(
        {{.name = "w", .dtype = "U8", .shape = {200'000}, .data = std::string(200'000, fill)}}, {});
}

class Models : public testing::Test {
 protected:
    /// A list of one model: config.json (small, pinned), model.safetensors (large), vocab.txt (small,
    /// unpinned).
    void write_list(bool weights_pinned, const std::string& revision = "r1") {
        const auto pin = [](const std::string& bytes) {
            return "bytes = " + std::to_string(bytes.size()) + "\nsha256 = '" + sha256_text(bytes) + "'\n";
        };
        list_ = folder_.write(
            "models.toml",
            "[[model]]\nname = 'm'\nrepository = 'o/m'\nrevision = '" + revision +
                "'\nlicence = 'MIT'\npurpose = 'tests'\n[[model.file]]\npath = 'config.json'\n" +
                pin(config_) + "[[model.file]]\npath = 'sub/model.safetensors'\nrevision = 'refs/pr/2'\n" +
                (weights_pinned ? pin(weights_) : "") + "[[model.file]]\npath = 'vocab.txt'\n");
    }
    void SetUp() override {
        write_list(true);
        hub_.put("o/m/resolve/r1/config.json", {.bytes = config_});
        hub_.put(kWeights, {.bytes = weights_, .large = true});
        hub_.put("o/m/resolve/r1/vocab.txt", {.bytes = vocab_});
    }

    std::vector<std::string> words(std::vector<std::string> arguments) const {
        const bool looks = arguments.at(0) == "list" || arguments.at(0) == "verify";
        if (looks && std::ranges::find(arguments, "--packages") == arguments.end())
            arguments.insert(arguments.end(), {"--packages", "none"});
        arguments.insert(arguments.begin(), "models");
        arguments.insert(arguments.end(), {"--dir", folder_.file("models"), "--manifest", list_});
        return arguments;
    }
    Finished run(std::vector<std::string> arguments) const {
        ChildProgram program(BGMCTL_PROGRAM, words(std::move(arguments)));
        const int code = program.wait();
        return {code, program.out(), program.err()};
    }
    Finished pull(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"pull", "m", "--endpoint", hub_.endpoint()});
        return run(std::move(more));
    }

    std::string path(const std::string& name) const { return folder_.file("models/m/" + name); }
    bool there(const std::string& name) const { return fs::exists(path(name)); }
    std::string content(const std::string& name) const { return folder_.read("models/m/" + name); }
    void put(const std::string& name, const std::string& bytes) const {
        fs::create_directories(fs::path(path(name)).parent_path());
        folder_.write("models/m/" + name, bytes);
    }
    std::string state() const { return json::parse(run({"list", "--json"}).out)["models"][0]["state"]; }
    void expect_all_there() const {
        EXPECT_EQ(content("config.json"), config_);
        EXPECT_TRUE(content("sub/model.safetensors") == weights_);
        EXPECT_EQ(content("vocab.txt"), vocab_);
        EXPECT_FALSE(there("sub/model.safetensors.partial"));
        EXPECT_FALSE(there("sub/model.safetensors.partial.etag"));
        EXPECT_EQ(state(), "verified");
    }
    std::size_t asked_for(const std::string& method, const std::string& end) {
        std::size_t count = 0;
        for (const auto& request : hub_.requests()) {
            if (request.method == method && request.path.ends_with(end)) ++count;
        }
        return count;
    }

    static constexpr const char* kWeights = "o/m/resolve/refs%2Fpr%2F2/sub/model.safetensors";
    static constexpr const char* kFile = "sub/model.safetensors";
    const std::string config_ = R"({"model_type": "clip"})";
    const std::string vocab_ = "a\nb\n";
    const std::string weights_ = weights('w');
    TemporaryFolder folder_;
    StandInHub hub_;
    std::string list_;
};

TEST_F(Models, ArePulledVerifiedAndNotFetchedAgain) {
    EXPECT_EQ(state(), "absent");
    const Finished first = pull();
    ASSERT_EQ(first.exit_code, 0) << first.err;
    EXPECT_THAT(first.out, HasSubstr("config.json: 22 B fetched, sha256 as pinned"));
    EXPECT_THAT(first.out, HasSubstr("vocab.txt: 4 B fetched, sha256 as the server announced it"));
    EXPECT_EQ(first.err.find('\r'), std::string::npos) << "no progress bar where there is no terminal";
    expect_all_there();
    const auto lock = read_model_lock(path(""));
    ASSERT_TRUE(lock && *lock);
    EXPECT_EQ((*lock)->find("vocab.txt")->sha256, sha256_text(vocab_));
    EXPECT_EQ((*lock)->find("vocab.txt")->source, DigestSource::server);
    EXPECT_EQ((*lock)->find(kFile)->revision, "refs/pr/2");
    EXPECT_EQ((*lock)->find(kFile)->source, DigestSource::manifest);

    hub_.forget_requests();
    const auto written = fs::last_write_time(path("bgm-lock.json"));
    const Finished again = pull({"--json"});
    EXPECT_EQ(again.exit_code, 0) << again.err;
    EXPECT_EQ(fs::last_write_time(path("bgm-lock.json")), written) << "nothing to write, nothing written";
    EXPECT_TRUE(hub_.requests().empty()) << "list and lock say all there is to know";
    const json report = json::parse(again.out);
    for (const json& file : report["models"][0]["files"])
        EXPECT_EQ(file["fetched"], false);
    EXPECT_EQ(run({"verify", "m", "--strict"}).exit_code, 0);
}

TEST_F(Models, ACutConnectionGoesOnWhereItEnded) {
    hub_.put(kWeights, {.bytes = weights_, .large = true, .cuts = {50'000, 60'000}});
    const Finished run = pull();
    ASSERT_EQ(run.exit_code, 0) << run.err;
    expect_all_there();
    std::vector<std::string> ranges;
    for (const auto& request : hub_.requests()) {
        if (!request.path.starts_with("/store/")) continue;
        ranges.push_back(request.headers.contains("range") ? request.headers.at("range") : "");
        if (ranges.size() > 1) {
            EXPECT_EQ(request.headers.at("if-range"), "\"store-1\"");
        }
    }
    EXPECT_EQ(ranges, (std::vector<std::string>{"", "bytes=50000-", "bytes=110000-"}));
}

TEST_F(Models, AnInterruptedPullGoesOnInTheNextRun) {
    hub_.put(kWeights, {.bytes = weights_, .large = true, .held_after = 70'000});
    ChildProgram program(BGMCTL_PROGRAM, words({"pull", "m", "--endpoint", hub_.endpoint()}));
    ASSERT_TRUE(hub_.wait_until_held()) << program.err();
    const std::string partial = path("sub/model.safetensors.partial");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    std::error_code not_yet;
    while ((!fs::exists(partial) || fs::file_size(partial, not_yet) != 70'000) &&
           std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
    }
    EXPECT_EQ(state(), "partial");
    program.signal(SIGINT);
    EXPECT_EQ(program.wait(), 1);
    EXPECT_THAT(program.err(), HasSubstr("stopped; `bgmctl models pull m` goes on from there"));
    ASSERT_EQ(fs::file_size(partial), 70'000U);
    EXPECT_FALSE(there(kFile));
    EXPECT_FALSE(check_model_folder(path("")));

    hub_.release();
    hub_.put(kWeights, {.bytes = weights_, .large = true});
    hub_.forget_requests();
    const Finished next = pull();
    ASSERT_EQ(next.exit_code, 0) << next.err;
    expect_all_there();
    EXPECT_EQ(asked_for("GET", kFile), 2U) << "the hub, then the store";
    for (const auto& request : hub_.requests()) {
        if (request.path.ends_with(kFile)) {
            EXPECT_EQ(request.headers.at("range"), "bytes=70000-");
        }
    }
}

TEST_F(Models, AFileThatChangedMeanwhileBeginsAnew) {
    put("sub/model.safetensors.partial", weights('x').substr(0, 50'000));
    put("sub/model.safetensors.partial.etag", "\"store-0\"\n");
    const Finished run = pull();
    ASSERT_EQ(run.exit_code, 0) << run.err;
    expect_all_there();
    EXPECT_EQ(asked_for("GET", kFile), 2U) << "the hub, then the store, which sent all of it at once";
}

TEST_F(Models, PartsThatDoNotBelongTogetherAreFetchedOnceMore) {
    // Nothing says of which version these bytes are, so the store goes on with them.
    put("sub/model.safetensors.partial", weights('x').substr(0, 50'000));
    const Finished run = pull();
    ASSERT_EQ(run.exit_code, 0) << run.err;
    expect_all_there();
    EXPECT_EQ(asked_for("GET", kFile), 4U);
}

TEST_F(Models, AWrongDigestReplacesNothing) {
    ASSERT_EQ(pull().exit_code, 0);
    // The same size and an honest store, but not what is pinned; the hub does not even know it.
    const std::string other = weights('o');
    hub_.put(kWeights, {.bytes = other, .large = true, .announced_sha256 = sha256_text(weights_)});
    fs::remove(path("config.json"));
    put(kFile, weights_.substr(0, 1000));
    const Finished run = pull();
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.err, HasSubstr("has the digest " + sha256_text(other)));
    EXPECT_THAT(run.err, HasSubstr("expected is " + sha256_text(weights_)));
    EXPECT_THAT(run.err, HasSubstr("(corrupt)"));
    EXPECT_FALSE(there("sub/model.safetensors.partial"));
    EXPECT_EQ(content(kFile), weights_.substr(0, 1000)) << "it was not good, but it is not ours to remove";
    EXPECT_EQ(content("config.json"), config_) << "what arrived before is kept";
    EXPECT_EQ(content("vocab.txt"), vocab_);
}

TEST_F(Models, AnotherAnnouncementIsRefusedBeforeAnythingIsFetched) {
    const std::string digest = sha256_text("something else");
    put("sub/model.safetensors.partial", weights_.substr(0, 50'000));
    hub_.put(kWeights, {.bytes = weights_, .large = true, .announced_sha256 = digest});
    Finished run = pull();
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.err, HasSubstr("announces a file with the sha256 " + digest));
    hub_.put(kWeights, {.bytes = weights_, .large = true, .announced_size = 7});
    run = pull();
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.err, HasSubstr("announces 7 bytes, expected are " + std::to_string(weights_.size())));
    hub_.put(kWeights, {.bytes = weights_, .large = true, .content_length = weights_.size() + 1});
    fs::remove(path("sub/model.safetensors.partial"));
    run = pull();
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.err, HasSubstr("announces " + std::to_string(weights_.size() + 1) + " bytes"));
    EXPECT_FALSE(there("sub/model.safetensors.partial"));
}

TEST_F(Models, AServerThatSendsOtherThanItSaysIsNotBelieved) {
    // More than there can be: ended as soon as it is seen.
    hub_.put(kWeights, {.bytes = weights_, .large = true, .chunked_without_end = true});
    Finished run = pull();
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.err, HasSubstr("sends more than the " + std::to_string(weights_.size()) + " bytes"));
    fs::remove(path("sub/model.safetensors.partial"));
    // Less, again and again.
    hub_.put(kWeights, {.bytes = weights_, .large = true, .cuts = {1000, 0}});
    run = pull();
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.err, HasSubstr("broke"));
    EXPECT_THAT(run.err, HasSubstr("1000 of " + std::to_string(weights_.size()) + " bytes are here"));
    EXPECT_EQ(fs::file_size(path("sub/model.safetensors.partial")), 1000U);
    EXPECT_EQ(state(), "partial");
}

TEST_F(Models, RedirectsLeadToThisHostOrToHttpsOnly) {
    hub_.put(kWeights, {.bytes = weights_, .large = true, .redirect = "http://192.0.2.1/model.safetensors"});
    Finished run = pull();
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.err, HasSubstr("http://192.0.2.1/model.safetensors"));
    EXPECT_THAT(run.err, HasSubstr("only https may lead"));
    hub_.put(kWeights, {.bytes = weights_, .large = true, .redirect = "file:///etc/passwd"});
    run = pull();
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.err, HasSubstr("only https may lead"));
    hub_.put(kWeights, {.bytes = weights_, .large = true, .redirect = std::string("/") + kWeights});
    EXPECT_THAT(pull().err, HasSubstr("without end"));
    EXPECT_FALSE(there("sub/model.safetensors.partial"));
}

TEST_F(Models, ATokenGoesToTheServerAndNowhereElse) {
    StandInHub store;
    store.put("store/w", {.bytes = weights_});
    hub_.put(
        kWeights,
        {.bytes = weights_, .large = true, .redirect = store.endpoint() + "/store/w", .needs_token = true});
    store.put("w", {.bytes = weights_, .large = true});
    const Finished without = pull();
    EXPECT_EQ(without.exit_code, 1);
    EXPECT_THAT(without.err, HasSubstr("401"));
    EXPECT_THAT(without.err, HasSubstr("--token-file"));
    const Finished with = pull({"--token-file", folder_.write("token", "hf_secret\n")});
    ASSERT_EQ(with.exit_code, 0) << with.err;
    expect_all_there();
    EXPECT_EQ(hub_.requests().back().headers.at("authorization"), "Bearer hf_secret");
    ASSERT_FALSE(store.requests().empty());
    for (const auto& request : store.requests())
        EXPECT_FALSE(request.headers.contains("authorization"));
    EXPECT_THAT(with.out + with.err, Not(HasSubstr("hf_secret")));
}

TEST_F(Models, UnpinnedWeightsAreWhatTheServerAnnounces) {
    write_list(false);
    hub_.put(kWeights, {.bytes = weights('o'), .large = true, .announced_sha256 = sha256_text(weights_)});
    Finished run = pull();
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.err, HasSubstr("(by the server)"));
    EXPECT_FALSE(there(kFile));
    hub_.put(kWeights, {.bytes = weights_, .large = true});
    ASSERT_EQ(pull().exit_code, 0);
    expect_all_there();

    // From now on the lock holds the server to its word.
    put(kFile, weights('o'));
    const Finished verified = this->run({"verify", "m"});
    EXPECT_EQ(verified.exit_code, 1);
    EXPECT_THAT(verified.out, HasSubstr("m: failed"));
    EXPECT_THAT(verified.out, HasSubstr("expected is " + sha256_text(weights_) + " (by the folder's lock)"));
    hub_.put(kWeights, {.bytes = weights('o'), .large = true});
    run = pull();
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.err, HasSubstr("announces a file with the sha256"));
}

TEST_F(Models, TheLockOfAnotherRevisionSaysNothing) {
    ASSERT_EQ(pull().exit_code, 0);
    write_list(true, "r2");
    EXPECT_EQ(state(), "unverified");
    EXPECT_THAT(run({"verify", "m"}).out, HasSubstr("vocab.txt neither the list of models nor a lock"));
    hub_.put("o/m/resolve/r2/config.json", {.bytes = config_});
    hub_.put("o/m/resolve/r2/vocab.txt", {.bytes = "c\n"});
    const Finished next = pull();
    ASSERT_EQ(next.exit_code, 0) << next.err;
    EXPECT_EQ(content("vocab.txt"), "c\n");
    EXPECT_EQ(state(), "verified");
}

TEST_F(Models, SmallFilesMayBeSentOnWithinTheServer) {
    hub_.put("o/m/resolve/r1/vocab.txt", {.bytes = vocab_, .redirect = "/cache/vocab.txt"});
    hub_.put("cache/vocab.txt", {.bytes = vocab_});
    const Finished run = pull();
    ASSERT_EQ(run.exit_code, 0) << run.err;
    expect_all_there();
}

TEST_F(Models, WhatIsNoWeightFileIsNotPutInPlaceWhateverItsDigest) {
    write_list(false);
    hub_.put(kWeights, {.bytes = std::string(1000, '{'), .large = true});
    const Finished run = pull();
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.err, HasSubstr("safetensors"));
    EXPECT_FALSE(there(kFile));
}

TEST_F(Models, OffLineIsSaidWithAWayOut) {
    const std::string closed = [] {
        const StandInHub gone;
        return gone.endpoint();
    }();
    const Finished run = this->run({"pull", "--all", "--endpoint", closed + "/"});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.err, HasSubstr("cannot reach 127.0.0.1"));
    EXPECT_THAT(run.err, HasSubstr("copy " + folder_.file("models/m") + " from a machine"));
    const Finished machine = this->run({"pull", "m", "--endpoint", closed, "--json"});
    EXPECT_EQ(machine.exit_code, 1);
    EXPECT_EQ(json::parse(machine.out)["error"]["code"], "unavailable");
}

TEST_F(Models, ADiskThatIsTooSmallIsSaidBeforeAnythingIsFetched) {
    list_ = folder_.write(
        "models.toml",
        "[[model]]\nname = 'm'\nrepository = 'o/m'\nrevision = 'r1'\nlicence = 'MIT'\npurpose = ''\n"
        "[[model.file]]\npath = 'config.json'\nbytes = 1125899906842624\nsha256 = '" +
            std::string(64, '0') + "'\n");
    const Finished run = pull();
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.err, HasSubstr("1,125,899,906.8 MB are to be fetched"));
    EXPECT_THAT(run.err, HasSubstr("resource_exhausted"));
    EXPECT_TRUE(hub_.requests().empty());
}

TEST_F(Models, AFolderCopiedByHandIsVerifiedAsFarAsAnybodyKnows) {
    put("config.json", config_);
    put(kFile, weights_);
    put("vocab.txt", vocab_);
    EXPECT_EQ(state(), "unverified");
    Finished run = this->run({"verify"});
    EXPECT_EQ(run.exit_code, 0) << run.out;
    EXPECT_THAT(run.out, HasSubstr("m: unpinned, 3 files"));
    EXPECT_THAT(run.out, HasSubstr("vocab.txt neither the list of models nor a lock"));
    EXPECT_EQ(this->run({"verify", "--strict"}).exit_code, 1);
    EXPECT_TRUE(hub_.requests().empty());

    // Half of it is known to the list, the rest the hub knows: nothing is fetched.
    ASSERT_EQ(pull().exit_code, 0);
    EXPECT_EQ(asked_for("GET", ""), 0U);
    EXPECT_EQ(state(), "verified");
    EXPECT_EQ(this->run({"verify", "--strict"}).exit_code, 0);
}

TEST_F(Models, VerifyFindsWhatIsWrongInEachWay) {
    ASSERT_EQ(pull().exit_code, 0);
    std::string flipped = weights_;
    flipped.back() = 'x';
    std::string header = weights_;
    header[8] = ']';  // instead of the brace that it begins with
    struct Damage {
        const char* file;
        std::string bytes;
        const char* result;
    };
    for (const Damage& damage : {Damage{kFile, flipped, "wrong_digest"},
                                 {kFile, header, "wrong_digest"},
                                 {kFile, weights_ + "x", "wrong_size"},
                                 {"vocab.txt", "a\nc\n", "wrong_digest"},
                                 {"config.json", "{}", "wrong_size"}}) {
        const std::string good = content(damage.file);
        put(damage.file, damage.bytes);
        const Finished run = this->run({"verify", "m", "--json"});
        EXPECT_EQ(run.exit_code, 1) << damage.result;
        const json document = json::parse(run.out);
        EXPECT_EQ(document["ok"], false);
        for (const json& file : document["models"][0]["files"])
            EXPECT_EQ(file["result"], file["path"] == damage.file ? damage.result : "verified");
        put(damage.file, good);
    }
    // A header that is false counts even where nobody knows the digest.
    write_list(false);
    fs::remove(path("bgm-lock.json"));
    put(kFile, header);
    const Finished damaged = this->run({"verify", "m"});
    EXPECT_EQ(damaged.exit_code, 1);
    EXPECT_THAT(damaged.out, HasSubstr("model.safetensors safetensors: "));
    fs::rename(path(kFile), path("sub/model.safetensors.partial"));
    EXPECT_THAT(this->run({"verify", "m"}).out, HasSubstr("is only half downloaded"));
}

TEST_F(Models, WrongCommandLinesExitWith2) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> mistakes{
        {{"pull"}, "--all"},
        {{"pull", "m", "--all"}, "--all"},
        {{"pull", "nobody"}, "there are: m"},
        {{"verify", "nobody"}, "there are: m"},
        {{"pull", "m", "--endpoint", "http://192.0.2.1"}, "use https"},
        {{"pull", "m", "--endpoint", "huggingface"}, "is no address"},
        {{"pull", "m", "--endpoint", "ftp://127.0.0.1"}, "is no address"},
        {{"pull", "m", "--token-file", "/none/token"}, "/none/token"},
        {{"list", "--manifest", "/none/models.toml"}, "--manifest"},
    };
    for (const auto& [arguments, says] : mistakes) {
        const Finished run = this->run(arguments);
        EXPECT_EQ(run.exit_code, 2) << says << ": " << run.err;
        EXPECT_THAT(run.err, HasSubstr(says));
        EXPECT_EQ(run.out, "") << says;
    }
    const Finished nothing = this->run({"verify"});
    EXPECT_EQ(nothing.exit_code, 1);
    EXPECT_THAT(nothing.err, HasSubstr("no model is here"));
}

// A file of the right size and other bytes is what only reading finds.
TEST_F(Models, VerifyReadsThePackagesOfNpmToo) {
    const fs::path packages = folder_.file("packages");
    const auto& package = network_packages().front();
    const auto verify = [&](std::vector<std::string> more) {
        more.insert(more.begin(), "verify");
        more.insert(more.end(), {"--packages", packages.string()});
        return run(std::move(more));
    };
    EXPECT_THAT(verify({}).err, HasSubstr("no model is here"));
    EXPECT_EQ(verify({std::string(package.name)}).exit_code, 1) << "named, and not there";
    for (const NetworkFile& file : package.files) {
        fs::create_directories((packages / file.path).parent_path());
        std::ofstream(packages / file.path) << std::string(file.bytes, 'x');
    }
    const Finished listed = run({"list", "--packages", packages.string(), "--json"});
    EXPECT_EQ(json::parse(listed.out).at("packages").at(0).at("state"), "installed") << "by size";
    const Finished wrong = verify({});
    EXPECT_EQ(wrong.exit_code, 1);
    for (const NetworkFile& file : package.files)
        EXPECT_THAT(wrong.out, HasSubstr(std::string(file.path)));
    const json read = json::parse(verify({"--json"}).out);
    EXPECT_EQ(read.at("ok"), false);
    EXPECT_EQ(read.at("packages").at(0).at("name"), package.name);
    EXPECT_EQ(read.at("packages_dir"), packages.string());
    fs::resize_file(packages / package.files.back().path, 7);
    EXPECT_THAT(run({"list", "--packages", packages.string()}).out,
                HasSubstr(std::string(package.files.back().path) + " has 7 bytes, not "));
    EXPECT_THAT(run({"pull", std::string(package.name)}).err, HasSubstr("npm ci"));
}

TEST_F(Models, PackagesLieWhereTheDaemonsConfigurationSays) {
    const std::string config = folder_.write("bgmd.toml", "[models]\npackages_dir = '/of/the/daemon'\n");
    ChildProgram program(BGMCTL_PROGRAM,
                         {"--config", config, "--json", "models", "list", "--dir", folder_.file("models")});
    EXPECT_EQ(program.wait(), 0) << program.err();
    EXPECT_EQ(json::parse(program.out()).at("packages_dir"), "/of/the/daemon");
}

TEST_F(Models, VerifyFindsTheInstalledPackagesRight) {
    const fs::path packages = BGM_SOURCE_DIR "/data/packages/node_modules";
    if (!fs::exists(packages)) GTEST_SKIP() << "the packages are not installed: ops/install-networks";
    const Finished read = run({"verify", "nsfwjs", "--strict", "--packages", packages.string()});
    EXPECT_EQ(read.exit_code, 0) << read.out << read.err;
    EXPECT_THAT(read.out, HasSubstr("nsfwjs: verified, 3 files"));
}

}  // namespace
}  // namespace bgm
