// Admission with a real journal and a real media folder, for tests of it and of the sources before it.
#pragma once

#include <gtest/gtest.h>

#include "daemon/pipeline/admission.hpp"
#include "daemon/queue/local_queue.hpp"
#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/journal/journal_file.hpp"

namespace bgm::testing {

inline std::string post_json(const std::string& post_id, const std::string& text) {
    return R"({"post_id":")" + post_id + R"(","text":")" + text + "\"}";
}

class Admitting : public ::testing::Test {
 protected:
    void TearDown() override {
        journal_.reset();
        media_.reset();
        running_.stop();
    }

    /// The loop is not running yet: what belongs to it may be opened.
    void open(std::int64_t room_bytes = INT64_MAX) {
        auto store = JournalStore::open(journal_file(), 1 << 30, room_bytes);
        ASSERT_TRUE(store);
        journal_ = std::make_unique<Journal>(
            std::move(*store), Journal::Options{.queue_bytes_max = 1 << 24, .commit_batch = 100}, metrics_);
        auto media = MediaStore::open(folder_.path() / "media", "");
        ASSERT_TRUE(media);
        media_ = std::move(*media);
        queue_ =
            std::make_unique<LocalQueue>(config_, running_.loop(), *journal_, *media_,
                                         [this](AcceptedPost post) { accepted_.push_back(std::move(post)); });
        admission_ = std::make_unique<Admission>(config_, running_.loop(), *queue_, *media_, metrics_);
    }

    std::filesystem::path journal_file() const { return folder_.path() / "journal.sqlite"; }
    std::int64_t rows() { return JournalFile(journal_file()).number("SELECT count(*) FROM posts"); }
    bool counted(const std::string& series) const {
        return metrics_.text().find(series + '\n') != std::string::npos;
    }

    ScratchFolder folder_;
    Config config_;
    Metrics metrics_;
    RunningLoop running_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<MediaStore> media_;
    std::unique_ptr<LocalQueue> queue_;
    std::unique_ptr<Admission> admission_;
    std::vector<AcceptedPost> accepted_;  // the loop's thread's
};

}  // namespace bgm::testing
