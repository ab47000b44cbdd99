#include "workers/process/embedding_cache.hpp"

#include <openssl/evp.h>

#include <cstdint>
#include <memory>

#include "schemas/free_with.hpp"

namespace bgm {
namespace {

void digest_field(EVP_MD_CTX* context, const void* data, std::size_t size) {
    const auto length = static_cast<std::uint64_t>(size);
    EVP_DigestUpdate(context, &length, sizeof length);
    EVP_DigestUpdate(context, data, size);
}

}  // namespace

EmbeddingCache::Key EmbeddingCache::key(Modality modality, const EncodeTask& task) {
    const std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
    EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
    const auto kind = static_cast<unsigned char>(modality);
    digest_field(context.get(), &kind, sizeof kind);
    digest_field(context.get(), task.lang.data(), task.lang.size());
    digest_field(context.get(), task.text.data(), task.text.size());
    digest_field(context.get(), task.media.data(), task.media.size());
    Key key{};
    EVP_DigestFinal_ex(context.get(), key.data(), nullptr);
    return key;
}

std::optional<std::vector<Encoding>> EmbeddingCache::find(const Key& key) {
    const MutexLock lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) {
        ++counts_.misses;
        return std::nullopt;
    }
    ++counts_.hits;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->encodings;
}

void EmbeddingCache::put(const Key& key, std::vector<Encoding> encodings) {
    const MutexLock lock(mutex_);
    if (entries_max_ == 0 || by_key_.contains(key)) return;
    entries_.push_front({key, std::move(encodings)});
    by_key_.emplace(key, entries_.begin());
    if (entries_.size() <= entries_max_) return;
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
}

CacheCounts EmbeddingCache::counts() const {
    const MutexLock lock(mutex_);
    return counts_;
}

}  // namespace bgm
