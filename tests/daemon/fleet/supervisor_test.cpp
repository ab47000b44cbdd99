// The supervisor with small shell scripts as workers: one that ends is started again after a growing delay,
// how it ended is counted and logged with its last words, and nothing is left running.
#include "daemon/fleet/supervisor.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <sstream>

#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/base/scratch_folder.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RunningLoop;
using testing::ScratchFolder;

class SupervisorTest : public ::testing::Test {
 protected:
    void SetUp() override {
        config_.workers.text = 1;
        config_.workers.image = config_.workers.audio = config_.workers.video = 0;
        config_.workers.restart_min_ms = 10;
        config_.workers.restart_max_ms = 40;
        config_.supervisor.pids_file = (folder_.path() / "pids").string();
    }
    void TearDown() override {
        running_.stop();
        supervisor_.reset();
    }

    /// Starts the workers; each runs this shell script.
    void start(const std::string& script) {
        config_.workers.program = folder_.write("worker.sh", "#!/bin/sh\n" + script + "\n");
        fs::permissions(config_.workers.program, fs::perms::owner_all);
        start();
    }
    void start() {
        supervisor_ = std::make_unique<Supervisor>(config_, "ipc://somewhere", running_.loop(), metrics_,
                                                   [this](const Supervisor::Child& child) {
                                                       ++ends_[child.name];
                                                       last_ = child;
                                                       return explained_(ends_[child.name]);
                                                   });
        supervisor_->start();
        running_.start();
    }

    /// On the loop's thread.
    Supervisor::Child first() const { return supervisor_->children().at(0); }
    pid_t pid() {
        return running_.on_loop([this] { return first().pid; });
    }
    bool eventually(const std::function<bool()>& condition) { return running_.eventually(condition); }
    std::string file(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(folder_.path() / name).rdbuf();
        return text.str();
    }
    /// The delays before restarts, as the log tells them.
    static std::vector<std::string> delays_in(const std::string& log) {
        std::vector<std::string> delays;
        std::istringstream lines(log);
        for (std::string line; std::getline(lines, line);) {
            if (const auto at = line.find("restart_in_ms="); at != std::string::npos)
                delays.push_back(line.substr(at + 14));
        }
        return delays;
    }
    bool eventually_exists(const std::string& name) {
        return eventually([this, name] { return fs::exists(folder_.path() / name); });
    }

    ScratchFolder folder_;
    Config config_;
    Metrics metrics_;
    RunningLoop running_;
    // Both belong to the loop's thread.
    std::map<std::string, int> ends_;
    // Whether a task is said to be the reason of the n-th end.
    std::function<bool(int)> explained_ = [](int /*n*/) { return false; };
    Supervisor::Child last_;
    std::unique_ptr<Supervisor> supervisor_;
};

TEST_F(SupervisorTest, StartsAWorkerAgainAfterAGrowingDelay) {
    ::testing::internal::CaptureStdout();  // where the log goes before it is told otherwise
    start("exit 7");
    EXPECT_TRUE(eventually([this] { return first().restarts >= 5; }));
    running_.stop();
    const std::string log = ::testing::internal::GetCapturedStdout();
    EXPECT_EQ(first().last_end, "exit status 7");
    EXPECT_GE(ends_["worker-text-0"], 5);
    std::vector<std::string> delays = delays_in(log);
    ASSERT_GE(delays.size(), 5U);
    delays.resize(5);
    EXPECT_THAT(delays, ::testing::ElementsAre("10", "20", "40", "40", "40"));
    EXPECT_THAT(
        metrics_.text(),
        ContainsRegex("bgmd_worker_ends_total\\{modality=\"text\",reason=\"exit\"\\} ([5-9]|[1-9][0-9]+)"));
}

// However often: a file that kills its decoder must not keep the good ones waiting. The one rule is that
// starts do not follow each other faster than the first delay.
TEST_F(SupervisorTest, StartsAWorkerAgainAtOnceWhereATaskExplainsItsEnd) {
    config_.workers.restart_min_ms = 5;
    config_.workers.restart_max_ms = 3'600'000;
    explained_ = [](int /*n*/) { return true; };
    const auto begin = std::chrono::steady_clock::now();
    ::testing::internal::CaptureStdout();
    start("kill -SEGV $$");
    EXPECT_TRUE(eventually([this] { return first().restarts >= 30; }))
        << "with a back-off it would take for ever";
    const auto took = std::chrono::steady_clock::now() - begin;
    running_.stop();
    EXPECT_GE(took, 30 * std::chrono::milliseconds(5))
        << "no faster than one start in workers.restart_min_ms";
    for (const std::string& delay : delays_in(::testing::internal::GetCapturedStdout()))
        EXPECT_LE(std::stol(delay), 5);
}

// The ends that tasks explain say nothing about those that nothing explains.
TEST_F(SupervisorTest, GoesOnWithItsDelayWhereSomeEndsAreExplained) {
    explained_ = [](int n) { return n % 2 == 0; };
    ::testing::internal::CaptureStdout();
    start("exit 7");
    EXPECT_TRUE(eventually([this] { return first().restarts >= 8; }));
    running_.stop();
    EXPECT_THAT(delays_in(::testing::internal::GetCapturedStdout()), ::testing::Contains("40"));
}

TEST_F(SupervisorTest, LogsHowAWorkerEndedAndItsLastWords) {
    ::testing::internal::CaptureStdout();
    start("echo first line\necho something went wrong >&2\nprintf 'no line end'\nkill -SEGV $$");
    EXPECT_TRUE(eventually([this] { return ends_["worker-text-0"] >= 1; }));
    running_.stop();
    const std::string log = ::testing::internal::GetCapturedStdout();
    EXPECT_THAT(log, AllOf(HasSubstr("first line"), HasSubstr("something went wrong"),
                           HasSubstr("killed by signal 11"), HasSubstr("last_line=\"no line end\"")));
    EXPECT_EQ(first().last_end, "killed by signal 11");
    EXPECT_THAT(last_.last_lines, ElementsAre("first line", "something went wrong", "no line end"));
    EXPECT_THAT(metrics_.text(), HasSubstr("reason=\"signal\""));
}

// As fast as it can, without end, each line in another colour.
TEST_F(SupervisorTest, AWorkerThatWritesWithoutEndStarvesNobodyAndDoesNotFillTheLog) {
    ::testing::internal::CaptureStdout();
    start("line=$(printf 'still \\033[31mhere')\nyes \"$line\" | head -c 1000000\n: > " +
          (folder_.path() / "read").string() + "\nexec yes \"$line\"");
    ASSERT_TRUE(eventually_exists("read")) << "a megabyte, far more than a pipe holds";
    int served = 0;
    // Each is a turn of the loop of its own, with the worker's output waiting in all of them.
    for (int i = 0; i < 2000; ++i)
        served += running_.on_loop([] { return 1; });
    EXPECT_EQ(served, 2000);
    running_.on_loop([this] { supervisor_->kill("worker-text-0", "deadline"); });
    EXPECT_TRUE(eventually([this] { return ends_["worker-text-0"] >= 1; }));
    running_.stop();
    const std::string log = ::testing::internal::GetCapturedStdout();
    EXPECT_THAT(log, AllOf(HasSubstr("worker says more than is logged"), HasSubstr("left_out="),
                           Not(HasSubstr("\033"))));
    EXPECT_LT(log.size(), std::size_t{100'000});
    EXPECT_THAT(last_.last_lines, ::testing::SizeIs(10));
    EXPECT_THAT(last_.last_lines.front(), HasSubstr("here"));
}

// Nobody waits for whoever holds the lock of the pids file; the lines come once it is free.
TEST_F(SupervisorTest, GoesOnWhileThePidsFileIsLocked) {
    start("exec sleep 1000");
    const pid_t before = pid();
    const int lock = open((config_.supervisor.pids_file + ".lock").c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_EQ(flock(lock, LOCK_EX), 0);
    running_.on_loop([this] { supervisor_->kill("worker-text-0", "deadline"); });
    EXPECT_TRUE(eventually([&] { return first().pid != 0 && first().pid != before; }));
    const std::string line = "worker-text-0 " + std::to_string(pid()) + "\n";
    EXPECT_THAT(file("pids"), Not(HasSubstr(line)));
    close(lock);
    EXPECT_TRUE(eventually([&] { return file("pids").find(line) != std::string::npos; }));
}

TEST_F(SupervisorTest, CountsTheReasonForWhichAWorkerWasKilled) {
    start("exec sleep 1000");
    const pid_t before = pid();
    ASSERT_GT(before, 0);
    running_.on_loop([this] {
        supervisor_->kill("worker-text-0", "deadline");
        supervisor_->kill("worker-text-9", "deadline");  // nobody
    });
    EXPECT_TRUE(eventually([&] { return first().pid != 0 && first().pid != before; }));
    EXPECT_EQ(first().restarts, 1);
    EXPECT_THAT(metrics_.text(),
                HasSubstr("bgmd_worker_ends_total{modality=\"text\",reason=\"deadline\"} 1"));
}

TEST_F(SupervisorTest, StartsNoneAgainAfterStop) {
    start("exec sleep 1000");
    ASSERT_GT(pid(), 0);
    running_.on_loop([this] { supervisor_->stop(); });
    EXPECT_TRUE(eventually([this] { return first().pid == 0; }));
    EXPECT_EQ(first().restarts, 0);
    EXPECT_THAT(metrics_.text(), Not(ContainsRegex("bgmd_worker_ends_total\\{[^}]*\\} [1-9]")))
        << "an end that was asked for is no failure";
}

TEST_F(SupervisorTest, LeavesNothingRunning) {
    config_.workers.image = 2;
    start("trap '' TERM\necho $$ >> " + (folder_.path() / "started").string() +
          "\nwhile :; do sleep 1000; done");
    std::vector<pid_t> pids;
    EXPECT_TRUE(eventually([&] {
        std::istringstream lines(file("started"));
        pids.assign(std::istream_iterator<pid_t>(lines), {});
        return pids.size() == 3;
    }));
    running_.stop();
    supervisor_.reset();
    for (const pid_t each : pids)
        EXPECT_NE(kill(each, 0), 0) << each;
}

TEST_F(SupervisorTest, TellsAWorkerWhoItIs) {
    config_.models.dir = "/models";
    start("echo \"$@\" > " + (folder_.path() / "arguments.new").string() + "\nmv " +
          (folder_.path() / "arguments.new").string() + " " + (folder_.path() / "arguments").string() +
          "\nexec sleep 1000");
    ASSERT_TRUE(eventually_exists("arguments"));
    EXPECT_THAT(file("arguments"),
                AllOf(HasSubstr("--name worker-text-0"), HasSubstr("--modality text"),
                      HasSubstr("--endpoint ipc://somewhere"), HasSubstr("--models /models"),
                      HasSubstr("--parent " + std::to_string(getpid()))));
    EXPECT_EQ(supervisor_->configured(Modality::text), 1U);
    EXPECT_EQ(supervisor_->configured(Modality::video), 0U);
}

// bgmd blocks the signals that it reads from a descriptor; a worker must not inherit that.
TEST_F(SupervisorTest, LetsSignalsReachAWorker) {
    sigset_t term;
    sigset_t before;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, &before);
    start("exec sleep 1000");
    kill(pid(), SIGTERM);
    EXPECT_TRUE(eventually([this] { return first().last_end == "killed by signal 15"; }));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// MySQL's client library, for one, opens its sockets without CLOEXEC.
TEST_F(SupervisorTest, LeavesAWorkerNoDescriptorButItsThree) {
    std::array<int, 2> sockets{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()), 0);
    const int far = fcntl(sockets[0], F_DUPFD, 200);
    // The shell's own: what it lists is that of ls, which got all that the shell has.
    start("ls -l /proc/self/fd > " + (folder_.path() / "listed").string() + "\nmv " +
          (folder_.path() / "listed").string() + " " + (folder_.path() / "descriptors").string() +
          "\nexec sleep 1000");
    EXPECT_TRUE(eventually_exists("descriptors"));
    EXPECT_THAT(file("descriptors"), AllOf(HasSubstr(" 0 -> /dev/null"), HasSubstr(" 2 -> pipe:"),
                                           Not(HasSubstr("socket:")), Not(HasSubstr(" 200 -> "))));
    for (const int fd : {sockets[0], sockets[1], far})
        close(fd);
}

TEST_F(SupervisorTest, KeepsTheLinesOfOthersInThePidsFile) {
    folder_.write("pids", "mariadb 4242\nbgmd 1\nworker-text-0 2\nworker-audio-7 3\n");
    start("exec sleep 1000");
    const pid_t first_pid = pid();
    std::string expected = "mariadb 4242\nbgmd " + std::to_string(getpid()) + "\nworker-text-0 ";
    EXPECT_EQ(file("pids"), expected + std::to_string(first_pid) + "\n");
    kill(first_pid, SIGKILL);
    EXPECT_TRUE(eventually([&] { return first().pid != 0 && first().pid != first_pid; }));
    const pid_t second_pid = pid();
    EXPECT_TRUE(eventually([&] { return file("pids") == expected + std::to_string(second_pid) + "\n"; }));
}

TEST_F(SupervisorTest, KeepsTryingAProgramThatIsNotThere) {
    config_.workers.program = (folder_.path() / "late.sh").string();
    start();
    EXPECT_EQ(pid(), 0);
    EXPECT_TRUE(eventually([this] { return first().restarts >= 2; }));
    const std::string program = folder_.write("new.sh", "#!/bin/sh\nexec sleep 1000\n");
    fs::permissions(program, fs::perms::owner_all);
    fs::rename(program, config_.workers.program);
    EXPECT_TRUE(eventually([this] { return first().pid != 0; }));
}

// To exchange models: candidates beside those that serve.
class SupervisorSwapTest : public SupervisorTest {
 protected:
    void SetUp() override {
        SupervisorTest::SetUp();
        config_.workers.image = 1;
    }
    std::vector<std::string> start_candidates() {
        return running_.on_loop(
            [this] { return supervisor_->start_candidates(config_.models, std::array{Modality::image}); });
    }
    /// "name=role" of all that there are, in order.
    std::vector<std::string> roles() const {
        std::vector<std::string> list;
        for (const Supervisor::Child& child : supervisor_->children()) {
            list.push_back(child.name + (child.role == Supervisor::Role::candidate  ? "=candidate"
                                         : child.role == Supervisor::Role::retiring ? "=retiring"
                                                                                    : "=serving"));
        }
        return list;
    }
    bool eventually_are(const std::vector<std::string>& expected) {
        return eventually([&] { return roles() == expected; });
    }
};

TEST_F(SupervisorSwapTest, StartsCandidatesUnderNamesOfTheirOwn) {
    start("exec sleep 1000");
    EXPECT_THAT(start_candidates(), ElementsAre("worker-image-0-g2"));
    EXPECT_TRUE(
        eventually_are({"worker-text-0=serving", "worker-image-0=serving", "worker-image-0-g2=candidate"}));
    EXPECT_THAT(file("pids"), HasSubstr("worker-image-0-g2 "));
    running_.on_loop([this] { supervisor_->drop_candidates(); });
    EXPECT_TRUE(eventually_are({"worker-text-0=serving", "worker-image-0=serving"}));
    EXPECT_THAT(start_candidates(), ElementsAre("worker-image-0-g3"));
}

TEST_F(SupervisorSwapTest, PutsCandidatesInThePlaceOfThoseThatServe) {
    start("exec sleep 1000");
    start_candidates();
    const auto replaced = running_.on_loop([this] { return supervisor_->promote_candidates(); });
    EXPECT_THAT(replaced, ElementsAre("worker-image-0"));
    EXPECT_EQ(running_.on_loop([this] { return supervisor_->role("worker-image-0-g2"); }),
              Supervisor::Role::serving);
    running_.on_loop([this] { supervisor_->retire("worker-image-0", true); });
    EXPECT_TRUE(eventually_are({"worker-text-0=serving", "worker-image-0-g2=serving"}));
    EXPECT_THAT(metrics_.text(), Not(ContainsRegex("bgmd_worker_ends_total\\{[^}]*\\} [1-9]")))
        << "its end was asked for";
    // The newcomer is now looked after like any other.
    running_.on_loop([this] { supervisor_->kill("worker-image-0-g2", "deadline"); });
    EXPECT_TRUE(eventually([this] { return supervisor_->children().back().restarts == 1; }));
    start_candidates();
    EXPECT_THAT(running_.on_loop([this] { return supervisor_->promote_candidates(); }),
                ElementsAre("worker-image-0-g2"));
}

TEST_F(SupervisorSwapTest, DoesNotStartACandidateAgain) {
    start("case \"$*\" in *-g2*) echo cannot load; exit 3;; esac\nexec sleep 1000");
    start_candidates();
    EXPECT_TRUE(eventually([this] { return ends_["worker-image-0-g2"] == 1; }));
    EXPECT_TRUE(eventually_are({"worker-text-0=serving", "worker-image-0=serving"}));
    running_.stop();
    EXPECT_EQ(last_.role, Supervisor::Role::candidate);
    EXPECT_EQ(last_.last_end, "exit status 3");
    EXPECT_THAT(last_.last_lines, ElementsAre("cannot load"));
    EXPECT_EQ(supervisor_->role("worker-image-0-g2"), std::nullopt);
}

TEST_F(SupervisorSwapTest, ReportsACandidateWhoseProgramIsNotThere) {
    start("exec sleep 1000");
    running_.on_loop([this] { config_.workers.program = "/nowhere/bgm-worker"; });
    start_candidates();
    EXPECT_TRUE(eventually([this] { return ends_["worker-image-0-g2"] == 1; }));
    EXPECT_TRUE(eventually_are({"worker-text-0=serving", "worker-image-0=serving"}));
    running_.stop();
    EXPECT_THAT(last_.last_end, HasSubstr("cannot be started: No such file"));
}

// A worker that waits for its restart while its successor is ready is not started again.
TEST_F(SupervisorSwapTest, RetiresAWorkerThatIsNotRunning) {
    config_.workers.restart_min_ms = config_.workers.restart_max_ms = 3'600'000;
    start("case \"$*\" in *image-0\\ *) exit 1;; esac\nexec sleep 1000");
    EXPECT_TRUE(eventually([this] { return ends_["worker-image-0"] == 1; }));
    start_candidates();
    running_.on_loop([this] {
        for (const std::string& name : supervisor_->promote_candidates())
            supervisor_->retire(name, true);
    });
    EXPECT_TRUE(eventually_are({"worker-text-0=serving", "worker-image-0-g2=serving"}));
}

}  // namespace
}  // namespace bgm
