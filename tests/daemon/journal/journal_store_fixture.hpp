// A journal's tables in a folder of their own, and posts in every state.
#pragma once

#include <gtest/gtest.h>

#include "daemon/journal/journal_store.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/journal/journal_file.hpp"

namespace bgm::testing {

inline NewPost new_post(std::string post_id, std::string content = "c1", int priority = 0) {
    return {.tenant = "t",
            .post_id = std::move(post_id),
            .priority = priority,
            .content_hash = content,
            .post = "post " + content,
            .media = ""};
}

class JournalStoreFixture : public ::testing::Test {
 protected:
    void SetUp() override { reopen(); }

    void reopen(std::int64_t bytes_max = 1 << 30, std::int64_t room_bytes = INT64_MAX) {
        store_.reset();
        auto opened = JournalStore::open(file(), bytes_max, room_bytes);
        ASSERT_TRUE(opened) << opened.error().to_string();
        store_ = std::move(*opened);
        ASSERT_TRUE(store_->begin());
    }

    std::filesystem::path file() const { return folder_.path() / "journal.sqlite"; }

    /// Ends the transaction and begins the next.
    void commit() {
        ASSERT_TRUE(store_->commit());
        ASSERT_TRUE(store_->begin());
    }

    Acceptance accept(const NewPost& post, std::int64_t now_ms = 1) {
        auto accepted = store_->accept(post, now_ms);
        EXPECT_TRUE(accepted);
        return accepted ? *accepted : Acceptance{};
    }

    /// A new post that has come as far as `state`.
    std::int64_t post_in(PostState state, const std::string& post_id) {
        const std::int64_t seq = accept(new_post(post_id)).seq;
        if (state == PostState::picked || state == PostState::delivered) {
            EXPECT_TRUE(*store_->set_picked(seq, 1, "pick", PostState::picked, 2));
        }
        if (state == PostState::delivered) {
            EXPECT_TRUE(*store_->set_delivered(seq, 1, 3));
        }
        if (state == PostState::dead) {
            EXPECT_TRUE(*store_->set_dead(seq, 1, "dead", 2));
        }
        return seq;
    }

    JournalRow row(std::int64_t seq) {
        auto found = store_->row(seq);
        EXPECT_TRUE(found.ok() && found->has_value());
        return found.ok() && found->has_value() ? **found : JournalRow{};
    }

    void expect_exact_counts() {
        commit();
        JournalFile other(file());
        for (const PostState state : kPostStates) {
            const auto i = static_cast<std::size_t>(state);
            EXPECT_EQ(store_->counts().by_state.at(i),
                      other.number("SELECT count(*) FROM posts WHERE state = " + std::to_string(i)))
                << name(state);
        }
    }

    ScratchFolder folder_;
    std::unique_ptr<JournalStore> store_;
};

}  // namespace bgm::testing
