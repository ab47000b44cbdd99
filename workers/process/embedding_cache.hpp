// Remembers what a worker found for the same content: reposts and memes are encoded once.
//
// Keyed by the SHA-256 of the content, bounded by a number of entries, the least recently used one goes
// first. It holds embeddings and facts, never the content, and lives and dies with the process. Any thread
// may use it.
#pragma once

#include <array>
#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "schemas/modality.hpp"
#include "schemas/mutex.hpp"
#include "workers/process/encoder.hpp"
#include "workers/process/task_runner.hpp"

namespace bgm {

class EmbeddingCache {
 public:
    using Key = std::array<unsigned char, 32>;

    /// 0 entries: nothing is remembered, and nothing is counted.
    explicit EmbeddingCache(std::size_t entries_max) : entries_max_(entries_max) {}

    bool enabled() const { return entries_max_ > 0; }
    /// The modality, the language hint and the content, each told apart from the next.
    static Key key(Modality modality, const EncodeTask& task);
    /// Counts a hit or a miss.
    std::optional<std::vector<Encoding>> find(const Key& key);
    void put(const Key& key, std::vector<Encoding> encodings);
    CacheCounts counts() const;

 private:
    struct Entry {
        Key key;
        std::vector<Encoding> encodings;
    };

    const std::size_t entries_max_;
    mutable Mutex mutex_;
    std::list<Entry> entries_ BGM_GUARDED_BY(mutex_);  // most recently used first
    std::map<Key, std::list<Entry>::iterator> by_key_ BGM_GUARDED_BY(mutex_);
    CacheCounts counts_ BGM_GUARDED_BY(mutex_);
};

}  // namespace bgm
