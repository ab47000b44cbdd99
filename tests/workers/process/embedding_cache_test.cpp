#include "workers/process/embedding_cache.hpp"

#include <gtest/gtest.h>

#include <set>

namespace bgm {
namespace {

std::vector<Encoding> encodings(float value) {
    return {Encoding{.modality = Modality::text, .embedding = {value}, .model = "m"}};
}

EmbeddingCache::Key key(std::string_view text) {
    return EmbeddingCache::key(Modality::text, {.text = text, .lang = {}, .media = {}});
}

TEST(EmbeddingCache, RemembersAndCounts) {
    EmbeddingCache cache(4);
    EXPECT_FALSE(cache.find(key("sea")));
    cache.put(key("sea"), encodings(1));
    ASSERT_TRUE(cache.find(key("sea")));
    EXPECT_EQ(cache.find(key("sea"))->front().embedding, std::vector<float>{1});
    EXPECT_EQ(cache.counts().hits, 2);
    EXPECT_EQ(cache.counts().misses, 1);
}

TEST(EmbeddingCache, ForgetsTheLeastRecentlyUsed) {
    EmbeddingCache cache(2);
    cache.put(key("a"), encodings(1));
    cache.put(key("b"), encodings(2));
    EXPECT_TRUE(cache.find(key("a")));
    cache.put(key("c"), encodings(3));
    EXPECT_TRUE(cache.find(key("a")));
    EXPECT_FALSE(cache.find(key("b")));
    EXPECT_TRUE(cache.find(key("c")));
}

TEST(EmbeddingCache, TellsModalityHintAndContentApart) {
    const std::string_view bytes = "same";
    const auto media = std::as_bytes(std::span(bytes.data(), bytes.size()));
    const std::set<EmbeddingCache::Key> keys{
        EmbeddingCache::key(Modality::text, {.text = bytes, .lang = {}, .media = {}}),
        EmbeddingCache::key(Modality::text, {.text = bytes, .lang = "ko", .media = {}}),
        EmbeddingCache::key(Modality::text, {.text = "ko", .lang = bytes, .media = {}}),
        EmbeddingCache::key(Modality::image, {.text = {}, .lang = {}, .media = media}),
        EmbeddingCache::key(Modality::video, {.text = {}, .lang = {}, .media = media}),
        EmbeddingCache::key(Modality::text, {.text = "same1", .lang = "2", .media = {}}),
        EmbeddingCache::key(Modality::text, {.text = "same", .lang = "12", .media = {}}),
    };
    EXPECT_EQ(keys.size(), 7);
}

TEST(EmbeddingCache, OfNoEntriesRemembersNothing) {
    EmbeddingCache cache(0);
    EXPECT_FALSE(cache.enabled());
    cache.put(key("a"), encodings(1));
    EXPECT_FALSE(cache.find(key("a")));
}

}  // namespace
}  // namespace bgm
