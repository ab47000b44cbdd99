// The list of models says nothing twice, nothing half, and leads nowhere but below a model's folder.
#include "ops/bgmctl/models/model_manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "schemas/model_lock.hpp"

namespace bgm {
namespace {

using testing::HasSubstr;

const std::string kDigest(64, '0');

std::string model_text(const std::string& keys, const std::string& file) {
    return "[[model]]\nname = 'm'\nrepository = 'o/m'\nrevision = 'main'\nlicence = 'MIT'\npurpose = 'p'\n" +
           keys + "\n[[model.file]]\n" + file + "\n";
}

TEST(BuiltInModels, AreFourWithAllThatAWorkerReads) {
    const auto manifest = read_model_manifest(std::nullopt);
    ASSERT_TRUE(manifest) << manifest.error().to_string();
    std::set<std::string> names;
    for (const ManifestModel& model : *manifest) {
        names.insert(model.name);
        EXPECT_TRUE(model.repository.ends_with("/" + model.name)) << model.repository;
        std::set<std::string> paths;
        for (const ManifestFile& file : model.files) {
            paths.insert(file.path);
            const bool commit = file.revision.size() == 40 &&
                                file.revision.find_first_not_of("0123456789abcdef") == std::string::npos;
            EXPECT_TRUE(commit || file.revision.starts_with("refs/pr/")) << model.name << " " << file.path;
            EXPECT_TRUE(file.pinned() || file.path == "model.safetensors") << model.name << " " << file.path;
        }
        for (const char* needed : {"config.json", "model.safetensors"})
            EXPECT_TRUE(paths.contains(needed)) << model.name << " " << needed;
        EXPECT_TRUE(paths.contains("vocab.json") == paths.contains("merges.txt")) << model.name;
        EXPECT_TRUE(paths.contains("vocab.json") || paths.contains("vocab.txt")) << model.name;
    }
    EXPECT_EQ(names, (std::set<std::string>{"clip-vit-base-patch32", "clip-ViT-B-32-multilingual-v1",
                                            "clap-htsat-unfused", "blip-image-captioning-base"}));
}

TEST(BuiltInModels, AreThoseOfTheDocument) {
    std::ostringstream text;
    text << std::ifstream(BGM_SOURCE_DIR "/docs/models.md").rdbuf();
    const auto manifest = read_model_manifest(std::nullopt);
    ASSERT_TRUE(manifest);
    for (const ManifestModel& model : *manifest) {
        EXPECT_THAT(text.str(), HasSubstr("| `" + model.name + "` ("));
        EXPECT_THAT(text.str(), HasSubstr("| " + model.purpose + " |"));
        EXPECT_THAT(text.str(), HasSubstr("| " + model.licence + " |"));
        for (const ManifestFile& file : model.files) {
            const std::string row = "| `" + model.name + "/" + file.path + "` (";
            EXPECT_EQ(text.str().find(row) != std::string::npos, !file.pinned()) << row;
        }
    }
}

TEST(ModelManifest, AFileTakesTheRevisionOfItsModelUnlessItHasItsOwn) {
    const auto manifest = parse_model_manifest(
        model_text("",
                   "path = 'a'\n[[model.file]]\npath = 'b/c'\nrevision = 'refs/pr/7'\nbytes = 5\nsha256 = '" +
                       kDigest + "'"),
        "list");
    ASSERT_TRUE(manifest) << manifest.error().to_string();
    const auto& files = manifest->at(0).files;
    EXPECT_EQ(files[0].revision, "main");
    EXPECT_FALSE(files[0].pinned());
    EXPECT_EQ(files[1].revision, "refs/pr/7");
    EXPECT_EQ(files[1].bytes, 5U);
    EXPECT_TRUE(files[1].pinned());
}

TEST(ModelManifest, EveryMistakeIsNamed) {
    const std::vector<std::pair<std::string, std::string>> mistakes{
        {"model = 3", "no [[model]]"},
        {"[[model]]\nname = 'm", "line 2"},
        {"", "no [[model]]"},
        {"colour = 'red'", "'colour'"},
        {model_text("colour = 'red'", "path = 'a'"), "'colour'"},
        {model_text("", "path = 'a'\nmd5 = 'b'"), "'md5'"},
        {model_text("", "path = 7"), "path must be a string"},
        {model_text("", "path = '../a'"), "below the model's folder"},
        {model_text("", "path = '/etc/passwd'"), "below the model's folder"},
        {model_text("", "path = 'bgm-lock.json'"), "below the model's folder"},
        {model_text("", "path = 'a.partial'"), "below the model's folder"},
        {model_text("", "path = 'a'\nbytes = 5"), "belong together"},
        {model_text("", "path = 'a'\nsha256 = '" + kDigest + "'"), "belong together"},
        {model_text("", "path = 'a'\nbytes = -5\nsha256 = '" + kDigest + "'"), "must be a size"},
        {model_text("", "path = 'a'\nbytes = 'five'\nsha256 = '" + kDigest + "'"), "must be a size"},
        {model_text("", "path = 'a'\nbytes = 5\nsha256 = 'abc'"), "64"},
        {model_text("", "path = 'a'\nrevision = 'a?b'"), "revision"},
        {model_text("", "path = 'a'\n[[model.file]]\npath = 'a'"), "a is there twice"},
        {model_text("", "path = 'a'") + model_text("", "path = 'a'"), "'m' is there twice"},
        {"[[model]]\nname = '../m'\nrepository = 'o/m'\nrevision = 'main'\nlicence = 'MIT'", "folder"},
        {"[[model]]\nname = '.m'\nrepository = 'o/m'\nrevision = 'main'\nlicence = 'MIT'", "folder"},
        {"[[model]]\nname = 'm'\nrepository = 'o/m'\nrevision = 'main'", "licence"},
        {"[[model]]\nname = 'm'\nrepository = 'o/m'\nrevision = 'main'\nlicence = 'MIT'", "no files"},
    };
    for (const auto& [text, says] : mistakes) {
        const auto manifest = parse_model_manifest(text, "list");
        ASSERT_FALSE(manifest) << text;
        EXPECT_EQ(manifest.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(manifest.error().to_string(), HasSubstr(says)) << text;
        EXPECT_THAT(manifest.error().to_string(), HasSubstr("list")) << text;
    }
    EXPECT_EQ(read_model_manifest("/none/models.toml").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace bgm
