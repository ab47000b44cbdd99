#include "daemon/gateway/gateway_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <utility>

namespace bgm::gateway {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

struct GatewayMetrics::Impl {
    prometheus::Registry registry;

    Family<Counter>& counter(const char* name, const char* help) {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    }
    Gauge& gauge(const char* name, const char* help) {
        return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
    }

    Family<Counter>& requests = counter("bgmd_gateway_requests_total",
                                        "Requests answered, by route and status; 0: the client had gone.");
    Histogram& seconds =
        prometheus::BuildHistogram()
            .Name("bgmd_gateway_request_seconds")
            .Help("From a request's head to its answer, without event streams and waits for picks.")
            .Register(registry)
            .Add({}, Histogram::BucketBoundaries{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                 0.5, 1, 2.5, 5, 10, 30});
    Family<Counter>& refusals =
        counter("bgmd_gateway_refusals_total", "Requests and connections refused before bgmd was asked.");
    Counter& connections_taken = counter("bgmd_gateway_connections_total", "Connections accepted.").Add({});
    Counter& received =
        counter("bgmd_gateway_received_bytes_total", "Bytes of requests, also of refused ones.").Add({});
    Counter& sent = counter("bgmd_gateway_sent_bytes_total", "Bytes of answers and events.").Add({});
    Family<Counter>& keys = counter("bgmd_gateway_key_checks_total", "Keys looked up, by outcome.");
    Counter& events = counter("bgmd_gateway_events_total", "Events sent to event streams.").Add({});
    Gauge& connections = gauge("bgmd_gateway_connections", "Open connections.");
    Gauge& streams = gauge("bgmd_gateway_streams", "Open event streams.");
    Gauge& waits = gauge("bgmd_gateway_waits", "Requests that wait for their pick.");
    Gauge& memory =
        gauge("bgmd_gateway_memory_bytes", "What bodies and buffers hold of gateway.memory_bytes_max.");
    Gauge& questions = gauge("bgmd_gateway_questions", "Posts and questions that bgmd has not answered yet.");
    Gauge& daemon_up = gauge("bgmd_gateway_daemon_up", "Whether bgmd is connected.");

    std::map<std::pair<std::string_view, int>, Counter*> requests_of;
    std::map<std::string_view, Counter*> refusals_of;
};

GatewayMetrics::GatewayMetrics() : impl_(std::make_unique<Impl>()) {
    for (const std::string_view reason : {"head", "chunk", "body_size", "memory", "header_timeout",
                                          "body_timeout", "slow_reader", "connections", "in_flight"})
        impl_->refusals_of[reason] = &impl_->refusals.Add({{"reason", std::string(reason)}});
    // From the start at 0: increase() does not see the first event of a series that begins with it.
    for (const char* outcome : {"known", "unknown", "failed"})
        impl_->keys.Add({{"outcome", outcome}});
}

GatewayMetrics::~GatewayMetrics() = default;

void GatewayMetrics::observe_request(std::string_view route, int status, double seconds) {
    Counter*& counter = impl_->requests_of[{route, status}];
    if (counter == nullptr)
        counter = &impl_->requests.Add({{"route", std::string(route)}, {"status", std::to_string(status)}});
    counter->Increment();
    if (seconds >= 0) impl_->seconds.Observe(seconds);
}

void GatewayMetrics::count_refusal(std::string_view reason) {
    impl_->refusals_of.at(reason)->Increment();
}

void GatewayMetrics::count_connection() {
    impl_->connections_taken.Increment();
}

void GatewayMetrics::count_received(std::size_t bytes) {
    impl_->received.Increment(static_cast<double>(bytes));
}

void GatewayMetrics::count_sent(std::size_t bytes) {
    impl_->sent.Increment(static_cast<double>(bytes));
}

void GatewayMetrics::count_key(std::string_view outcome) {
    impl_->keys.Add({{"outcome", std::string(outcome)}}).Increment();
}

void GatewayMetrics::count_event(std::size_t events) {
    impl_->events.Increment(static_cast<double>(events));
}

std::string GatewayMetrics::text(const Levels& levels) {
    impl_->connections.Set(static_cast<double>(levels.connections));
    impl_->streams.Set(static_cast<double>(levels.streams));
    impl_->waits.Set(static_cast<double>(levels.waits));
    impl_->memory.Set(static_cast<double>(levels.memory_bytes));
    impl_->questions.Set(static_cast<double>(levels.questions));
    impl_->daemon_up.Set(levels.daemon_is_there ? 1 : 0);
    return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace bgm::gateway
