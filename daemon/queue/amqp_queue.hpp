// Quorum queues of RabbitMQ that several bgmd share (docs/queue.md): posts are published to them and
// confirmed, taken from those that fall to this host, and settled once MySQL has their rows.
//
//     put: publish -> a majority confirms -> the client is told
//     taken: message -> media to the disk -> working journal -> the pipeline; in the order of each queue
//     settled: the row leaves the working journal, its media the shared folder, and its messages the broker
//
// Media beyond a message's bound goes by a folder that all hosts mount (shared_media.hpp), where there is
// one. What is in a message, or named by one, is there until the message is settled, and no longer.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "daemon/base/event_loop.hpp"
#include "daemon/config.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/journal/media_store.hpp"
#include "daemon/queue/amqp_consumer.hpp"
#include "daemon/queue/amqp_publisher.hpp"
#include "daemon/queue/held_posts.hpp"
#include "daemon/queue/post_queue.hpp"
#include "daemon/queue/queue_message.hpp"
#include "daemon/queue/revocations.hpp"
#include "daemon/queue/shared_media.hpp"
#include "daemon/store/dead_table.hpp"
#include "schemas/validate.hpp"

namespace bgm {

class AmqpQueue : public PostQueue {
 public:
    /// All run on the loop's thread.
    struct Hooks {
        OnTaken on_taken;
        /// A post that the broker gave up is a dead letter in the working journal, and waits for delivery.
        std::function<void(std::int64_t seq, v1::DeadLetter letter)> on_dead;
        /// MySQL's rows of a scope; `done` when they are gone, however long that takes.
        std::function<void(ErasureScope, OnDone done)> erase_rows;
        /// A message that is not confirmed, and may come all the same; `done` once no host writes it any
        /// more.
        std::function<void(std::string message, std::function<void()> done)> revoke;
        /// Which of them have had their effect, or must have none.
        std::function<void(std::vector<PostMessage>, Revocations::OnFound done)> find_ineffective;
        /// What was committed on any host, this one included.
        std::function<void(std::string topic, std::string event)> on_event;
        /// A dead letter's post comes next, since an operator wants it analysed again.
        std::function<void()> on_retry = [] {};
    };

    /// By which no other bgmd may go: `queue.host_name`, or the machine's.
    static std::string host_name(const Config& config);

    /// Declares the queues, and refuses to go on where what is there cannot do. `limits`: what is taken is
    /// judged as if a client had sent it. What it is given must outlive it, and the loop must have ended
    /// before it does.
    static Result<std::unique_ptr<AmqpQueue>> open(const Config& config, const PostLimits& limits,
                                                   EventLoop& loop, Journal& journal, MediaStore& media,
                                                   Hooks hooks);

    /// From now on these queues are consumed and no others.
    void set_partitions(const std::vector<int>& partitions);
    /// A dead letter's post goes to the host that it falls to, to be analysed again; `done` once that is
    /// confirmed. `unsupported` where it cannot be: its post, or the media that came inline with it, are kept
    /// nowhere. The row is the caller's; twice of one row has one effect.
    void retry(StoredDead dead, OnDone done);
    /// False where nobody will hear of it: the broker is away.
    bool spread(std::string topic, std::string event);

    bool has_room() const override;
    std::optional<std::size_t> carried_media_max() const override;
    void put(Offer offer, OnPut done) override;
    void settle(std::vector<Key> keys, OnDone done) override;
    std::optional<v1::Origin> origin(std::int64_t seq) const override;
    void erase(const ErasureScope& scope, const OnDone& done) override;
    std::vector<std::string> missing() const override;
    /// Queues of this host's partitions that confirm nothing, or of which nothing comes.
    std::size_t stuck() const;
    /// How often a queue handed out nothing, and another broker was tried.
    std::uint64_t stalls() const { return stalls_; }

    /// Posts that are taken and not settled.
    std::size_t held() const { return held_.size(); }
    /// Messages that are here, in posts or on their way into them, and not settled.
    std::size_t known() const { return held_.messages(); }
    /// Null without a folder for large media.
    const SharedMedia* shared_media() const { return shared_media_.get(); }

 private:
    // Whether a queue of this host's partitions lets anything through.
    struct Watch {
        std::chrono::steady_clock::time_point heard{};  // the last message, or the last probe
        std::chrono::seconds pause{0};                  // until the next probe, where nothing comes
        bool asked = false;                             // a probe is not confirmed yet
        bool confirms = true;
        bool hands_out = true;
    };
    struct Incoming;
    using IncomingPtr = std::shared_ptr<Incoming>;

    AmqpQueue(const Config& config, const PostLimits& limits, EventLoop& loop, Journal& journal,
              MediaStore& media, Hooks hooks, std::string host_name);
    void start();
    void put_shared(v1::QueueMessage message, const std::string& queue, const Offer& offer, OnPut done);
    /// `done` hears of a failure when the message cannot come any more.
    void publish_post(v1::QueueMessage message, const std::string& queue, OnDone done);
    void publish(v1::QueueMessage message, const std::string& queue, OnDone done);

    void arrived(std::vector<AmqpConsumer::Message> messages);
    void arrived(AmqpConsumer::Message& message);
    void lost(const std::string& queue);
    static void heard(Watch& watch);
    void probe();
    void probe(const std::string& queue);
    void probed(const std::string& queue, const Status& confirmed);
    void try_again();
    void store_missing_media();
    Status judge(Incoming& incoming) const;
    void store_media(const IncomingPtr& incoming);
    void read_shared_media(const IncomingPtr& incoming);
    void store_media(const IncomingPtr& incoming, Frames frames);
    void unreadable(const IncomingPtr& incoming, const Error& error);
    void advance(const std::string& queue);
    bool joins(const Incoming& incoming) const;
    void look_up(const std::string& queue);
    void take(const IncomingPtr& incoming);
    void taken(const IncomingPtr& incoming, const Acceptance& acceptance);
    void settle_waiting(const std::string& post, bool they_count);
    void erase_sent_before(const IncomingPtr& incoming);
    void erase_held(const IncomingPtr& incoming, const ErasureScope& scope);
    void erase_waiting(const ErasureScope& scope, std::vector<std::string>& messages);
    static bool concerns(const ErasureScope& scope, const Incoming& incoming);
    bool being_erased(const Incoming& incoming) const;
    void erase_rows(const IncomingPtr& incoming, const ErasureScope& scope);
    void pass_over(const IncomingPtr& incoming);
    void finish(const IncomingPtr& incoming);
    void settle_with_files(std::vector<AmqpConsumer::Tag> tags, std::vector<std::string> files);

    const Config& config_;
    const PostLimits limits_;
    EventLoop& loop_;
    Journal& journal_;
    MediaStore& media_;
    const Hooks hooks_;
    const QueueNames names_;
    const std::string host_queue_;
    MessageIds ids_;
    HeldPosts held_;
    std::set<int> partitions_;
    std::map<std::string, Watch> watched_;
    std::uint64_t stalls_ = 0;
    std::size_t revoking_bytes_ = 0;  // of posts whose clients wait until they are revoked
    bool disk_full_ = false;          // the last media could not be stored
    std::vector<std::pair<IncomingPtr, ErasureScope>> unerased_;
    std::map<std::string, std::deque<IncomingPtr>>
        lines_;                                    // by queue: what has come and is not in the journal
    std::set<std::string> looking_up_;             // lines
    std::map<std::string, ErasureScope> erasing_;  // by line: it stands until nothing of this is held
    // By post: what says nothing new beside what is held of it.
    std::unordered_map<std::string, std::vector<IncomingPtr>> waiting_;
    bool folder_wanted_ = false;  // media lies in a folder that this host does not know
    std::unique_ptr<AmqpPublisher> publisher_;
    std::unique_ptr<AmqpConsumer> consumer_;
    std::unique_ptr<SharedMedia> shared_media_;  // last: their threads use all of the above
};

}  // namespace bgm
