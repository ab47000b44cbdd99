// What a worker says, field by field: an honest answer goes through as it is, words for people become one
// line, and each lie is refused with the name of its field. The limits are those of the documents and of the
// tables.
#include "schemas/worker_words.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <regex>
#include <sstream>

#include "schemas/one_line.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string content_of(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

v1::TaskResult honest() {
    v1::TaskResult answer;
    answer.set_batch_size(1);
    answer.set_queue_us(10);
    answer.set_encode_us(20);
    auto& output = *answer.add_outputs();
    output.set_modality("video");
    for (const float value : {0.5F, -0.25F, 0.0F})
        output.add_embedding(value);
    output.set_model("clip-vit-base-patch32@1a2b3c4d");
    output.set_quality(0.75F);
    output.set_language("ko");
    (*output.mutable_facts())["duration_s"] = 12.5F;
    output.add_notes("mostly black or blank");
    output.set_caption("a family 👨‍👩‍👧‍👦 at the sea");
    auto& missing = *output.add_missing();
    missing.set_modality("audio");
    missing.set_code("unsupported");
    missing.set_message("the sound is of a kind that is not read");
    return answer;
}

const AskedTask kAsked{.modality = Modality::video, .batch_max = 8, .since_submit = std::chrono::seconds(1)};

v1::FromWorker honest_hello() {
    v1::FromWorker message;
    auto& hello = *message.mutable_hello();
    hello.set_name("worker-text-0");
    hello.add_modalities("text");
    hello.set_credits(64);
    hello.set_model("bgm-text-1+clip@12ab");
    hello.set_pid(42);
    hello.set_batch_max(64);
    hello.set_model_version("12ab+34cd");
    hello.add_models("bgm-text-1");
    return message;
}

std::string field_of(const Result<v1::FromWorker>& read) {
    return read ? "accepted" : read.error().field;
}
std::string field_of(const Status& judged) {
    return judged ? "accepted" : judged.error().field;
}

TEST(WorkerWordsTest, LetsAnHonestAnswerThroughAsItIs) {
    v1::TaskResult answer = honest();
    const Status judged = judge(answer, kAsked);
    ASSERT_TRUE(judged) << judged.error().to_string();
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(answer, honest()));
    *answer.add_outputs() = answer.outputs(0);
    answer.mutable_outputs(1)->set_modality("audio");
    EXPECT_EQ(field_of(judge(answer, kAsked)), "accepted") << "a film's sound";
}

v1::TaskResult honest_track() {
    v1::TaskResult answer = honest();
    answer.mutable_outputs(0)->set_modality("audio");
    answer.mutable_outputs(0)->clear_missing();
    auto& track = *answer.mutable_outputs(0)->mutable_track();
    for (const float start_s : {0.0F, 15.0F}) {
        auto& window = *track.add_windows();
        window.set_start_s(start_s);
        window.add_embedding(0.5F);
        window.set_model("bgm-music-1");
        window.set_quality(1);
    }
    for (const float beat_s : {0.5F, 1.0F, 1.0F})
        track.add_beats_s(beat_s);
    track.add_fingerprint(0xFFFFFFFF);
    return answer;
}

TEST(WorkerWordsTest, RefusesEachLieAboutATrack) {
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    constexpr AskedTask kTrack{
        .modality = Modality::audio, .batch_max = 8, .since_submit = std::chrono::seconds(1)};
    v1::TaskResult answer = honest_track();
    EXPECT_EQ(field_of(judge(answer, kTrack)), "accepted");
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(answer, honest_track()));
    const std::vector<std::pair<std::string, std::function<void(v1::TrackParts&)>>> lies{
        {"windows", [](auto& track) { track.mutable_windows(0)->set_start_s(20); }},
        {"windows", [](auto& track) { track.mutable_windows(0)->set_start_s(-1); }},
        {"windows", [](auto& track) { track.mutable_windows(1)->set_start_s(kNan); }},
        {"windows", [](auto& track) { track.mutable_windows(1)->set_start_s(1e9F); }},
        {"windows", [](auto& track) { track.mutable_windows(1)->clear_embedding(); }},
        {"windows", [](auto& track) { track.mutable_windows(1)->set_embedding(0, kNan); }},
        {"windows", [](auto& track) { track.mutable_windows(1)->mutable_embedding()->Resize(65'537, 0.0F); }},
        {"windows", [](auto& track) { track.mutable_windows(0)->clear_model(); }},
        {"windows", [](auto& track) { track.mutable_windows(0)->set_model("a\nb"); }},
        {"windows", [](auto& track) { track.mutable_windows(0)->set_quality(kNan); }},
        {"windows", [](auto& track) { track.mutable_windows(0)->set_quality(1.5F); }},
        {"windows",
         [](auto& track) {
             for (int i = 0; i < 128; ++i)
                 *track.add_windows() = track.windows(1);
         }},
        {"beats_s", [](auto& track) { track.add_beats_s(0.75F); }},
        {"beats_s", [](auto& track) { track.add_beats_s(kNan); }},
        {"beats_s", [](auto& track) { track.set_beats_s(0, -0.5F); }},
        {"beats_s", [](auto& track) { track.mutable_beats_s()->Resize(8'193, 2.0F); }},
        {"fingerprint", [](auto& track) { track.mutable_fingerprint()->Resize(2'049, 1); }},
    };
    for (std::size_t i = 0; i < lies.size(); ++i) {
        answer = honest_track();
        lies[i].second(*answer.mutable_outputs(0)->mutable_track());
        EXPECT_EQ(field_of(judge(answer, kTrack)), "outputs[0].track." + lies[i].first) << "lie " << i;
    }
    answer = honest_track();
    answer.mutable_outputs(0)->set_modality("video");
    EXPECT_EQ(field_of(judge(answer, kAsked)), "outputs[0].track") << "a film is no track";
}

v1::TaskResult honest_words() {
    v1::TaskResult answer = honest();
    answer.mutable_outputs(0)->set_modality("text");
    auto& place = *answer.mutable_outputs(0)->mutable_among_sounds();
    for (const float value : {0.6F, 0.0F, -0.8F})
        place.add_embedding(value);
    place.set_model("clap-htsat-unfused@1a2b3c4d");
    return answer;
}

TEST(WorkerWordsTest, RefusesEachLieAboutWordsAmongSounds) {
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    constexpr AskedTask kText{
        .modality = Modality::text, .batch_max = 8, .since_submit = std::chrono::seconds(1)};
    v1::TaskResult answer = honest_words();
    EXPECT_EQ(field_of(judge(answer, kText)), "accepted");
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(answer, honest_words()));
    const std::vector<std::pair<std::string, std::function<void(v1::AmongSounds&)>>> lies{
        {".embedding", [](auto& place) { place.clear_embedding(); }},
        {".embedding", [](auto& place) { place.set_embedding(1, kNan); }},
        {".embedding", [](auto& place) { place.set_embedding(1, std::numeric_limits<float>::infinity()); }},
        {".embedding", [](auto& place) { place.set_embedding(0, 0.8F); }},
        {".embedding", [](auto& place) { place.mutable_embedding()->Resize(1'025, 0.0F); }},
        {".model", [](auto& place) { place.clear_model(); }},
        {".model", [](auto& place) { place.set_model("a+b"); }},
    };
    for (std::size_t i = 0; i < lies.size(); ++i) {
        answer = honest_words();
        lies[i].second(*answer.mutable_outputs(0)->mutable_among_sounds());
        EXPECT_EQ(field_of(judge(answer, kText)), "outputs[0].among_sounds" + lies[i].first) << "lie " << i;
    }
    answer = honest_words();
    answer.mutable_outputs(0)->set_modality("image");
    EXPECT_EQ(field_of(judge(answer, kAsked)), "accepted") << "a caption's";
    answer.mutable_outputs(0)->set_modality("audio");
    EXPECT_EQ(field_of(judge(answer, kAsked)), "outputs[0].among_sounds") << "a sound is no words";
}

TEST(WorkerWordsTest, RefusesEachLieOfAnAnswer) {
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    const auto output = [](std::function<void(v1::Output&)> change) {
        return [change = std::move(change)](v1::TaskResult& answer) { change(*answer.mutable_outputs(0)); };
    };
    const std::vector<std::pair<std::string, std::function<void(v1::TaskResult&)>>> lies{
        {"outputs", [](auto& answer) { answer.clear_outputs(); }},
        {"outputs",
         [](auto& answer) {
             for (int i = 0; i < 1000; ++i)
                 answer.add_outputs();
         }},
        {"outputs[1].model", [](auto& answer) { *answer.add_outputs() = answer.outputs(0); }},
        {"batch_size", [](auto& answer) { answer.set_batch_size(4'000'000'000); }},
        {"outputs[0].modality", output([](auto& each) { each.set_modality("text"); })},
        {"outputs[0].modality", output([](auto& each) { each.set_modality("smell"); })},
        {"outputs[0].modality", output([](auto& each) { each.clear_modality(); })},
        {"outputs[0].embedding", output([](auto& each) { each.clear_embedding(); })},
        {"outputs[0].embedding", output([](auto& each) { each.set_embedding(1, kNan); })},
        {"outputs[0].embedding", output([](auto& each) { each.set_embedding(2, -kInfinity); })},
        {"outputs[0].embedding", output([](auto& each) { each.mutable_embedding()->Resize(65'537, 0.0F); })},
        {"outputs[0].model", output([](auto& each) { each.clear_model(); })},
        {"outputs[0].model", output([](auto& each) { each.set_model(std::string(101, 'm')); })},
        {"outputs[0].model", output([](auto& each) { each.set_model("a+b"); })},
        {"outputs[0].model", output([](auto& each) { each.set_model("a\nb"); })},
        {"outputs[0].model", output([](auto& each) { each.set_model("a\u009bb"); })},
        {"outputs[0].quality", output([](auto& each) { each.set_quality(kNan); })},
        {"outputs[0].quality", output([](auto& each) { each.set_quality(1.5F); })},
        {"outputs[0].quality", output([](auto& each) { each.set_quality(-0.1F); })},
        {"outputs[0].language", output([](auto& each) { each.set_language(std::string(36, 'k')); })},
        {"outputs[0].language", output([](auto& each) { each.set_language("ko\x1b[2J"); })},
        {"outputs[0].language", output([](auto& each) { each.set_language("한국어"); })},
        {"outputs[0].facts", output([](auto& each) {
             for (int i = 0; i < 65; ++i)
                 (*each.mutable_facts())[std::to_string(i)] = 1;
         })},
        {"outputs[0].notes", output([](auto& each) {
             for (int i = 0; i < 17; ++i)
                 each.add_notes("silent");
         })},
        {"outputs[0].missing", output([](auto& each) {
             for (int i = 0; i < 5; ++i)
                 each.add_missing()->set_modality("audio");
         })},
        {"outputs[0].missing", output([](auto& each) { each.mutable_missing(0)->set_modality("x"); })},
    };
    for (const auto& [field, change] : lies) {
        v1::TaskResult answer = honest();
        change(answer);
        EXPECT_EQ(field_of(judge(answer, kAsked)), field) << answer.ShortDebugString().substr(0, 300);
    }
}

TEST(WorkerWordsTest, KnowsWhichModalitiesAnswerATask) {
    for (Modality asked : kModalities) {
        for (Modality answered : kModalities) {
            v1::TaskResult answer = honest();
            answer.mutable_outputs(0)->set_modality(std::string(name(answered)));
            // A moving GIF that was posted as a photo is a video.
            const bool media = asked != Modality::text && answered != Modality::text;
            EXPECT_EQ(judge(answer, {.modality = asked}).ok(), asked == answered || media)
                << name(asked) << " answered as " << name(answered);
        }
    }
}

TEST(WorkerWordsTest, CutsWhatIsForPeopleToOneLine) {
    v1::TaskResult answer = honest();
    auto& output = *answer.mutable_outputs(0);
    output.set_notes(0, "\x1b[31mred\r\n\u009b2J" + std::string(16 << 20, 'n'));
    output.set_caption(" a\tsea \u202e\u2028of\xEF\xBB\xBF words" + std::string(1000, '!'));
    (*output.mutable_facts())["loudness_db"] = -std::numeric_limits<float>::infinity();
    (*output.mutable_facts())["bad key\n"] = 1;
    output.mutable_missing(0)->set_message(std::string(5000, '\n') + "no sound\n");
    output.mutable_missing(0)->set_code("unavailable");
    ASSERT_EQ(field_of(judge(answer, kAsked)), "accepted");
    EXPECT_EQ(output.notes(0).size(), most("Output.notes.text"));
    EXPECT_TRUE(output.notes(0).starts_with("[31mred 2Jnnn"));
    EXPECT_TRUE(output.caption().starts_with("a sea of words!!!"));
    EXPECT_EQ(output.caption().size(), most("Output.caption"));
    EXPECT_EQ(output.facts().size(), 1U);
    EXPECT_EQ(output.missing(0).message(), "no sound");
    EXPECT_EQ(output.missing(0).code(), "internal");
}

TEST(WorkerWordsTest, MakesAKnownCodeOfEachError) {
    const std::map<std::string, std::string> codes{
        {"corrupt", "corrupt"},
        {"resource_exhausted", "resource_exhausted"},
        {"on fire", "internal"},
        // The daemon waits without end for a worker that is away. One that answers is not.
        {"unavailable", "internal"}};
    for (const auto& [said, code] : codes) {
        v1::TaskResult answer = honest();
        answer.set_error_code(said);
        answer.set_error_message("bad\nbytes" + std::string(10'000, '.'));
        ASSERT_TRUE(judge(answer, kAsked));
        EXPECT_EQ(answer.error_code(), code);
        EXPECT_TRUE(answer.error_message().starts_with("bad bytes..."));
        EXPECT_EQ(answer.error_message().size(), most("TaskResult.error_message"));
        EXPECT_THAT(answer.outputs(), IsEmpty()) << "an error and outputs: the error counts";
    }
}

TEST(WorkerWordsTest, HoldsFiguresToWhatIsPossible) {
    v1::TaskResult answer = honest();
    answer.set_batch_size(4096);
    answer.set_queue_us(std::numeric_limits<std::uint32_t>::max());
    answer.set_encode_us(600'000);
    ASSERT_TRUE(judge(answer, kAsked));
    EXPECT_EQ(answer.batch_size(), 8U);
    EXPECT_EQ(answer.encode_us(), 600'000U);
    EXPECT_EQ(answer.queue_us(), 400'000U) << "together no longer than the task is here";
}

TEST(WorkerWordsTest, LetsAnHonestHelloThroughAsItIs) {
    for (const char* identity : {"worker-text-0", "worker-text-0/42"}) {
        const auto read = read_from_worker(identity, honest_hello().SerializeAsString());
        ASSERT_TRUE(read) << read.error().to_string();
        EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*read, honest_hello()));
    }
}

TEST(WorkerWordsTest, RefusesEachLieOfAHello) {
    const std::vector<std::pair<std::string, std::function<void(v1::Hello&)>>> lies{
        {"name", [](auto& hello) { hello.set_name("worker-image-0"); }},
        {"name", [](auto& hello) { hello.set_name("worker-text"); }},
        {"name", [](auto& hello) { hello.clear_name(); }},
        {"name", [](auto& hello) { hello.set_name(std::string(65, 'w')); }},
        {"modalities",
         [](auto& hello) {
             for (int i = 0; i < 8; ++i)
                 hello.add_modalities("text");
         }},
        {"model", [](auto& hello) { hello.set_model(std::string(501, 'm')); }},
        {"model", [](auto& hello) { hello.set_model("m\n"); }},
        {"model_version", [](auto& hello) { hello.set_model_version(std::string(301, 'a')); }},
        {"model_version", [](auto& hello) { hello.set_model_version("a b"); }},
        {"models", [](auto& hello) { hello.add_models(""); }},
        {"models", [](auto& hello) { hello.add_models(std::string(101, 'm')); }},
        {"models",
         [](auto& hello) {
             for (int i = 0; i < 8; ++i)
                 hello.add_models("m");
         }},
        {"heads",
         [](auto& hello) {
             for (int i = 0; i < 17; ++i)
                 hello.add_heads("h");
         }},
    };
    for (const auto& [field, change] : lies) {
        v1::FromWorker message = honest_hello();
        change(*message.mutable_hello());
        EXPECT_EQ(field_of(read_from_worker("worker-text-0/42", message.SerializeAsString())), field)
            << message.ShortDebugString().substr(0, 300);
    }
    for (const std::string name : {"a b", "w\n", "w\"", "워커", "../w", "w/1"}) {
        v1::FromWorker message = honest_hello();
        message.mutable_hello()->set_name(name);
        EXPECT_EQ(field_of(read_from_worker(name, message.SerializeAsString())), "name") << name;
    }
}

TEST(WorkerWordsTest, RefusesAHeartbeatThatCannotBe) {
    v1::FromWorker message;
    message.mutable_heartbeat()->set_rss_bytes(1U << 30U);
    EXPECT_TRUE(read_from_worker("w", message.SerializeAsString()));
    message.mutable_heartbeat()->set_cache_misses(std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(field_of(read_from_worker("w", message.SerializeAsString())), "cache_hits");
    message.mutable_heartbeat()->set_rss_bytes(std::numeric_limits<std::uint64_t>::max());
    EXPECT_FALSE(read_from_worker("w", message.SerializeAsString()));
}

TEST(WorkerWordsTest, TakesNoMemoryForWhatIsBeyondTheLimits) {
    // Two bytes of the frame each, and some hundred of memory.
    v1::FromWorker outputs;
    for (int i = 0; i < 100'000; ++i)
        outputs.mutable_result()->add_outputs();
    EXPECT_EQ(field_of(read_from_worker("w", outputs.SerializeAsString())), "fields");
    v1::FromWorker notes;
    for (int i = 0; i < 100'000; ++i)
        notes.mutable_result()->mutable_outputs()->Add()->add_notes("");
    EXPECT_EQ(field_of(read_from_worker("w", notes.SerializeAsString())), "fields");
    v1::FromWorker heads = honest_hello();
    for (int i = 0; i < 100'000; ++i)
        heads.mutable_hello()->add_heads("");
    EXPECT_EQ(field_of(read_from_worker("worker-text-0", heads.SerializeAsString())), "fields");
    v1::FromWorker large;
    large.mutable_result()->add_outputs()->add_notes(std::string(16 << 20, 'n'));
    EXPECT_EQ(field_of(read_from_worker("w", large.SerializeAsString())), "bytes");
}

TEST(WorkerWordsTest, RefusesWhatIsNoMessage) {
    for (const std::string bytes : {"\xff\xff\xff", "hello", "\x0a\xff\xff\xff\xff\x0f"})
        EXPECT_FALSE(read_from_worker("w", bytes));
    v1::FromWorker message;
    auto& output = *message.mutable_result()->add_outputs();
    output.set_language("ab");
    std::string bytes = message.SerializeAsString();
    bytes.replace(bytes.find("ab"), 2, "\xff\xfe");
    EXPECT_FALSE(read_from_worker("w", bytes)) << "a text that is not UTF-8";
}

TEST(WorkerWordsTest, MakesOneLineOfAnything) {
    EXPECT_EQ(one_line("  a \r\n b\t", 100), "a b");
    EXPECT_EQ(one_line("\xff\xfe한글\xed\xa0\x80", 100), "??한글???");
    EXPECT_EQ(one_line("한글", 5), "한");
    EXPECT_EQ(one_line("a b", 2), "a");
    EXPECT_EQ(one_line("👩🏽‍🚀 ❤️", 100), "👩🏽‍🚀 ❤️");
    EXPECT_EQ(one_line(std::string(3, '\0'), 100), "");
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all += std::string(1, static_cast<char>(byte)) + "x";
    const std::string line = one_line(all, 10'000);
    EXPECT_TRUE(valid_utf8(line));
    EXPECT_EQ(one_line(line, line.size()), line) << "once is enough";
}

/// VARCHAR(n) of each text column, as the migrations leave it.
std::map<std::string, std::size_t> text_columns() {
    std::map<std::string, std::size_t> columns;
    std::string table;
    const std::regex starts("CREATE TABLE IF NOT EXISTS (\\w+)");
    const std::regex column("^\\s*(\\w+)\\s+(?:VAR)?CHAR\\((\\d+)\\)");
    std::istringstream lines(content_of(BGM_SOURCE_DIR "/schemas/mysql/001_tables.sql"));
    for (std::string line; std::getline(lines, line);) {
        std::smatch found;
        if (std::regex_search(line, found, starts)) table = found[1];
        if (std::regex_search(line, found, column))
            columns[table + "." + found[1].str()] = std::stoul(found[2]);
    }
    return columns;
}

TEST(ColumnLimitsTest, AreThoseOfTheMigrations) {
    const auto columns = text_columns();
    ASSERT_GT(columns.size(), 20U);
    const std::map<std::string, std::size_t> limits{
        {"tenant", kIdCharacters},      {"post_id", kIdCharacters},        {"user_id", kIdCharacters},
        {"track_id", kIdCharacters},    {"mood", kCodeCharacters},         {"stage", kCodeCharacters},
        {"code", kCodeCharacters},      {"language", kLanguageCharacters}, {"model", kModelCharacters},
        {"message", kMessageCharacters}};
    for (const auto& [column, characters] : columns) {
        if (!column.starts_with("pick") && !column.starts_with("dead")) continue;
        const auto limit = limits.find(column.substr(column.find('.') + 1));
        ASSERT_NE(limit, limits.end()) << column << " has no limit in schemas/column_limits.hpp";
        EXPECT_EQ(limit->second, characters) << column;
    }
    EXPECT_LE(most("Output.language"), columns.at("picks.language"));
    // Those of one answer; what does not fit beside them is left out.
    EXPECT_LE(2 * most("Output.model") + 1, columns.at("picks.model"));
}

TEST(WorkerLimitsTest, StandInTheDocument) {
    const std::string document = content_of(BGM_SOURCE_DIR "/docs/workers.md");
    for (const WorkerLimit& limit : kWorkerLimits) {
        const std::string row = "| `" + std::string(limit.field) + "` | " + std::to_string(limit.most) + " " +
                                std::string(limit.counted) + " | " + (limit.refused ? "refused" : "cut") +
                                " |";
        EXPECT_THAT(document, HasSubstr(row));
    }
}

}  // namespace
}  // namespace bgm
