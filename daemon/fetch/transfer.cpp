#include "daemon/fetch/transfer.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace bgm {
namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;  // how memory is taken while a body grows

void write_address(const Endpoint& endpoint, curl_sockaddr& out) {
    if (endpoint.address.v6) {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(endpoint.port);
        std::memcpy(&v6.sin6_addr, endpoint.address.bytes.data(), sizeof v6.sin6_addr);
        std::memcpy(&out.addr, &v6, sizeof v6);
        out.addrlen = sizeof v6;
    } else {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        std::memcpy(&v4.sin_addr, endpoint.address.bytes.data(), sizeof v4.sin_addr);
        std::memcpy(&out.addr, &v4, sizeof v4);
        out.addrlen = sizeof v4;
    }
    out.family = endpoint.address.v6 ? AF_INET6 : AF_INET;
}

}  // namespace

bool MemoryBudget::take(std::size_t bytes) {
    std::size_t used = used_;
    while (used + bytes <= bytes_max_) {
        if (used_.compare_exchange_weak(used, used + bytes)) return true;
    }
    return false;
}

Transfer::Transfer(Plan plan, const FetchRules& rules, const FetchLimits& limits, Connector& connector,
                   std::shared_ptr<MemoryBudget> memory)
    : plan_(std::move(plan)),
      rules_(rules),
      connector_(connector),
      memory_(std::move(memory)),
      handle_(curl_easy_init()) {
    const auto set = [this](auto option, auto value) { curl_easy_setopt(handle(), option, value); };
    // Whatever the name resolves to by now: the connection goes to the address that was checked.
    const std::string address = plan_.address.v6 ? "[" + plan_.address.text() + "]" : plan_.address.text();
    connect_to_.reset(curl_slist_append(nullptr, ("::" + address + ":").c_str()));
    set(CURLOPT_URL, plan_.url.text.c_str());
    set(CURLOPT_CONNECT_TO, connect_to_.get());
    set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);  // each hop is checked by us
    set(CURLOPT_PROXY, "");           // not even where the environment names one
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
    set(CURLOPT_USERAGENT, "bgmd");
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
    set(CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(plan_.time_left.count())));
    set(CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(limits.slow_bytes_per_s));
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits.slow_for.count()));
    set(CURLOPT_MAXFILESIZE_LARGE,
        static_cast<curl_off_t>(plan_.bytes_max));  // where the length is announced
    set(CURLOPT_PRIVATE, this);
}

Transfer::~Transfer() {
    memory_->give_back(taken_);
}

bool Transfer::add(std::string_view bytes) {
    if (body_.size() + bytes.size() > plan_.bytes_max) {
        refusal_ = {.code = ErrorCode::too_large,
                    .message = "more than " + std::to_string(plan_.bytes_max) + " bytes came"};
        return false;
    }
    while (taken_ < body_.size() + bytes.size()) {
        const std::size_t more = std::max(kChunkBytes, bytes.size());
        if (!memory_->take(more)) {
            refusal_ = {.code = ErrorCode::resource_exhausted,
                        .message = "too much media is being fetched at once"};
            return false;
        }
        taken_ += more;
    }
    body_.append(bytes);
    return true;
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    try {
        if (transfer.add({data, size * count})) return size * count;
    } catch (const std::bad_alloc&) {
        transfer.refusal_ = {.code = ErrorCode::resource_exhausted, .message = "out of memory"};
    }
    transfer.broken_off_ = true;
    return 0;
}

// The guard that does not depend on anything before it: an address that the rules refuse is never dialled.
curl_socket_t Transfer::on_socket(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(self);
    const auto wanted = IpAddress::from(address->addr);
    transfer.broken_off_ = true;
    if (!wanted || !(*wanted == transfer.plan_.address) ||
        !transfer.rules_.refused(transfer.plan_.url, transfer.plan_.tenant, *wanted).empty()) {
        transfer.refusal_ = {.code = ErrorCode::unsupported, .message = "the address is not the one checked"};
        return CURL_SOCKET_BAD;
    }
    const auto route = transfer.connector_.route({.address = *wanted, .port = transfer.plan_.url.port});
    if (!route) {
        transfer.refusal_ = {.code = ErrorCode::unavailable, .message = "no connection"};
        return CURL_SOCKET_BAD;
    }
    write_address(*route, *address);
    const int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0) {
        transfer.refusal_ = {.code = ErrorCode::resource_exhausted, .message = "no socket"};
        return CURL_SOCKET_BAD;
    }
    transfer.broken_off_ = false;
    transfer.dialled_ = true;
    return fd;
}

Error Transfer::failure(CURLcode code, long status) const {
    if (broken_off_) return refusal_;
    switch (code) {
        case CURLE_OK:
            break;
        case CURLE_FILESIZE_EXCEEDED:
            return {.code = ErrorCode::too_large,
                    .message = "more than " + std::to_string(plan_.bytes_max) + " bytes are announced"};
        case CURLE_OPERATION_TIMEDOUT:
            if (!connected())
                return {.code = ErrorCode::unavailable, .message = "the server does not take connections"};
            return {.code = ErrorCode::deadline_exceeded, .message = "the server is too slow"};
        case CURLE_PEER_FAILED_VERIFICATION:
            return {.code = ErrorCode::unsupported, .message = "the server's certificate is not trusted"};
        default:
            return {.code = ErrorCode::unavailable,
                    .message = std::string("fetching: ") + curl_easy_strerror(code)};
    }
    const std::string answer = "the server answered " + std::to_string(status);
    const bool heals = status >= 500 || status == 429 || status == 408;
    return {.code = heals ? ErrorCode::unavailable : ErrorCode::not_found, .message = answer};
}

Transfer::Outcome Transfer::conclude(CURLcode code) {
    long status = 0;
    curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && status == 200) return Outcome::done;
    char* location = nullptr;
    curl_easy_getinfo(handle(), CURLINFO_REDIRECT_URL, &location);
    if (code == CURLE_OK && status >= 300 && status < 400 && location != nullptr) {
        location_ = location;
        return Outcome::redirected;
    }
    error_ = failure(code, status);
    return Outcome::failed;
}

bool Transfer::connected() const {
    curl_off_t microseconds = 0;
    curl_easy_getinfo(handle(), CURLINFO_CONNECT_TIME_T, &microseconds);
    return microseconds > 0 || !dialled_;
}

std::uint64_t Transfer::bytes_received() const {
    curl_off_t bytes = 0;
    curl_easy_getinfo(handle(), CURLINFO_SIZE_DOWNLOAD_T, &bytes);
    return static_cast<std::uint64_t>(std::max<curl_off_t>(bytes, 0));
}

std::uint64_t Transfer::connections_opened() const {
    long opened = 0;
    curl_easy_getinfo(handle(), CURLINFO_NUM_CONNECTS, &opened);
    return static_cast<std::uint64_t>(std::max(opened, 0L));
}

bool Transfer::reused_a_connection() const {
    long status = 0;  // only a server that answered was connected to
    curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
    return status != 0 && connections_opened() == 0;
}

FetchedBytes Transfer::take_body() {
    const std::size_t taken = std::exchange(taken_, 0);
    return {new std::string(std::move(body_)), [memory = memory_, taken](const std::string* bytes) {
                delete bytes;
                memory->give_back(taken);
            }};
}

}  // namespace bgm
