// A journal for tests of what stands around it, and operations of it that are waited for.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <memory>

#include "daemon/journal/journal.hpp"
#include "tests/daemon/journal/journal_file.hpp"

namespace bgm::testing {

/// Null, with a failure, where it cannot be opened.
inline std::unique_ptr<Journal> open_journal(const std::filesystem::path& file, Metrics& metrics,
                                             const Journal::Options& options) {
    auto store = JournalStore::open(file, 1 << 30);
    EXPECT_TRUE(store) << store.error().to_string();
    return store ? std::make_unique<Journal>(std::move(*store), options, metrics) : nullptr;
}

/// How its commit ended.
inline Status done_in(Journal& journal, const Journal::Operation& operation,
                      Journal::Urgency urgency = Journal::Urgency::internal) {
    std::promise<Status> told;
    EXPECT_TRUE(
        journal.submit(urgency, 10, operation, [&](const Status& status) { told.set_value(status); }));
    return told.get_future().get();
}

inline std::int64_t posts_in_state(const std::filesystem::path& file, int state) {
    return JournalFile(file).number("SELECT count(*) FROM posts WHERE state = " + std::to_string(state));
}

}  // namespace bgm::testing
