#include "daemon/queue/revocations.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include "daemon/base/log.hpp"
#include "daemon/base/this_thread.hpp"

namespace bgm {
namespace {

constexpr std::chrono::seconds kAgain{1};

}  // namespace

Revocations::Revocations(MySqlOptions mysql, EventLoop& loop)
    : mysql_(std::move(mysql)), loop_(loop), thread_([this](const std::stop_token& stop) { run(stop); }) {}

Revocations::~Revocations() = default;

void Revocations::revoke(std::string message, std::function<void()> done) {
    {
        const MutexLock lock(mutex_);
        questions_.revoked.push_back(std::move(message));
        questions_.on_revoked.push_back(std::move(done));
    }
    arrived_.notify_one();
}

void Revocations::find(std::vector<PostMessage> messages, OnFound done) {
    {
        const MutexLock lock(mutex_);
        questions_.looked_for.insert(questions_.looked_for.end(), std::make_move_iterator(messages.begin()),
                                     std::make_move_iterator(messages.end()));
        questions_.on_found.push_back(std::move(done));
    }
    arrived_.notify_one();
}

void Revocations::run(const std::stop_token& stop) {
    name_this_thread("revocations");
    MySqlConnection connection(mysql_);
    Questions questions;
    bool failing = false;
    while (!stop.stop_requested()) {
        if (questions.empty()) {
            MutexLock lock(mutex_);
            arrived_.wait(lock, stop, [this]() BGM_REQUIRES(mutex_) { return !questions_.empty(); });
            questions = std::exchange(questions_, {});
        }
        const Status answered = answer(connection, questions);
        if (answered && std::exchange(failing, false)) log_info("revoked messages are noted again");
        if (answered) continue;
        if (!std::exchange(failing, true))
            log_warn("revoked messages cannot be noted or looked for; clients wait for their BUSY",
                     {{"error", answered.error().to_string()}});
        MutexLock lock(mutex_);
        arrived_.wait_for(lock, stop, kAgain, [] { return false; });
    }
}

// What is answered is no question any more.
Status Revocations::answer(MySqlConnection& connection, Questions& questions) {
    if (Status connected = connection.connect(); !connected) return connected;
    if (!questions.revoked.empty()) {
        if (Status noted = note_ineffective(connection, questions.revoked); !noted) return noted;
        questions.revoked.clear();
        loop_.post([calls = std::exchange(questions.on_revoked, {})] {
            for (const auto& call : calls)
                call();
        });
    }
    if (questions.looked_for.empty()) return ok_status();
    auto found = find_ineffective(connection, questions.looked_for);
    if (!found) return found.error();
    questions.looked_for.clear();
    loop_.post([calls = std::exchange(questions.on_found, {}), found = *std::move(found)] {
        for (const OnFound& call : calls)
            call(found);
    });
    return ok_status();
}

}  // namespace bgm
