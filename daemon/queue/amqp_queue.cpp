#include "daemon/queue/amqp_queue.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <thread>
#include <utility>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/queue/amqp_link.hpp"
#include "daemon/store/decision_rules.hpp"
#include "fusion/stable_hash.hpp"
#include "schemas/sha256.hpp"

namespace bgm {
namespace {

constexpr int kEventsPrefetch = 1000;
constexpr std::chrono::seconds kAgain{1};      // where the disk was full, or rows could not be erased
constexpr std::size_t kBesideMedia = 1 << 20;  // of a message: the post and its names
// A host that died is still known to the broker for two heartbeats.
constexpr int kHeartbeatsOfTheDead = 4;

AmqpOptions brokers(const Config::Queue& queue, std::string connection_name) {
    AmqpOptions options{.endpoints = {},
                        .vhost = queue.vhost,
                        .user = queue.user,
                        .password = queue.password,
                        .tls = queue.tls,
                        .ca_file = queue.ca_file,
                        .heartbeat_s = static_cast<int>(queue.heartbeat_s),
                        .connection_name = std::move(connection_name)};
    std::istringstream list(queue.endpoints);
    for (std::string endpoint; list >> endpoint;)
        options.endpoints.push_back(endpoint);
    return options;
}

// Hosts begin with different brokers, each always with the same one.
AmqpOptions own_brokers(const Config::Queue& queue, const std::string& host, const std::string& what) {
    AmqpOptions options = brokers(queue, host + " " + what);
    if (options.endpoints.empty()) return options;
    const std::size_t first = fnv1a64(host) % options.endpoints.size();
    std::ranges::rotate(options.endpoints, options.endpoints.begin() + static_cast<std::ptrdiff_t>(first));
    return options;
}

using Links = std::vector<std::unique_ptr<AmqpLink>>;

// A queue's first leader is the node where it is declared first: each is declared by another link.
Status declare(const Links& links, const Config::Queue& queue, const QueueNames& names) {
    AmqpLink& link = *links.front();
    QueueShape dead;
    dead.name = names.dead();
    dead.single_active = true;
    Status done = link.declare_queue(dead);
    if (done) done = link.declare_fanout(names.events());
    for (int partition = 0; partition < names.partitions(); ++partition) {
        for (const bool backfill : {false, true}) {
            if (!done) return done;
            AmqpLink& own = *links[static_cast<std::size_t>(partition) % links.size()];
            done = own.declare_queue({.name = names.posts(backfill, partition),
                                      .single_active = true,
                                      .bytes_max = queue.bytes_max,
                                      .delivery_limit = static_cast<int>(queue.delivery_limit),
                                      .dead_letter_queue = names.dead()});
        }
    }
    return done;
}

}  // namespace

std::string AmqpQueue::host_name(const Config& config) {
    if (!config.queue.host_name.empty()) return config.queue.host_name;
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return "bgmd";
    return name.data();
}

AmqpQueue::AmqpQueue(const Config& config, const PostLimits& limits, EventLoop& loop, Journal& journal,
                     MediaStore& media, Hooks hooks, std::string host_name)
    : config_(config),
      limits_(limits),
      loop_(loop),
      journal_(journal),
      media_(media),
      hooks_(std::move(hooks)),
      names_(config.queue.prefix, static_cast<int>(config.queue.partitions)),
      host_queue_(names_.host(host_name)) {}

Result<std::unique_ptr<AmqpQueue>> AmqpQueue::open(const Config& config, const PostLimits& limits,
                                                   EventLoop& loop, Journal& journal, MediaStore& media,
                                                   Hooks hooks) {
    std::unique_ptr<AmqpQueue> queue(
        new AmqpQueue(config, limits, loop, journal, media, std::move(hooks), host_name(config)));
    if (!config.queue.media_folder.empty()) {
        auto shared =
            SharedMedia::open({.folder = config.queue.media_folder,
                               .waiting_bytes_max = static_cast<std::size_t>(config.queue.waiting_bytes_max),
                               .read_bytes_max = limits.inline_bytes_max,
                               .unkept = std::chrono::seconds(config.queue.media_unkept_s)});
        if (!shared) return shared.error();
        queue->shared_media_ = *std::move(shared);
    }
    const AmqpOptions at_start = brokers(config.queue, queue->host_queue_ + " start");
    Links links;
    do {
        auto link = AmqpLink::open(at_start, links.size());
        if (!link) return link.error();
        links.push_back(*std::move(link));
    } while (links.size() < at_start.endpoints.size());
    if (Status declared = declare(links, config.queue, queue->names_); !declared) return declared.error();
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::seconds(kHeartbeatsOfTheDead * config.queue.heartbeat_s);
    Status alone = links.front()->declare_exclusive_queue(queue->host_queue_, queue->names_.events());
    while (!alone && alone.error().field == "queue.host_name" && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        alone = links.front()->declare_exclusive_queue(queue->host_queue_, queue->names_.events());
    }
    if (!alone) return alone.error();
    links.clear();  // the consumer declares it anew, on its own connection
    queue->start();
    return queue;
}

void AmqpQueue::start() {
    const auto message_max = static_cast<std::size_t>(config_.queue.message_bytes_max) + kBesideMedia;
    publisher_ = std::make_unique<AmqpPublisher>(
        own_brokers(config_.queue, host_queue_, "publisher"),
        AmqpPublisher::Options{.queued_bytes_max = static_cast<std::size_t>(config_.queue.waiting_bytes_max),
                               .message_bytes_max = message_max,
                               .confirm_timeout = std::chrono::milliseconds(config_.queue.confirm_timeout_ms),
                               .together = [this](const auto& tell) { loop_.post_together(tell); }});
    consumer_ = std::make_unique<AmqpConsumer>(
        own_brokers(config_.queue, host_queue_, "consumer"),
        AmqpConsumer::Options{.message_bytes_max = message_max},
        AmqpConsumer::Hooks{
            .on_messages =
                [this](std::vector<AmqpConsumer::Message> messages) {
                    loop_.post([this, shared = std::make_shared<std::vector<AmqpConsumer::Message>>(
                                          std::move(messages))] { arrived(std::move(*shared)); });
                },
            .on_lost = [this](const std::string& queue) { loop_.post([this, queue] { lost(queue); }); },
            .on_refused =
                [](const std::string& queue, const Error& error) {
                    log_warn("a queue cannot be consumed", {{"queue", queue}, {"error", error.to_string()}});
                },
            .on_stuck =
                [this](const std::string& queue) {
                    loop_.post([this, queue] {
                        stalls_ += 1;
                        if (const auto watch = watched_.find(queue); watch != watched_.end())
                            watch->second.hands_out = false;
                    });
                }});
    loop_.every(kAgain, [this] { try_again(); });
    loop_.every(kAgain, [this] { probe(); });
    consumer_->consume_exclusive(host_queue_, names_.events(), kEventsPrefetch);
    consumer_->consume(names_.dead(), static_cast<int>(config_.queue.prefetch));
}

void AmqpQueue::set_partitions(const std::vector<int>& partitions) {
    const std::set<int> wanted(partitions.begin(), partitions.end());
    for (const bool backfill : {false, true}) {
        for (const int partition : partitions_) {
            if (wanted.contains(partition)) continue;
            watched_.erase(names_.posts(backfill, partition));
            consumer_->release(names_.posts(backfill, partition));
        }
        for (const int partition : wanted) {
            if (partitions_.contains(partition)) continue;
            heard(watched_[names_.posts(backfill, partition)]);
            consumer_->consume(names_.posts(backfill, partition), static_cast<int>(config_.queue.prefetch));
        }
    }
    partitions_ = wanted;
}

bool AmqpQueue::has_room() const {
    return publisher_->connected() && publisher_->queued_bytes() + revoking_bytes_ <
                                          static_cast<std::size_t>(config_.queue.waiting_bytes_max);
}

std::optional<std::size_t> AmqpQueue::carried_media_max() const {
    return shared_media_ ? limits_.inline_bytes_max
                         : static_cast<std::size_t>(config_.queue.message_bytes_max);
}

std::vector<std::string> AmqpQueue::missing() const {
    std::vector<std::string> list;
    if (!publisher_->connected()) list.push_back("queue: cannot be written: " + publisher_->error());
    if (!consumer_->connected()) list.push_back("queue: cannot be read: " + consumer_->error());
    std::string silent;
    std::string kept;
    for (const auto& [queue, watch] : watched_) {
        if (!watch.confirms) silent += " " + queue;
        if (!watch.hands_out) kept += " " + queue;
    }
    if (!silent.empty()) list.push_back("queue: stuck, nothing is confirmed:" + silent);
    if (!kept.empty()) list.push_back("queue: stuck, nothing comes:" + kept);
    if (const std::string why = shared_media_ ? shared_media_->trouble() : ""; !why.empty())
        list.push_back("queue: media folder: " + why);
    if (folder_wanted_)
        list.emplace_back("queue: posts wait for their media, and queue.media_folder is not set");
    return list;
}

std::size_t AmqpQueue::stuck() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        watched_, [](const auto& each) { return !each.second.confirms || !each.second.hands_out; }));
}

void AmqpQueue::retry(StoredDead dead, OnDone done) {
    const auto refuse = [&done](std::string why) {
        done(Error{.code = ErrorCode::unsupported, .message = std::move(why), .field = "post_id"});
    };
    v1::Post& post = *dead.letter.mutable_post();
    if (post.post_id().empty()) return refuse("the post itself is not kept any more: send it again");
    if (std::ranges::any_of(post.assets(), [](const v1::Asset& asset) { return asset.has_frame(); }))
        return refuse("its media came inline with the post, and is not kept any more: send the post again");
    if (Status valid = validate_post(post, {}, limits_); !valid)
        return refuse("the post in its row is none: " + valid.error().to_string());
    if (post.tenant() != dead.letter.tenant() || post.post_id() != dead.letter.post_id())
        return refuse("the post in its row is another one");
    v1::QueueMessage message;
    message.set_kind(v1::QueueMessage::RETRY);
    message.set_id(dead.retry_id());
    message.set_tenant(post.tenant());
    message.set_post_id(post.post_id());
    message.set_post(post.SerializeAsString());
    message.set_content_hash(dead.content_hash.size() == kContentHashBytes ? dead.content_hash
                                                                           : sha256(message.post()));
    message.set_revision(dead.letter.revision());
    message.set_accepted_ms(now_ms());
    const bool backfill = line_of(message.id()) == kBackfillBit;
    const int partition = names_.partition(message.tenant(), message.post_id());
    publish(std::move(message), names_.posts(backfill, partition), std::move(done));
}

void AmqpQueue::settle(std::vector<Key> keys, OnDone done) {
    auto settled = std::make_shared<std::vector<Key>>();
    (void)journal_.submit(
        Journal::Urgency::internal, keys.size() * sizeof(Key),
        [keys = std::move(keys), settled](JournalStore& store) -> Status {
            settled->clear();
            for (const Key& key : keys) {
                auto gone = store.erase_settled(key.seq, key.revision);
                if (!gone) return gone.error();
                if (*gone) settled->push_back(key);
            }
            return ok_status();
        },
        [this, &loop = loop_, settled, done = std::move(done)](const Status& noted) {
            loop.post([this, settled, done, noted] {
                std::vector<AmqpConsumer::Tag> tags;
                for (const Key& key : *settled) {
                    HeldPosts::LetGo gone = held_.let_go(key.seq);
                    if (gone.files.empty()) {
                        std::ranges::copy(gone.tags, std::back_inserter(tags));
                    } else {
                        settle_with_files(std::move(gone.tags), std::move(gone.files));
                    }
                    settle_waiting(gone.post, key.overruled);
                }
                if (!tags.empty()) consumer_->settle(std::move(tags));
                done(noted);
            });
        });
}

void AmqpQueue::erase(const ErasureScope& scope, const OnDone& done) {
    struct Open {
        int left = 0;
        Status worst = ok_status();
    };
    std::vector<std::string> queues;
    for (const bool backfill : {false, true}) {
        for (int partition = 0; partition < names_.partitions(); ++partition) {
            const bool concerned =
                !scope.user_id.empty() || partition == names_.partition(scope.tenant, scope.post_id);
            if (concerned) queues.push_back(names_.posts(backfill, partition));
        }
    }
    v1::QueueMessage message;
    message.set_kind(v1::QueueMessage::ERASE);
    message.set_tenant(scope.tenant);
    message.set_post_id(scope.post_id);
    message.set_user_id(scope.user_id);
    auto open = std::make_shared<Open>(Open{.left = static_cast<int>(queues.size())});
    for (const std::string& queue : queues) {
        message.set_id(ids_.next(names_.is_backfill(queue)));
        publish(message, queue, [open, done](const Status& confirmed) {
            if (!confirmed) open->worst = confirmed;
            if (--open->left == 0) done(open->worst);
        });
    }
}

bool AmqpQueue::spread(std::string topic, std::string event) {
    if (!publisher_->connected()) return false;
    v1::QueueMessage message;
    message.set_kind(v1::QueueMessage::EVENT);
    message.set_topic(std::move(topic));
    message.set_event(std::move(event));
    return publisher_->publish({.exchange = names_.events(),
                                .routing_key = "",
                                .body = message.SerializeAsString(),
                                .persistent = false,
                                .confirmed = false,
                                .done = {}});
}

}  // namespace bgm
