#include "daemon/gateway/gateway.hpp"

#include <algorithm>

#include "daemon/base/clock.hpp"
#include "daemon/gateway/multipart_reader.hpp"
#include "daemon/gateway/openapi.hpp"
#include "daemon/gateway/page_files.hpp"
#include "daemon/gateway/presented_key.hpp"

namespace bgm::gateway {
namespace {

constexpr std::chrono::milliseconds kLookPeriod{100};

// Nothing from elsewhere, nothing inline, and no media but from the hosts that the operator names.
std::string page_policy(const std::string& media_hosts) {
    return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
           "media-src 'self' blob:" +
           (media_hosts.empty() ? "" : " " + media_hosts) +
           "; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
           "require-trusted-types-for 'script'; trusted-types 'none'";
}

Response fixed(std::string_view type, std::string_view bytes) {
    return {.status = 200, .type = type, .body = {}, .file = bytes};
}

}  // namespace

Gateway::Gateway(const GatewayOptions& options)
    : options_(options),
      page_policy_(page_policy(options.media_hosts)),
      openapi_(openapi_json()),
      docs_(docs_page()),
      budget_(options.memory_bytes_max),
      context_{.reactor = reactor_, .budget = budget_, .metrics = metrics_, .limits = options.http} {}

Gateway::~Gateway() = default;

Result<std::unique_ptr<Gateway>> Gateway::open(const GatewayOptions& options) {
    std::unique_ptr<Gateway> gateway(new Gateway(options));
    Gateway& self = *gateway;
    auto daemon = DaemonLink::open(options.runtime_dir, self.reactor_);
    if (!daemon) return daemon.error();
    auto listener = listen_on(options.listen);
    if (!listener) return listener.error();
    self.daemon_ = std::move(*daemon);
    self.keys_ = std::make_unique<KeyCache>(*self.daemon_);
    self.waits_ = std::make_unique<PickWaits>(*self.daemon_);
    self.posts_ = std::make_unique<PostCalls>(*self.daemon_, *self.waits_, options.wait_max,
                                              options.http.json_bytes_max);
    self.door_ = std::make_unique<DoorCalls>(*self.daemon_);
    self.streams_ =
        std::make_unique<EventStreams>(*self.daemon_, *self.keys_, self.metrics_, options.streams_max);
    self.daemon_->on_event([raw = &self](const DaemonEvent& event) {
        raw->waits_->take_event(event);
        raw->streams_->take_event(event);
    });
    self.context_.begin = [raw = &self](const std::shared_ptr<Exchange>& exchange) { raw->begin(exchange); };
    self.context_.finish = [raw = &self](const std::shared_ptr<Exchange>& exchange) { raw->call(exchange); };
    self.server_ = std::make_unique<HttpServer>(self.context_, std::move(*listener));
    self.reactor_.every(kLookPeriod, [raw = &self] {
        raw->daemon_->look_at_clock();
        raw->waits_->look_at_clock();
        raw->streams_->look_at_clock();
    });
    return gateway;
}

void Gateway::run(int end_fd) {
    server_->start();
    if (end_fd >= 0) {
        end_ = std::make_unique<Descriptor>(reactor_, end_fd);
        end_->when_readable([this] { reactor_.stop(); });
    }
    reactor_.run();
}

void Gateway::stop() {
    reactor_.stop();
}

void Gateway::begin(const std::shared_ptr<Exchange>& exchange) {
    const RequestHead& head = exchange->head;
    RouteMatch match = match_route(head.method, exchange->target.segments);
    const std::string_view name = match.route == nullptr ? "none" : match.route->name;
    const bool timed =
        match.route != nullptr && match.route->operation != Operation::events && head.field("Prefer").empty();
    exchange->on_end = [this, name, timed, watch = Stopwatch()](int status) {
        metrics_.observe_request(name, status, timed ? watch.seconds() : -1);
    };
    if (match.route == nullptr && match.allowed.empty())
        return exchange->answer(problem(
            {.status = 404, .code = "not_found", .detail = "there is nothing at this path", .in = {}}));
    if (match.route == nullptr) {
        Response response = problem({.status = 405,
                                     .code = "method_not_allowed",
                                     .detail = "this path takes " + match.allowed,
                                     .in = {}});
        response.fields.emplace_back("Allow", match.allowed);
        return exchange->answer(std::move(response));
    }
    exchange->route = match.route;
    exchange->arguments = std::move(match.arguments);
    if (match.route->access != Access::anybody) return check_key(exchange);
    call_without_body(exchange);
}

void Gateway::call_without_body(const std::shared_ptr<Exchange>& exchange) {
    if (exchange->head.has_body())
        return exchange->answer(problem({.status = 400,
                                         .code = "malformed",
                                         .detail = "this call takes no body",
                                         .field = "Content-Length",
                                         .in = "header"}));
    call(exchange);
}

void Gateway::check_key(const std::shared_ptr<Exchange>& exchange) {
    const auto digest = presented_key_digest(exchange->head.field("Authorization"));
    if (!digest) {
        metrics_.count_key("unknown");
        return exchange->answer(problem({.status = 401,
                                         .code = "unauthenticated",
                                         .detail = "must be: Bearer and a key",
                                         .field = "Authorization",
                                         .in = "header"}));
    }
    keys_->look_up(*digest, [this, exchange](const KeyCache::Answer& key) { admit(exchange, key); });
}

void Gateway::admit(const std::shared_ptr<Exchange>& exchange, const KeyCache::Answer& key) {
    if (exchange->gone()) return;
    const Route& route = *exchange->route;
    metrics_.count_key(!key ? "failed" : *key ? "known" : "unknown");
    if (!key) return exchange->answer(problem(key.error(), "header"));
    if (*key == nullptr)
        return exchange->answer(problem({.status = 401,
                                         .code = "unauthenticated",
                                         .detail = "this key is not known, expired or revoked",
                                         .field = "Authorization",
                                         .in = "header"}));
    exchange->key = *key;
    if (route.access == Access::scope && !exchange->key->scopes.has(route.scope))
        return exchange->answer(
            problem({.status = 403,
                     .code = "forbidden",
                     .detail = "the key has not got the scope " + std::string(bgm::name(route.scope)),
                     .field = "Authorization",
                     .in = "header"}));
    for (const auto& [name, value] : exchange->target.parameters) {
        if (!takes_query(route, name))
            return exchange->answer(problem({.status = status_of("invalid_argument", route),
                                             .code = "invalid_argument",
                                             .detail = "is no parameter of this call",
                                             .field = name,
                                             .in = "query"}));
    }
    if (route.operation != Operation::events) {
        std::size_t& waiting = in_flight_[exchange->key->id];
        if (waiting >= options_.in_flight_per_key) {
            metrics_.count_refusal("in_flight");
            return exchange->answer(problem({.status = 429,
                                             .code = "too_many_requests",
                                             .detail = "this key has as many requests under way as it may",
                                             .retry_after_s = 1}));
        }
        ++waiting;
        exchange->on_end = [this, id = exchange->key->id, before = std::move(exchange->on_end)](int status) {
            if (const auto found = in_flight_.find(id); --found->second == 0) in_flight_.erase(found);
            before(status);
        };
    }
    const RequestHead& head = exchange->head;
    if (route.body == BodyKind::none) return call_without_body(exchange);
    const std::string type = media_type(head.field("Content-Type"));
    const bool multipart = route.body == BodyKind::post && type == "multipart/form-data";
    if (type != "application/json" && !multipart)
        return exchange->answer(problem({.status = 415,
                                         .code = "unsupported_type",
                                         .detail = route.body == BodyKind::post
                                                       ? "must be application/json or multipart/form-data"
                                                       : "must be application/json",
                                         .field = "Content-Type",
                                         .in = "header"}));
    if (!head.field("Content-Encoding").empty() && head.field("Content-Encoding") != "identity")
        return exchange->answer(problem({.status = 415,
                                         .code = "unsupported_type",
                                         .detail = "bodies are read as they are",
                                         .field = "Content-Encoding",
                                         .in = "header"}));
    exchange->read_body(multipart ? options_.http.body_bytes_max
                                  : std::min(options_.http.json_bytes_max, options_.http.body_bytes_max));
}

void Gateway::call(const std::shared_ptr<Exchange>& exchange) {
    switch (exchange->route->operation) {
        case Operation::post_post:
            return posts_->submit(exchange);
        case Operation::post_get:
            return door_->get_post(exchange);
        case Operation::post_delete:
            return door_->erase(exchange, "post_id");
        case Operation::user_delete:
            return door_->erase(exchange, "user_id");
        case Operation::feedback_add:
            return door_->add_feedback(exchange);
        case Operation::events:
            return streams_->open(exchange);
        case Operation::tracks:
            return door_->list_tracks(exchange);
        case Operation::similar:
            return door_->about_track(exchange, "similar");
        case Operation::path:
            return door_->about_track(exchange, "path");
        case Operation::key:
            return door_->describe_key(exchange);
        case Operation::status:
            return door_->status(exchange);
        case Operation::dead_list:
            return door_->list_dead(exchange);
        case Operation::dead_show:
            return door_->about_dead(exchange, "dead.show");
        case Operation::dead_retry:
            return door_->about_dead(exchange, "dead.retry");
        case Operation::dead_drop:
            return door_->about_dead(exchange, "dead.drop");
        case Operation::openapi:
            return exchange->answer(fixed("application/json", openapi_));
        case Operation::docs: {
            Response response = fixed("text/html; charset=utf-8", docs_);
            response.fields.emplace_back("Content-Security-Policy", page_policy_);
            return exchange->answer(std::move(response));
        }
        case Operation::health:
            return exchange->answer({.status = 200, .body = "{\"alive\":true}\n"});
        case Operation::ready:
            return door_->ready(exchange);
        case Operation::metrics:
            return exchange->answer({.status = 200,
                                     .type = "text/plain; version=0.0.4; charset=utf-8",
                                     .body = metrics_.text(levels())});
        case Operation::page:
            return serve_file(exchange, "index.html");
        case Operation::page_file:
            return serve_file(exchange, exchange->arguments.at(0));
    }
}

void Gateway::serve_file(const std::shared_ptr<Exchange>& exchange, std::string_view name) {
    const auto files = page_files();
    const auto file =
        std::find_if(files.begin(), files.end(), [&](const PageFile& each) { return each.name == name; });
    if (file == files.end())
        return exchange->answer(problem(
            {.status = 404, .code = "not_found", .detail = "there is nothing at this path", .in = {}}));
    Response response = fixed(file->type, file->bytes);
    if (names_tag(exchange->head.field("If-None-Match"), file->tag)) response = {.status = 304};
    response.fields = {{"ETag", std::string(file->tag)},
                       {"Cache-Control", "no-cache"},
                       {"Content-Security-Policy", page_policy_},
                       {"Referrer-Policy", "no-referrer"},
                       {"Cross-Origin-Opener-Policy", "same-origin"},
                       {"Cross-Origin-Resource-Policy", "same-origin"},
                       {"Permissions-Policy", "camera=(self), microphone=(self), geolocation=()"}};
    exchange->answer(std::move(response));
}

GatewayMetrics::Levels Gateway::levels() const {
    return {.connections = server_->connections(),
            .streams = streams_->streams(),
            .waits = waits_->waiting(),
            .memory_bytes = budget_.held(),
            .questions = daemon_->waiting(),
            .daemon_is_there = daemon_->daemon_is_there()};
}

}  // namespace bgm::gateway
