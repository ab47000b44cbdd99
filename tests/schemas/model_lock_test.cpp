// A model folder is loaded whole or not at all: whatever is missing, cut short, grown, half downloaded or not
// what it says is found before, with the name of the file.
#include "schemas/model_lock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>

#include "schemas/safetensors.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string kDigest(64, 'a');

std::string weights() {
    return write_safetensors({{.name = "a", .dtype = "F32", .shape = {3}, .data = std::string(12, 'a')},
                              {.name = "none", .dtype = "F32", .shape = {0}, .data = ""},
                              {.name = "b", .dtype = "U8", .shape = {5}, .data = std::string(5, 'b')}},
                             {{"format", "pt"}});
}

/// A model as it lies on the disk once it was fetched, with its lock.
class ModelFolder : public testing::Test {
 protected:
    ModelFolder() {
        std::string root = (fs::temp_directory_path() / "bgm-model-XXXXXX").string();
        root_ = ::mkdtemp(root.data());
        folder_ = root_ / "some-model";
        fs::create_directories(folder_ / "2_Dense");
        put("config.json", "{}");
        put("model.safetensors", weights());
        put("2_Dense/model.safetensors", weights());
        put("vocab.txt", "a\nb\n");
        lock_.repository = "someone/some-model";
        for (const char* path :
             {"config.json", "model.safetensors", "2_Dense/model.safetensors", "vocab.txt"}) {
            lock_.files.push_back({.path = path,
                                   .bytes = fs::file_size(folder_ / path),
                                   .sha256 = kDigest,
                                   .revision = "main",
                                   .source = DigestSource::server});
        }
    }
    ~ModelFolder() override {
        std::error_code ignored;
        fs::remove_all(root_, ignored);
    }

    void put(const std::string& path, const std::string& bytes) const {
        std::ofstream(folder_ / path, std::ios::binary) << bytes;
    }
    void write_lock() const { ASSERT_TRUE(write_model_lock(folder_, lock_)); }

    fs::path root_, folder_;
    ModelLock lock_;
};

TEST_F(ModelFolder, IsFineAsFetchedAndAsCopiedByHand) {
    EXPECT_TRUE(check_model_folder(folder_)) << "no lock: a folder that somebody copied";
    write_lock();
    EXPECT_TRUE(check_model_folder(folder_));
    EXPECT_TRUE(check_model_folder(folder_ / "")) << "with a slash at the end";
    put("model.safetensors.partial", "the next revision, on its way");
    EXPECT_TRUE(check_model_folder(folder_));
}

TEST_F(ModelFolder, EveryWayToBeIncompleteIsNamed) {
    write_lock();
    struct Damage {
        const char* title;
        std::function<void()> happens;
        ErrorCode code;
        const char* field;
        const char* says;
    };
    const auto move_away = [&](const char* path) { fs::rename(folder_ / path, root_ / "away"); };
    const std::vector<Damage> damages{
        {"missing weights", [&] { move_away("model.safetensors"); }, ErrorCode::not_found,
         "model.safetensors", "is missing; `bgmctl models pull some-model`"},
        {"half downloaded",
         [&] { fs::rename(folder_ / "model.safetensors", folder_ / "model.safetensors.partial"); },
         ErrorCode::not_found, "model.safetensors", "half downloaded"},
        {"missing vocabulary", [&] { move_away("vocab.txt"); }, ErrorCode::not_found, "vocab.txt", "missing"},
        {"shorter vocabulary", [&] { put("vocab.txt", "a\n"); }, ErrorCode::corrupt, "vocab.txt",
         "has 2 bytes and must have 4"},
        {"grown weights", [&] { put("model.safetensors", weights() + "x"); }, ErrorCode::corrupt,
         "model.safetensors", "must have"},
        {"same size, other header",
         [&] { put("2_Dense/model.safetensors", std::string(weights().size(), '{')); }, ErrorCode::too_large,
         "2_Dense/model.safetensors", "header"},
        {"a lock of another making", [&] { put("bgm-lock.json", "{}"); }, ErrorCode::corrupt, "bgm-lock.json",
         "not a lock"},
    };
    for (const Damage& damage : damages) {
        damage.happens();
        const auto status = check_model_folder(folder_);
        ASSERT_FALSE(status) << damage.title;
        EXPECT_EQ(status.error().code, damage.code) << damage.title;
        EXPECT_EQ(status.error().field, (folder_ / damage.field).string()) << damage.title;
        EXPECT_THAT(status.error().message, HasSubstr(damage.says)) << damage.title;

        fs::remove(root_ / "away");
        fs::remove(folder_ / "model.safetensors.partial");
        put("model.safetensors", weights());
        put("2_Dense/model.safetensors", weights());
        put("vocab.txt", "a\nb\n");
        write_lock();
        ASSERT_TRUE(check_model_folder(folder_)) << damage.title;
    }
}

TEST_F(ModelFolder, WithoutALockItsWeightFilesMustStillBeWhole) {
    const std::string whole = weights();
    for (const std::size_t kept : {std::size_t{0}, std::size_t{7}, whole.size() / 2, whole.size() - 1}) {
        put("model.safetensors", whole.substr(0, kept));
        const auto status = check_model_folder(folder_);
        ASSERT_FALSE(status) << kept;
        EXPECT_EQ(status.error().code, ErrorCode::corrupt) << kept;
        EXPECT_EQ(status.error().field, (folder_ / "model.safetensors").string());
    }
    put("model.safetensors", whole + std::string(4, '\0'));
    EXPECT_THAT(check_model_folder(folder_).error().message, HasSubstr("4 bytes belong to no tensor"));
    put("model.safetensors", whole);
    put("2_Dense/model.safetensors", whole.substr(0, 40));
    EXPECT_EQ(check_model_folder(folder_).error().field, (folder_ / "2_Dense/model.safetensors").string());
}

TEST_F(ModelFolder, SaysWhatAFolderIsThatCannotBeAModel) {
    EXPECT_EQ(check_model_folder(root_ / "none").error().code, ErrorCode::not_found);
    EXPECT_THAT(check_model_folder(root_ / "none").error().message, HasSubstr("bgmctl models pull none"));
    EXPECT_EQ(check_model_folder(folder_ / "config.json").error().code, ErrorCode::not_found);
    fs::remove(folder_ / "model.safetensors");
    EXPECT_THAT(check_model_folder(folder_).error().message, HasSubstr("is missing"));
    put("pytorch_model.bin", "a pickle");
    EXPECT_THAT(check_model_folder(folder_).error().message, HasSubstr("pickle"));
    put("model.safetensors.partial", "");
    EXPECT_THAT(check_model_folder(folder_).error().message, HasSubstr("half downloaded"));
    fs::remove(folder_ / "config.json");
    EXPECT_EQ(check_model_folder(folder_).error().field, (folder_ / "config.json").string());
}

TEST_F(ModelFolder, ALockReadsBackAndABadOneIsRefused) {
    EXPECT_FALSE(read_model_lock(folder_)->has_value());
    write_lock();
    const auto read = read_model_lock(folder_);
    ASSERT_TRUE(read) << read.error().to_string();
    ASSERT_TRUE(read->has_value());
    EXPECT_EQ((*read)->repository, "someone/some-model");
    ASSERT_EQ((*read)->files.size(), 4U);
    const LockedFile* file = (*read)->find("2_Dense/model.safetensors");
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(file->bytes, weights().size());
    EXPECT_EQ(file->sha256, kDigest);
    EXPECT_EQ(file->source, DigestSource::server);
    EXPECT_EQ((*read)->find("2_Dense"), nullptr);

    std::ostringstream text;
    text << std::ifstream(folder_ / "bgm-lock.json").rdbuf();
    const std::string good = text.str();
    const auto with = [&](const std::string& what, const std::string& instead) {
        std::string changed = good;
        return changed.replace(changed.find(what), what.size(), instead);
    };
    for (const std::string& bad : {std::string(), std::string("[]"), good.substr(0, good.size() / 2),
                                   with("\"format\": 1", "\"format\": 2"), with("vocab.txt", "../vocab.txt"),
                                   with("vocab.txt", "/etc/passwd"), with("vocab.txt", "config.json"),
                                   with(kDigest, "ABC"), with("\"bytes\": 2", "\"bytes\": -2"),
                                   with("\"server\"", "\"nobody\""), with("\"someone/some-model\"", "7")}) {
        put("bgm-lock.json", bad);
        const auto refused = read_model_lock(folder_);
        ASSERT_FALSE(refused) << bad;
        EXPECT_EQ(refused.error().code, ErrorCode::corrupt) << bad;
    }
}

TEST(StaysBelow, LooksAtTheSpellingAlone) {
    for (const char* good : {"a", "a.b", "1_Pooling/config.json", "a/..b", "한/글"})
        EXPECT_TRUE(stays_below(good)) << good;
    for (const char* bad : {"", "/a", "a/", "a//b", "..", "a/../b", "./a", "a/.", "a\\b", "a\nb"})
        EXPECT_FALSE(stays_below(bad)) << bad;
}

}  // namespace
}  // namespace bgm
