// An operator has the catalogue listened to: every file that is music has its row, one that is none is a line
// with its reason, and a run that is killed goes on where it stopped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/end_to_end/stack.hpp"
#include "tests/workers/audio/track_songs.hpp"
#include "tests/workers/media_maker.hpp"

namespace bgm::test {
namespace {

using ::testing::HasSubstr;

// For crews, which are nice to others and wait on a machine that is busy. What hangs ctest ends.
constexpr std::chrono::hours kItsTime{1};

class CatalogueAnalysis : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        stack_ = std::make_unique<Stack>();
        // Any other crew on this machine removes what those that are dead have left in its folder.
        std::filesystem::create_directory(temporary());
        std::ofstream(stack_->folder() / "env", std::ios::app) << "TMPDIR='" << temporary().string() << "'\n";
    }
    static void TearDownTestSuite() { stack_.reset(); }

    void SetUp() override {
        stack_->sql("DELETE FROM track_analysis");
        stack_->sql("DELETE FROM tracks");
        std::filesystem::remove_all(songs());
        std::filesystem::create_directories(songs());
    }

    static std::filesystem::path temporary() { return stack_->folder() / "tmp"; }
    static std::filesystem::path songs() { return stack_->media_root() / "songs"; }

    void write(const std::string& name, const std::string& bytes) {
        std::ofstream(songs() / name, std::ios::binary) << bytes;
    }
    void add_track(const std::string& id, const std::string& file) {
        catalogue_ += nlohmann::json{{"track_id", id},
                                     {"title", "Song " + id},
                                     {"artist", "Nobody"},
                                     {"uri", "file:songs/" + file},
                                     {"moods", {{"joyful", 0.6}, {"calm", 0.4}}}}
                          .dump() +
                      "\n";
    }
    void add_song(const std::string& id, const MusicSpec& spec) {
        write(id + ".mp3", make_music_clip(spec));
        add_track(id, id + ".mp3");
    }
    void import() {
        const auto file = stack_->folder() / "catalogue-to-import.jsonl";
        std::ofstream(file) << catalogue_;
        const auto output = stack_->bgmctl("catalogue import '" + file.string() + "'");
        ASSERT_EQ(output.exit_code, 0) << output.text;
    }
    static Stack::Output analyse(const std::string& arguments = "") {
        return stack_->bgmctl("catalogue analyse " + arguments);
    }
    static long rows() { return stack_->count("SELECT COUNT(*) FROM track_analysis"); }
    static std::vector<std::vector<std::string>> times() {
        return stack_->sql("SELECT track_id, analysed_at FROM track_analysis ORDER BY track_id");
    }
    /// In the background; its output goes to a file.
    static pid_t start_analysis(const std::filesystem::path& output) {
        return std::stoi(analyse("--workers 1 >'" + output.string() + "' 2>&1 & echo $!").text);
    }
    static long folders_of(pid_t pid) {
        const std::string name = "bgmctl-crew-" + std::to_string(pid) + "-";
        long count = 0;
        for (const auto& each : std::filesystem::directory_iterator(temporary()))
            count += each.path().filename().string().starts_with(name) ? 1 : 0;
        return count;
    }
    static double cpu_seconds(pid_t pid) {
        std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
        std::string stat;
        std::getline(file, stat);
        std::istringstream fields(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
        std::string skipped;
        for (int i = 0; i < 11; ++i)
            fields >> skipped;
        double user = 0, system = 0;
        fields >> user >> system;
        return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    }
    static bool runs(pid_t pid) { return ::kill(pid, 0) == 0; }
    static bool ends(pid_t pid) {
        return eventually([pid] { return !runs(pid); }, kItsTime);
    }
    static pid_t worker_of(pid_t run) {
        pid_t worker = 0;
        std::ifstream("/proc/" + std::to_string(run) + "/task/" + std::to_string(run) + "/children") >>
            worker;
        return worker;
    }

    static std::unique_ptr<Stack> stack_;
    std::string catalogue_;
};
std::unique_ptr<Stack> CatalogueAnalysis::stack_;

TEST_F(CatalogueAnalysis, HearsWhatIsMusicAndSaysWhatIsNot) {
    add_song("quick", {.tempo_bpm = 140, .seconds = 20, .format = AudioFormat::mp3});
    add_song("slow",
             {.minor = true, .tempo_bpm = 80, .staccato = false, .seconds = 20, .format = AudioFormat::mp3});
    write("text.mp3", "Dear diary, this is no music at all.\n");
    add_track("text", "text.mp3");
    write("half.flac", make_music_clip({.format = AudioFormat::flac}).substr(0, 200));
    add_track("half", "half.flac");
    const auto outside = stack_->folder() / "outside.wav";
    std::ofstream(outside, std::ios::binary) << make_music_clip();
    std::filesystem::create_symlink(outside, songs() / "outside.wav");
    add_track("outside", "outside.wav");
    add_track("above", "../../outside.wav");
    add_track("gone", "gone.mp3");
    ASSERT_EQ(::mkfifo((songs() / "pipe.wav").c_str(), 0600), 0);
    add_track("pipe", "pipe.wav");
    import();

    const auto output = analyse();
    EXPECT_EQ(output.exit_code, 1);
    EXPECT_THAT(output.text, HasSubstr("analysed 2 tracks"));
    EXPECT_THAT(output.text, HasSubstr("6 failed"));
    EXPECT_THAT(output.text, HasSubstr("text: songs/text.mp3: "));
    EXPECT_THAT(output.text, HasSubstr("half: songs/half.flac: "));
    EXPECT_THAT(output.text, HasSubstr("outside: songs/outside.wav: leads out of the media root"));
    EXPECT_THAT(output.text, HasSubstr("above: file:songs/../../outside.wav: "));
    EXPECT_THAT(output.text, HasSubstr("gone: songs/gone.mp3: no such file below the media root"));
    EXPECT_THAT(output.text, HasSubstr("pipe: songs/pipe.wav: is not a regular file"));
    EXPECT_EQ(rows(), 2);

    const auto shown = nlohmann::json::parse(stack_->bgmctl("catalogue show quick --json").text);
    EXPECT_EQ(shown["track"]["title"], "Song quick");
    const auto& heard = shown["analysis"];
    EXPECT_NEAR(heard["seconds"].get<double>(), 20, 0.2);
    EXPECT_GT(heard["tempo_bpm"].get<double>(), 0);
    EXPECT_GT(heard["beats_s"].size(), 10U);
    EXPECT_GE(heard["windows"].size(), 1U);
    EXPECT_GT(heard["fingerprint"].size(), 50U);
    EXPECT_GT(heard["embedding"].size(), 0U);
    double sum = 0;
    for (const auto& weight : heard["moods"])
        sum += weight.get<double>();
    EXPECT_NEAR(sum, 1, 1e-3);
    EXPECT_LT(stack_->count("SELECT COUNT(*) FROM track_analysis q JOIN track_analysis s ON q.track_id = "
                            "'quick' AND s.track_id = 'slow' WHERE q.arousal <= s.arousal"),
              1)
        << "short quick notes are more excited than long slow ones";
    const std::string text = stack_->bgmctl("catalogue show slow").text;
    for (const char* part : {"Song slow - Nobody", "key        ", "tempo      ", "LUFS", "moment     0:00",
                             "said  heard", "joyful"})
        EXPECT_THAT(text, HasSubstr(part));
    const auto alike = nlohmann::json::parse(stack_->bgmctl("catalogue similar quick --json").text);
    ASSERT_EQ(alike["similar"].size(), 1U);
    EXPECT_EQ(alike["similar"][0]["track_id"], "slow");
    EXPECT_THAT(stack_->bgmctl("catalogue similar slow").text, HasSubstr("Song quick"));
    EXPECT_THAT(stack_->bgmctl("catalogue similar text").text, HasSubstr("nobody has listened to it yet"));
    EXPECT_EQ(stack_->bgmctl("catalogue similar nothing").exit_code, 1);
    EXPECT_THAT(stack_->bgmctl("catalogue show text").text, HasSubstr("nobody has listened to it yet"));
    EXPECT_EQ(stack_->bgmctl("catalogue show nothing").exit_code, 1);
}

// Idea: one song as three files, cut and encoded anew, beside songs that are others.
TEST_F(CatalogueAnalysis, KnowsTheSameRecordingAndAWayFromOneToAnother) {
    const std::vector<float> song = random_song(1, 30);
    const std::vector<float> late(song.begin() + 5 * kSongRate_hz, song.end());
    write("whole.mp3", encode_audio(song, kSongRate_hz, AudioFormat::mp3));
    add_track("whole", "whole.mp3");
    write("other.ogg", encode_audio(song, kSongRate_hz, AudioFormat::ogg_vorbis));
    add_track("other", "other.ogg");
    write("late.mp3", encode_audio(late, kSongRate_hz, AudioFormat::mp3));
    add_track("late", "late.mp3");
    for (unsigned seed = 2; seed < 6; ++seed) {
        const std::string id = "song-" + std::to_string(seed);
        write(id + ".mp3", encode_audio(random_song(seed, 30), kSongRate_hz, AudioFormat::mp3));
        add_track(id, id + ".mp3");
    }
    add_track("gone", "gone.mp3");
    import();
    EXPECT_THAT(stack_->bgmctl("catalogue duplicates").text, HasSubstr("8 not listened to yet"));
    EXPECT_THAT(stack_->bgmctl("catalogue path whole song-2").text, HasSubstr("nobody has listened"));
    EXPECT_THAT(analyse().text, HasSubstr("analysed 7 tracks"));

    const auto found = nlohmann::json::parse(stack_->bgmctl("catalogue duplicates --json").text);
    EXPECT_EQ(found["compared"], 7);
    EXPECT_EQ(found["unheard"], 1);
    ASSERT_EQ(found["recordings"].size(), 1U) << found;
    const auto& same = found["recordings"][0]["tracks"];
    ASSERT_EQ(same.size(), 3U);
    EXPECT_EQ(same[0]["track_id"], "late");
    EXPECT_EQ(same[1]["track_id"], "other");
    EXPECT_EQ(same[2]["track_id"], "whole");
    EXPECT_NEAR(same[2]["offset_s"].get<double>(), -5, 0.13);
    EXPECT_LT(same[2]["difference"].get<double>(), 0.15);
    const std::string table = stack_->bgmctl("catalogue duplicates").text;
    for (const char* part : {"5.0 s earlier", "Song whole", "1 recording under several ids"})
        EXPECT_THAT(table, HasSubstr(part));

    const auto alike = nlohmann::json::parse(stack_->bgmctl("catalogue similar whole --limit 4 --json").text);
    EXPECT_EQ(alike["similar"].size(), 4U);
    EXPECT_THAT(alike["same_recording"], testing::UnorderedElementsAre("late", "other"));
    EXPECT_THAT(stack_->bgmctl("catalogue similar whole").text,
                HasSubstr("the same recording, left out: late"));

    const auto way =
        nlohmann::json::parse(stack_->bgmctl("catalogue path song-2 song-5 --length 4 --json").text);
    ASSERT_EQ(way["path"].size(), 4U) << way;
    EXPECT_EQ(way["path"][0]["track_id"], "song-2");
    EXPECT_EQ(way["path"][3]["track_id"], "song-5");
    EXPECT_THAT(stack_->bgmctl("catalogue path song-2 song-5").text, HasSubstr("Song song-5"));
    EXPECT_EQ(stack_->bgmctl("catalogue path song-2 nothing").exit_code, 1);
    EXPECT_EQ(stack_->bgmctl("catalogue path song-2 song-2").exit_code, 1);
    EXPECT_EQ(stack_->bgmctl("catalogue path song-2 song-5 --length 2").exit_code, 2);
}

TEST_F(CatalogueAnalysis, AnalysesAgainWhatHasChangedAndNothingElse) {
    for (const char* id : {"a", "b", "c"})
        add_song(id, {.seconds = 5, .format = AudioFormat::mp3});
    add_track("no-file", "x.mp3");
    import();
    stack_->sql("UPDATE tracks SET uri = 'https://example.org/x.mp3' WHERE track_id = 'no-file'");
    EXPECT_THAT(analyse("--dry-run").text, HasSubstr("would analyse 3 tracks"));
    EXPECT_EQ(rows(), 0);
    auto output = analyse();
    EXPECT_EQ(output.exit_code, 0) << output.text;
    EXPECT_THAT(output.text, HasSubstr("analysed 3 tracks"));
    EXPECT_THAT(output.text, HasSubstr("1 track without a file"));

    const auto before = times();
    output = analyse();
    EXPECT_EQ(output.exit_code, 0);
    EXPECT_THAT(output.text, HasSubstr("analysed 0 tracks"));
    EXPECT_THAT(output.text, HasSubstr("3 tracks skipped"));
    EXPECT_EQ(times(), before);

    write("b.mp3", make_music_clip({.tempo_bpm = 90, .seconds = 6, .format = AudioFormat::mp3}));
    EXPECT_THAT(analyse("--missing").text, HasSubstr("3 tracks skipped"));
    EXPECT_THAT(analyse().text, HasSubstr("analysed 1 track "));
    const auto after = times();
    EXPECT_EQ(after[0], before[0]);
    EXPECT_NE(after[1], before[1]);
    EXPECT_EQ(after[2], before[2]);
    stack_->sql("UPDATE track_analysis SET model = 'older' WHERE track_id = 'c'");
    EXPECT_THAT(stack_->bgmctl("catalogue show c").text, HasSubstr("out of date"));
    EXPECT_THAT(analyse("--missing").text, HasSubstr("analysed 1 track "));
    EXPECT_THAT(analyse("--again").text, HasSubstr("analysed 3 tracks"));
}

TEST_F(CatalogueAnalysis, OfThePathsThatAreNamed) {
    for (const char* id : {"a", "b"})
        add_song(id, {.seconds = 5, .format = AudioFormat::mp3});
    write("stranger.mp3", "is no track's");
    import();
    const auto output = analyse("'" + (songs() / "a.mp3").string() + "' '" +
                                (songs() / "stranger.mp3").string() + "' /nowhere/at-all.mp3");
    EXPECT_EQ(output.exit_code, 1);
    EXPECT_THAT(output.text, HasSubstr("stranger.mp3: is the file of no active track"));
    EXPECT_THAT(output.text, HasSubstr("/nowhere/at-all.mp3: there is no such file or folder"));
    EXPECT_THAT(output.text, HasSubstr("analysed 1 track "));
    EXPECT_EQ(rows(), 1);
    EXPECT_EQ(analyse("'" + songs().string() + "'").exit_code, 0);
    EXPECT_EQ(rows(), 2);
    EXPECT_EQ(stack_->bgmctl("catalogue analyse --media-root /nowhere").exit_code, 1);
}

TEST_F(CatalogueAnalysis, GoesOnWhereItWasKilled) {
    constexpr long kSongs = 16;
    for (long i = 0; i < kSongs; ++i)
        add_song("song-" + std::to_string(i),
                 {.tempo_bpm = 80 + 5.0 * static_cast<double>(i), .seconds = 30, .format = AudioFormat::mp3});
    import();
    const auto output = stack_->folder() / "analysis.txt";
    pid_t run = start_analysis(output);
    ASSERT_TRUE(eventually([] { return rows() >= 3; }, kItsTime));
    ASSERT_EQ(::kill(run, SIGKILL), 0);
    ASSERT_TRUE(ends(run));
    const auto killed = times();
    EXPECT_GE(killed.size(), 3U);
    ASSERT_LT(killed.size(), static_cast<std::size_t>(kSongs)) << "the run was over before it was killed";
    EXPECT_EQ(folders_of(run), 1) << "what it could not remove";
    const pid_t dead = run;

    // A run that is asked to end stores what is finished, and says what is left.
    run = start_analysis(output);
    ASSERT_TRUE(eventually([&] { return rows() > static_cast<long>(killed.size()); }, kItsTime));
    // Not to be over before it is asked.
    const pid_t worker = worker_of(run);
    ASSERT_GT(worker, 1);
    ASSERT_EQ(::kill(worker, SIGSTOP), 0);
    EXPECT_EQ(folders_of(dead), 0);
    const auto second = analyse();
    EXPECT_EQ(second.exit_code, 1);
    EXPECT_THAT(second.text, HasSubstr("another analysis of this catalogue is under way"));
    ::kill(run, SIGHUP);
    ::kill(worker, SIGCONT);
    ASSERT_TRUE(ends(run));
    EXPECT_EQ(folders_of(run), 0);
    std::stringstream said;
    said << std::ifstream(output).rdbuf();
    EXPECT_THAT(said.str(), HasSubstr("left; the same command goes on with them"));

    const auto last = analyse();
    EXPECT_EQ(last.exit_code, 0) << last.text;
    EXPECT_EQ(rows(), kSongs);
    const auto all = times();
    for (const auto& row : killed)
        EXPECT_THAT(all, testing::Contains(row)) << row[0] << " was analysed twice";
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM track_analysis WHERE LENGTH(embedding) = 0 OR "
                            "JSON_LENGTH(windows) < 2"),
              0);
}

TEST_F(CatalogueAnalysis, AWorkerThatDiesTakesNoTrackWithIt) {
    constexpr long kSongs = 8;
    for (long i = 0; i < kSongs; ++i)
        add_song("song-" + std::to_string(i), {.seconds = 30, .format = AudioFormat::mp3});
    import();
    const auto output = stack_->folder() / "analysis.txt";
    const pid_t run = start_analysis(output);
    ASSERT_TRUE(eventually([] { return rows() >= 1; }, kItsTime));
    const pid_t worker = worker_of(run);
    ASSERT_GT(worker, 1);
    ASSERT_EQ(::kill(worker, SIGKILL), 0);
    ASSERT_TRUE(ends(run));
    std::stringstream said;
    said << std::ifstream(output).rdbuf();
    EXPECT_THAT(said.str(), HasSubstr("analysed 8 tracks"));
    EXPECT_EQ(rows(), kSongs);
}

// Idea: whoever kills workers again and again while they have the same file in hand makes it no broken file.
TEST_F(CatalogueAnalysis, AFileIsNotBlamedForWhatKillsItsWorkers) {
    const std::string part = make_music_clip({.seconds = 30, .format = AudioFormat::mp3});
    std::string whole;
    for (int i = 0; i < 12; ++i)
        whole += part;
    write("long.mp3", whole);
    add_track("long", "long.mp3");
    write("silence.wav", make_silent_clip(5));
    add_track("silence", "silence.wav");
    import();
    const auto output = stack_->folder() / "analysis.txt";
    const pid_t run = start_analysis(output);
    pid_t killed = 0;
    for (int death = 0; death < 3; ++death) {
        pid_t worker = 0;
        // Deep in the file: starting takes a fraction of that.
        ASSERT_TRUE(eventually(
            [&] {
                worker = worker_of(run);
                return worker > 1 && worker != killed && cpu_seconds(worker) > 0.9;
            },
            kItsTime))
            << death;
        ASSERT_EQ(::kill(worker, SIGKILL), 0);
        killed = worker;
    }
    ASSERT_TRUE(ends(run));
    std::stringstream said;
    said << std::ifstream(output).rdbuf();
    EXPECT_THAT(said.str(), HasSubstr("analysed 2 tracks"));
    EXPECT_EQ(rows(), 2);
    EXPECT_THAT(stack_->bgmctl("catalogue show silence").text, HasSubstr("silent: it has no key"));
}

TEST_F(CatalogueAnalysis, NeedsADatabaseAndTheFolderOfTheFiles) {
    const auto no_database = stack_->bgmctl("catalogue analyse --mysql-socket '' --mysql-host ''");
    EXPECT_EQ(no_database.exit_code, 2) << no_database.text;
    EXPECT_THAT(no_database.text, HasSubstr("is kept in the database"));
    const auto no_root = stack_->bgmctl("catalogue analyse --media-root ''");
    EXPECT_EQ(no_root.exit_code, 2) << no_root.text;
    EXPECT_THAT(no_root.text, HasSubstr("where are the tracks' files"));
}

}  // namespace
}  // namespace bgm::test
