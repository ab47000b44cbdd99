// The table of the configuration's keys: names, what they are for, and the range of numbers. One place that
// reading, `--set`, `--check-config` and the tests of the documents walk through.
#pragma once

#include <cstdint>

#include "fusion/recommend/match_request.hpp"

namespace bgm {

/// `visit` is called for each key in the order of Config: visit(key, value, help, min, max) for numbers,
/// visit(key, value, help) else.
template <typename ConfigT, typename Visit>
void for_each_key(ConfigT& c, Visit&& visit) {
    constexpr std::int64_t kMax = std::int64_t{1} << 50;
    visit("data_dir", c.data_dir, "the journal and the inline media that wait in it");
    visit("runtime_dir", c.runtime_dir, "sockets; must be a short path that only bgmd's user can enter");
    visit("posts.endpoint", c.posts.endpoint, "ROUTER for posts that are acknowledged");
    visit("posts.firehose_endpoint", c.posts.firehose_endpoint,
          "PULL for posts without acks; empty turns it off");
    visit("posts.text_bytes_max", c.posts.text_bytes_max, "longer texts are rejected", 1, 1 << 24);
    visit("posts.assets_max", c.posts.assets_max, "assets in one post", 1, 256);
    visit("posts.inline_bytes_max", c.posts.inline_bytes_max, "media frames of one post together", 1, kMax);
    visit("posts.image_bytes_max", c.posts.image_bytes_max, "one image", 1, kMax);
    visit("posts.audio_bytes_max", c.posts.audio_bytes_max, "one audio clip", 1, kMax);
    visit("posts.video_bytes_max", c.posts.video_bytes_max, "one video", 1, kMax);
    visit("posts.tracks_default", c.posts.tracks_default, "picks where the post does not say how many", 1,
          50);
    visit("posts.tracks_max", c.posts.tracks_max, "most picks that a post may ask for", 1, kTracksMax);
    visit("posts.retry_after_ms", c.posts.retry_after_ms, "what a BUSY answer tells the client to wait", 1,
          60'000);
    visit("fusion.prior", c.fusion.prior,
          "the moods to expect before a post is read: uniform, or your own mix");
    visit("fusion.reliability", c.fusion.reliability,
          "how far each modality is trusted, beside what its head says: image=0.5, audio=2");
    visit("matching.weights", c.matching.weights,
          "how much each term of a track's score weighs beside the others: mood=1, sound=0.5, taste=0.25, "
          "words=0.25");
    visit("matching.tenants", c.matching.tenants,
          "the same for tenants that differ: acme: mood=1, sound=0; other: sound=2, guard=0");
    visit("matching.guard", c.matching.guard,
          "a post of death, illness, disaster or violence gets no music that mocks it");
    visit("matching.repeat_after_s", c.matching.repeat_after_s,
          "so long a user gets no track again that he had; 0: at once. Needs MySQL", 0, 366 * 86'400);
    visit("events.endpoint", c.events.endpoint, "PUB for picks and dead letters");
    visit("admin.endpoint", c.admin.endpoint, "ROUTER for bgmctl; empty: admin.sock in runtime_dir");
    visit("http.listen", c.http.listen, "/metrics, /healthz, /readyz; empty turns it off");
    visit("gateway.listen", c.gateway.listen, "HTTP for posts and the page, host:port; empty: no gateway");
    visit("gateway.start", c.gateway.start, "bgmd runs bgm-gateway; false: somebody else does");
    visit("gateway.program", c.gateway.program, "empty: bgm-gateway beside bgmd");
    visit("gateway.sandbox", c.gateway.sandbox,
          "off, auto (what this host has) or required: what the gateway gives up before its first client");
    visit("gateway.connections_max", c.gateway.connections_max, "connections at once", 1, 1'000'000);
    visit("gateway.body_bytes_max", c.gateway.body_bytes_max, "one request's body", 1, kMax);
    visit("gateway.memory_bytes_max", c.gateway.memory_bytes_max, "bodies and buffers of all connections",
          1 << 20, kMax);
    visit("gateway.header_bytes_max", c.gateway.header_bytes_max, "one request's header", 1024, 1 << 20);
    visit("gateway.header_timeout_ms", c.gateway.header_timeout_ms, "for a whole header", 1, 600'000);
    visit("gateway.body_timeout_ms", c.gateway.body_timeout_ms,
          "a body, or an event stream with something to send, that has not moved for so long is given up", 1,
          600'000);
    visit("gateway.idle_timeout_ms", c.gateway.idle_timeout_ms, "between two requests", 1, 3'600'000);
    visit("gateway.in_flight_per_key", c.gateway.in_flight_per_key, "requests of one key that wait at once",
          1, 1'000'000);
    visit("gateway.wait_max_s", c.gateway.wait_max_s, "longest wait for a pick that a client may ask for", 0,
          600);
    visit("gateway.streams_max", c.gateway.streams_max, "event streams at once", 0, 1'000'000);
    visit("gateway.media_hosts", c.gateway.media_hosts,
          "hosts whose tracks the page may play: music.example *.cdn.example; empty: none");
    visit("journal.unfinished_max", c.journal.unfinished_max,
          "posts that may wait; past it the answer is BUSY", 1, kMax);
    visit("journal.bytes_max", c.journal.bytes_max, "size of the journal file; past it the answer is BUSY",
          1 << 20, kMax);
    visit("journal.queue_bytes_max", c.journal.queue_bytes_max,
          "bytes on their way to the journal; past it BUSY", 1 << 20, kMax);
    visit("journal.media_bytes_max", c.journal.media_bytes_max,
          "inline media that waits on the disk; past it BUSY", 1 << 20, kMax);
    visit("journal.commit_batch", c.journal.commit_batch, "most operations that share one fsync", 1, 100'000);
    visit("journal.keep_delivered_s", c.journal.keep_delivered_s,
          "how long a delivered post is remembered: later it counts as new", 0, kMax);
    visit("queue.kind", c.queue.kind,
          "local: the journal of this host; amqp: RabbitMQ's quorum queues, which several bgmd share. Needs "
          "MySQL");
    visit("queue.endpoints", c.queue.endpoints,
          "the nodes of the RabbitMQ cluster, host:port, separated by spaces, tried in turns");
    visit("queue.vhost", c.queue.vhost, "of the broker");
    visit("queue.user", c.queue.user, "who may configure, write and read there");
    visit("queue.password_file", c.queue.password_file, "or the environment variable BGMD_QUEUE_PASSWORD");
    visit("queue.tls", c.queue.tls, "encrypt, and check the broker's certificate");
    visit("queue.ca_file", c.queue.ca_file,
          "authority that signed the brokers' certificates; encrypts nothing without queue.tls");
    visit("queue.prefix", c.queue.prefix, "how the names of queues begin; one cluster of bgmd, one prefix");
    visit("queue.host_name", c.queue.host_name,
          "this bgmd among the others, by which no two may go; empty: the machine's");
    visit("queue.partitions", c.queue.partitions,
          "queues that posts are spread over, twice: live and backfill; the same on all hosts", 1, 1024);
    visit("queue.prefetch", c.queue.prefetch, "posts of one queue that this host holds and has not settled",
          1, 65'535);
    visit("queue.bytes_max", c.queue.bytes_max, "one queue; past it the answer is BUSY", 1 << 20, kMax);
    visit("queue.message_bytes_max", c.queue.message_bytes_max,
          "inline media of one post in its message; more goes to queue.media_folder, or must come by URI",
          1 << 16, 128 << 20);
    visit("queue.media_folder", c.queue.media_folder,
          "absolute path of a folder that all hosts mount, for inline media beyond queue.message_bytes_max; "
          "empty: none");
    visit("queue.media_wait_s", c.queue.media_wait_s,
          "a file that is not there for so long, in a folder that is, makes its post a dead letter", 1,
          86'400);
    visit("queue.media_unkept_s", c.queue.media_unkept_s,
          "a file of a post that nobody was told is accepted is removed after so long", 60, kMax);
    visit("queue.waiting_bytes_max", c.queue.waiting_bytes_max,
          "posts on their way to the broker; past it BUSY", 1 << 20, kMax);
    visit("queue.delivery_limit", c.queue.delivery_limit,
          "a post that has lost its host so many times is a dead letter", 1, 10'000);
    visit("queue.confirm_timeout_ms", c.queue.confirm_timeout_ms, "no confirmation for so long: BUSY", 1,
          600'000);
    visit("queue.heartbeat_s", c.queue.heartbeat_s,
          "a broker silent for twice as long is given up, and so is a host by the broker", 1, 600);
    visit("dispatch.window", c.dispatch.window, "posts in analysis at once; the others wait in the journal",
          1, 1 << 20);
    visit("dispatch.window_bytes", c.dispatch.window_bytes, "memory for the posts in analysis", 1 << 20,
          kMax);
    visit("dispatch.analysed_text_bytes", c.dispatch.analysed_text_bytes, "how much of a text is read", 1,
          1 << 24);
    visit("dispatch.text_deadline_ms", c.dispatch.text_deadline_ms, "lease of a text task", 1, kMax);
    visit("dispatch.image_deadline_ms", c.dispatch.image_deadline_ms, "lease of an image task", 1, kMax);
    visit("dispatch.audio_deadline_ms", c.dispatch.audio_deadline_ms, "lease of an audio task", 1, kMax);
    visit("dispatch.video_deadline_ms", c.dispatch.video_deadline_ms, "lease of a video task", 1, kMax);
    visit("dispatch.no_worker_ms", c.dispatch.no_worker_ms,
          "a modality without any worker for so long has failed", 1, kMax);
    visit("dispatch.poison_after", c.dispatch.poison_after, "a task that killed so many workers is given up",
          1, 100);
    visit("workers.program", c.workers.program, "empty: the preset's, beside bgmd");
    visit("workers.endpoint", c.workers.endpoint, "ROUTER for workers; empty: workers.sock in runtime_dir");
    visit("workers.listen", c.workers.listen,
          "where workers on other hosts connect, tcp://10.0.0.1:5580; encrypted, and by their keys only; "
          "empty: nowhere");
    visit("workers.curve_secret_file", c.workers.curve_secret_file,
          "bgmd's secret key for them, made by `bgmctl keys worker`; mode 0600");
    visit("workers.curve_clients_file", c.workers.curve_clients_file,
          "their public keys: a line `KEY NAME` for each host; looked at again when it changes");
    visit("workers.text", c.workers.text, "processes for text", 0, 256);
    visit("workers.image", c.workers.image, "processes for images", 0, 256);
    visit("workers.audio", c.workers.audio, "processes for audio", 0, 256);
    visit("workers.video", c.workers.video,
          "processes for video; -1: with clip the first image worker takes it, else 1", -1, 256);
    visit("workers.threads", c.workers.threads,
          "threads of one clip worker; 0: the cores divided by the workers", 0, 256);
    visit("workers.heartbeat_ms", c.workers.heartbeat_ms, "how often a worker says that it lives", 10,
          60'000);
    visit("workers.silent_ms", c.workers.silent_ms, "a worker silent for so long is killed and replaced", 100,
          kMax);
    visit("workers.restart_min_ms", c.workers.restart_min_ms,
          "first delay before a restart; doubles each time", 1, kMax);
    visit("workers.restart_max_ms", c.workers.restart_max_ms, "longest delay before a restart", 1, kMax);
    visit("workers.rss_bytes_max", c.workers.rss_bytes_max,
          "a worker that has grown by so much since it was ready is replaced", 1 << 20, kMax);
    visit("workers.nice", c.workers.nice, "workers give way to intake and delivery by so much", 0, 19);
    visit("workers.sandbox", c.workers.sandbox,
          "off, auto (what this host has) or required: what a worker gives up before its first task");
    visit("workers.task_memory_bytes", c.workers.task_memory_bytes,
          "address space of a worker beyond what its models take; 0: no limit", 0, kMax);
    visit("workers.task_cpu_s", c.workers.task_cpu_s, "processor time of one task; 0: no limit", 0, 3600);
    visit("workers.address_space_bytes", c.workers.address_space_bytes, "RLIMIT_AS of a worker; 0: no limit",
          0, kMax);
    visit("models.dir", c.models.dir,
          "model files; empty: the ones that ship with bgmd, with clip models in data_dir");
    visit("models.preset", c.models.preset, "which set of models: builtin, clip");
    visit("models.reading_dir", c.models.reading_dir,
          "builtin: Tesseract's kor.traineddata and eng.traineddata; empty: where Debian puts them; none: "
          "photos are not read");
    visit("models.packages_dir", c.models.packages_dir,
          "builtin: npm packages with networks; empty: packages/node_modules beside the shipped models; "
          "none: none");
    visit("models.image", c.models.image, "clip: CLIP, a folder in models.dir or an absolute path");
    visit("models.text", c.models.text, "clip: the text tower that is aligned to models.image");
    visit("models.audio", c.models.audio, "clip: CLAP");
    visit("models.caption", c.models.caption, "clip: BLIP, says what a photo shows; empty: no captions");
    visit("models.prompts_dir", c.models.prompts_dir,
          "clip: prompts of the moods; empty: the ones that ship with bgmd");
    visit("models.heads_dir", c.models.heads_dir,
          "heads that win over those of the workers; empty: beside the models; none: none");
    visit("models.precision", c.models.precision, "clip: auto (bf16 where the processor has it), fp32, bf16");
    visit("models.device", c.models.device, "clip: cpu or cuda:N");
    visit("models.batch_max", c.models.batch_max, "clip: most tasks that are encoded together", 1, 64);
    visit("models.batch_delay_ms", c.models.batch_delay_ms,
          "clip: longest wait for a fuller batch, where the queue is long", 0, 1000);
    visit("models.embedding_cache_entries", c.models.embedding_cache_entries,
          "clip: embeddings that a worker remembers by content; 0: none", 0, 1 << 24);
    visit("models.load_timeout_ms", c.models.load_timeout_ms,
          "a swap to models that take longer to load is given up", 100, kMax);
    visit("media.root", c.media.root, "file: URIs are read below it; empty: they are refused");
    visit("media.pixels_max", c.media.pixels_max, "declared, of an image or of a frame of a video", 1,
          1'000'000'000);
    visit("media.analysed_video_s", c.media.analysed_video_s, "what lies behind in a video is not looked at",
          1, 86'400);
    visit("media.video_frames_max", c.media.video_frames_max, "pictures that are taken of a video", 1, 1024);
    visit("media.audio_window_s", c.media.audio_window_s, "what is decoded of a longer sound", 1, 3600);
    visit("fetch.hosts", c.fetch.hosts,
          "where http: and https: URIs may lead: media.example *.cdn.example tenant=host, * for all; empty: "
          "nowhere");
    visit(
        "fetch.own_networks", c.fetch.own_networks,
        "not public, and fetched from all the same: 10.1.0.0/16 10.1.2.3/32:9000, for hosts that fetch.hosts "
        "names; empty: none");
    visit("fetch.signing_key_file", c.fetch.signing_key_file, "URIs must be signed with its first line");
    visit("fetch.transfers_max", c.fetch.transfers_max, "files fetched at once", 1, 1024);
    visit("fetch.memory_bytes_max", c.fetch.memory_bytes_max, "fetched media in memory", 1 << 20, kMax);
    visit("fetch.timeout_ms", c.fetch.timeout_ms, "one file with its redirects", 1, 600'000);
    visit("fetch.redirects_max", c.fetch.redirects_max, "redirects of one file", 0, 20);
    visit("mysql.host", c.mysql.host,
          "empty, as mysql.socket and mysql.endpoints: picks stay in the journal");
    visit("mysql.port", c.mysql.port, "TCP port of the server", 1, 65535);
    visit("mysql.socket", c.mysql.socket, "Unix socket of the server; wins over mysql.host");
    visit("mysql.endpoints", c.mysql.endpoints,
          "instead of the three: the nodes of a cluster, host:port, in order of preference");
    visit("mysql.user", c.mysql.user, "");
    visit("mysql.password_file", c.mysql.password_file, "or the environment variable BGMD_MYSQL_PASSWORD");
    visit("mysql.database", c.mysql.database, "");
    visit("mysql.tls_ca_file", c.mysql.tls_ca_file,
          "authority that signed the servers' certificates; empty: nothing is encrypted");
    visit("mysql.migrate", c.mysql.migrate, "apply missing migrations at start");
    visit("mysql.batch", c.mysql.batch, "posts in one transaction", 1, 10'000);
    visit("mysql.retry_min_ms", c.mysql.retry_min_ms, "first delay before trying again", 1, kMax);
    visit("mysql.retry_max_ms", c.mysql.retry_max_ms, "longest delay before trying again", 1, kMax);
    visit("mysql.answer_timeout_ms", c.mysql.answer_timeout_ms,
          "a server that is silent for longer is lost; whole seconds, rounded up", 1'000, 3'600'000);
    visit("mysql.replicas", c.mysql.replicas,
          "read-only copies of the database, host:port, for reads that may be a little old; empty: none");
    visit("mysql.replica_lag_max_ms", c.mysql.replica_lag_max_ms,
          "a replica that may be further behind is not read from; the same for every bgmd", 200, 60'000);
    visit(
        "teach.collect", c.teach.collect,
        "keep what `bgmctl teach` learns from: embeddings of photos, videos and sounds, and the mood of the "
        "text beside them. Needs MySQL");
    visit("teach.seeds_max", c.teach.seeds_max, "of each model; the oldest go", 100, 100'000'000);
    visit("catalogue.file", c.catalogue.file, "JSONL, used where MySQL is off; empty: the starter catalogue");
    visit("catalogue.refresh_ms", c.catalogue.refresh_ms,
          "how often the tracks table is looked at for changes", 100, kMax);
    visit("supervisor.pids_file", c.supervisor.pids_file,
          "a line \"name pid\" for every process; empty: none");
    visit("supervisor.drain_ms", c.supervisor.drain_ms, "how long SIGTERM lets posts in analysis finish", 0,
          kMax);
    visit("log.level", c.log.level, "trace, debug, info, warn, error");
    visit("log.format", c.log.format, "text or json");
}

}  // namespace bgm
