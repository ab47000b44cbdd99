#include "ops/bench/end_to_end/one_by_one.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "ops/client/events_client.hpp"
#include "ops/client/posts_client.hpp"

namespace bgm::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kWithin{10};
constexpr std::chrono::milliseconds kIdleAgain{20};
constexpr std::size_t kWarmUp = 10;  // of each, not counted: connections, subscriptions and caches

float milliseconds_since(Clock::time_point begin) {
    return std::chrono::duration<float, std::milli>(Clock::now() - begin).count();
}

Error late(const std::string& what) {
    return {.code = ErrorCode::deadline_exceeded, .message = "no " + what + " within ten seconds"};
}

/// One connection that stays open.
class HttpPoster {
 public:
    HttpPoster(const std::string& gateway, const std::string& key)
        : curl_(curl_easy_init(), curl_easy_cleanup), headers_(nullptr, curl_slist_free_all) {
        for (const std::string& line :
             {"Authorization: Bearer " + key, std::string("Content-Type: application/json"),
              std::string("Prefer: wait=5"), std::string("Expect:")})
            headers_.reset(curl_slist_append(headers_.release(), line.c_str()));
        curl_easy_setopt(curl_.get(), CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl_.get(), CURLOPT_PROXY, "");
        curl_easy_setopt(curl_.get(), CURLOPT_URL, (gateway + "/v1/posts").c_str());
        curl_easy_setopt(curl_.get(), CURLOPT_HTTPHEADER, headers_.get());
        curl_easy_setopt(curl_.get(), CURLOPT_WRITEFUNCTION, append);
        curl_easy_setopt(curl_.get(), CURLOPT_WRITEDATA, &answer_);
        curl_easy_setopt(curl_.get(), CURLOPT_TIMEOUT, static_cast<long>(kWithin.count()));
    }

    Status post(const std::string& json) {
        answer_.clear();
        curl_easy_setopt(curl_.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(json.size()));
        curl_easy_setopt(curl_.get(), CURLOPT_POSTFIELDS, json.data());
        if (const CURLcode code = curl_easy_perform(curl_.get()); code != CURLE_OK)
            return Error{.code = ErrorCode::unavailable,
                         .message = std::string("the gateway: ") + curl_easy_strerror(code)};
        long status = 0;
        curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
        if (status != 200 || answer_.find("\"pick\"") == std::string::npos)
            return Error{.code = ErrorCode::internal,
                         .message = "the gateway answers " + std::to_string(status) + ": " + answer_};
        return ok_status();
    }

 private:
    static std::size_t append(const char* bytes, std::size_t size, std::size_t count, void* text) {
        static_cast<std::string*>(text)->append(bytes, size * count);
        return size * count;
    }
    std::unique_ptr<CURL, void (*)(CURL*)> curl_;
    std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers_;
    std::string answer_;
};

}  // namespace

Result<OneByOneResult> send_one_by_one(const OneByOneSpec& spec) {
    auto events = EventsClient::connect(spec.events, "default", kWithin);
    if (!events) return events.error();
    auto posts = PostsClient::connect(spec.posts.endpoint, kWithin);
    if (!posts) return posts.error();
    HttpPoster http(spec.gateway, spec.key);
    OneByOneResult result;
    LoadSpec by_zmq = spec.posts;
    LoadSpec by_http = spec.posts;
    by_zmq.prefix += "zmq-";
    by_http.prefix += "http-";
    for (std::size_t number = 0; number < spec.posts.posts + kWarmUp; ++number) {
        const bool counted = number >= kWarmUp;
        std::string json = post_json(by_zmq, number);
        const std::string id = by_zmq.prefix + std::to_string(number);
        std::this_thread::sleep_for(kIdleAgain);
        auto begin = Clock::now();
        if (auto sent = posts->send(WireFormat::json, json); !sent) return sent.error();
        auto ack = posts->receive(kWithin);
        if (!ack) return ack.error();
        if (!*ack) return late("ack for " + id);
        if ((*ack)->status != PostAck::Status::accepted)
            return Error{.code = ErrorCode::internal, .message = id + " was not accepted"};
        const float ack_ms = milliseconds_since(begin);
        for (bool arrived = false; !arrived;) {
            auto event = events->receive(kWithin);
            if (!event) return event.error();
            if (!*event) return late("event for " + id);
            arrived = (*event)->post_id() == id && (*event)->pick.has_value();
        }
        if (counted) result.zmq_ms.push_back(milliseconds_since(begin));
        if (counted) result.zmq_ack_ms.push_back(ack_ms);

        json = post_json(by_http, number);
        std::this_thread::sleep_for(kIdleAgain);
        begin = Clock::now();
        if (auto answered = http.post(json); !answered) return answered.error();
        if (counted) result.http_ms.push_back(milliseconds_since(begin));
    }
    for (auto* each : {&result.zmq_ack_ms, &result.zmq_ms, &result.http_ms})
        std::sort(each->begin(), each->end());
    return result;
}

}  // namespace bgm::bench
