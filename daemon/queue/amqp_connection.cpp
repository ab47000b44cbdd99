#include "daemon/queue/amqp_connection.hpp"

#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <utility>

#include "schemas/host_port.hpp"

namespace bgm {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kConnectWithin{2'000};
constexpr milliseconds kHandshakeWithin{5'000};
constexpr milliseconds kAnswerWithin{10'000};
constexpr milliseconds kGoodbyeWithin{1'000};
constexpr int kChannelsMax = 2047;
constexpr int kFrameBytesMax = AMQP_DEFAULT_FRAME_SIZE;

timeval timeval_of(milliseconds time) {
    return {.tv_sec = time.count() / 1000, .tv_usec = (time.count() % 1000) * 1000};
}

amqp_table_entry_t entry_of(const char* key, amqp_field_value_t value) {
    return {.key = amqp_cstring_bytes(key), .value = value};
}

amqp_field_value_t yes() {
    amqp_field_value_t value{};
    value.kind = AMQP_FIELD_KIND_BOOLEAN;
    value.value.boolean = 1;
    return value;
}

Error unavailable(const std::string& endpoint, std::string_view what) {
    return {.code = ErrorCode::unavailable, .message = endpoint + ": " + std::string(what)};
}

}  // namespace

std::string_view text_of(amqp_bytes_t bytes) {
    return bytes.len == 0 ? std::string_view{}
                          : std::string_view(static_cast<const char*>(bytes.bytes), bytes.len);
}

amqp_bytes_t bytes_of(std::string_view text) {
    return {.len = text.size(), .bytes = const_cast<char*>(text.data())};
}

std::string printable_reply(std::string_view text) {
    constexpr std::size_t kBytesMax = 300;
    std::string clean(text.substr(0, kBytesMax));
    std::replace_if(
        clean.begin(), clean.end(), [](char byte) { return byte < ' ' || byte == 0x7f; }, '?');
    return clean;
}

Error error_of_close(int reply_code, std::string_view reply_text) {
    const std::string said = printable_reply(reply_text);
    switch (reply_code) {
        case AMQP_ACCESS_REFUSED:
            return {ErrorCode::invalid_argument,
                    "the broker lacks a permission for this user (rabbitmqctl set_permissions): " + said,
                    "queue.user"};
        case AMQP_NOT_FOUND:
            return {ErrorCode::unavailable, "the broker does not know it: " + said, ""};
        case AMQP_PRECONDITION_FAILED:
            return {ErrorCode::invalid_argument, "the broker has it with other settings: " + said, ""};
        case AMQP_NOT_ALLOWED:
            return {ErrorCode::invalid_argument, "the broker does not allow it: " + said, "queue.vhost"};
        default:
            return {ErrorCode::unavailable, "closed by the broker: " + said, ""};
    }
}

Error broken_protocol(std::string_view what) {
    return {.code = ErrorCode::unavailable,
            .message = "the broker breaks the protocol: " + std::string(what)};
}

AmqpConnection::AmqpConnection(std::string endpoint)
    : endpoint_(std::move(endpoint)), state_(amqp_new_connection()) {}

AmqpConnection::~AmqpConnection() {
    if (state_ == nullptr) return;
    if (usable_) {
        const timeval within = timeval_of(kGoodbyeWithin);
        (void)amqp_set_rpc_timeout(state_, &within);
        (void)amqp_connection_close(state_, AMQP_REPLY_SUCCESS);
    }
    (void)amqp_destroy_connection(state_);
}

Result<std::unique_ptr<AmqpConnection>> AmqpConnection::open(const AmqpOptions& options, std::size_t endpoint,
                                                             milliseconds stall) {
    if (options.endpoints.empty())
        return Error{ErrorCode::invalid_argument, "no broker is named", "queue.endpoints"};
    const std::string& name = options.endpoints[endpoint % options.endpoints.size()];
    const auto address = read_host_port(name);
    if (!address)
        return Error{ErrorCode::invalid_argument,
                     "'" + printable_reply(name) + "' is not of the form host:port", "queue.endpoints"};
    std::unique_ptr<AmqpConnection> connection(new AmqpConnection(name));
    if (connection->state_ == nullptr) return unavailable(name, "no memory for a connection");
    if (Status dialled = connection->dial(options, address->host, address->port, stall); !dialled)
        return dialled.error();
    if (Status welcome = connection->log_in(options); !welcome) return welcome.error();
    return connection;
}

Status AmqpConnection::dial(const AmqpOptions& options, const std::string& host, int port,
                            milliseconds stall) {
    amqp_socket_t* socket = nullptr;
    if (options.tls) {
        socket = amqp_ssl_socket_new(state_);
        if (socket == nullptr) return unavailable(endpoint_, "no TLS");
        // The authority first: a socket that has none would vouch for nobody, and nobody for the broker.
        if (options.ca_file.empty() ||
            amqp_ssl_socket_set_cacert(socket, options.ca_file.c_str()) != AMQP_STATUS_OK)
            return Error{ErrorCode::invalid_argument,
                         "with queue.tls it must name a readable file with the certificate of the broker's "
                         "authority",
                         "queue.ca_file"};
        amqp_ssl_socket_set_verify_peer(socket, 1);
        amqp_ssl_socket_set_verify_hostname(socket, 1);
        if (amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST) != AMQP_STATUS_OK)
            return unavailable(endpoint_, "no TLS 1.2");
    } else {
        socket = amqp_tcp_socket_new(state_);
        if (socket == nullptr) return unavailable(endpoint_, "no memory for a socket");
    }
    const timeval handshake = timeval_of(kHandshakeWithin);
    const timeval answer = timeval_of(kAnswerWithin);
    (void)amqp_set_handshake_timeout(state_, &handshake);
    (void)amqp_set_rpc_timeout(state_, &answer);
    const timeval within = timeval_of(kConnectWithin);
    const int opened = amqp_socket_open_noblock(socket, host.c_str(), port, &within);
    if (opened == AMQP_STATUS_SSL_PEER_VERIFY_FAILED)
        return unavailable(endpoint_, "its certificate is not of the authority that queue.ca_file names");
    if (opened == AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED)
        return unavailable(endpoint_, "its certificate holds for another host's name");
    if (opened != AMQP_STATUS_OK) return unavailable(endpoint_, amqp_error_string2(opened));
    fd_ = amqp_get_sockfd(state_);
    const auto stall_ms = static_cast<unsigned>(std::clamp<std::int64_t>(stall.count(), 1'000, 600'000));
    (void)setsockopt(fd_, IPPROTO_TCP, TCP_USER_TIMEOUT, &stall_ms, sizeof stall_ms);
    return ok_status();
}

Status AmqpConnection::log_in(const AmqpOptions& options) {
    std::array<amqp_table_entry_t, 4> abilities{
        entry_of("authentication_failure_close", yes()), entry_of("connection.blocked", yes()),
        entry_of("consumer_cancel_notify", yes()), entry_of("basic.nack", yes())};
    amqp_field_value_t capabilities{};
    capabilities.kind = AMQP_FIELD_KIND_TABLE;
    capabilities.value.table = {.num_entries = static_cast<int>(abilities.size()),
                                .entries = abilities.data()};
    amqp_field_value_t name{};
    name.kind = AMQP_FIELD_KIND_UTF8;
    name.value.bytes = bytes_of(options.connection_name);
    std::array<amqp_table_entry_t, 2> entries{entry_of("capabilities", capabilities),
                                              entry_of("connection_name", name)};
    const amqp_table_t properties{.num_entries = options.connection_name.empty() ? 1 : 2,
                                  .entries = entries.data()};
    const int heartbeat_s = std::max(1, options.heartbeat_s);
    const amqp_rpc_reply_t reply = amqp_login_with_properties(
        state_, options.vhost.c_str(), kChannelsMax, kFrameBytesMax, heartbeat_s, &properties,
        AMQP_SASL_METHOD_PLAIN, options.user.c_str(), options.password.c_str());
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
        reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD && reply.reply.decoded != nullptr) {
        const auto* close = static_cast<const amqp_connection_close_t*>(reply.reply.decoded);
        const std::string said = printable_reply(text_of(close->reply_text));
        if (close->reply_code == AMQP_ACCESS_REFUSED)
            return Error{ErrorCode::invalid_argument,
                         endpoint_ + " refuses user '" + options.user +
                             "' with the password of queue.password_file: " + said,
                         "queue.user"};
        if (close->reply_code == AMQP_NOT_ALLOWED)
            return Error{ErrorCode::invalid_argument,
                         endpoint_ + ": virtual host '" + options.vhost + "' is not there for user '" +
                             options.user + "' (rabbitmqctl add_vhost, set_permissions): " + said,
                         "queue.vhost"};
    }
    if (Status accepted = check(reply); !accepted) return accepted;
    heartbeat_due_ = milliseconds(std::max(1, amqp_get_heartbeat(state_)) * 500);
    usable_ = true;
    return ok_status();
}

Result<std::optional<amqp_frame_t>> AmqpConnection::next_frame() {
    for (;;) {
        // Otherwise the library keeps every frame's memory until the connection ends.
        if (lent_) amqp_maybe_release_buffers_on_channel(state_, *std::exchange(lent_, std::nullopt));
        amqp_frame_t frame{};
        const timeval at_once{};
        const int status = amqp_simple_wait_frame_noblock(state_, &frame, &at_once);
        if (status == AMQP_STATUS_TIMEOUT) return std::optional<amqp_frame_t>{};
        if (Status read = check(status); !read) return read.error();
        lent_ = frame.channel;
        if (frame.channel != 0) return std::optional<amqp_frame_t>{frame};
        if (frame.frame_type != AMQP_FRAME_METHOD) continue;
        const amqp_method_t& method = frame.payload.method;
        if (method.id == AMQP_CONNECTION_BLOCKED_METHOD) {
            blocked_ =
                printable_reply(text_of(static_cast<amqp_connection_blocked_t*>(method.decoded)->reason));
            if (blocked_.empty()) blocked_ = "no reason given";
        } else if (method.id == AMQP_CONNECTION_UNBLOCKED_METHOD) {
            blocked_.clear();
        } else if (method.id == AMQP_CONNECTION_CLOSE_METHOD) {
            const auto* close = static_cast<amqp_connection_close_t*>(method.decoded);
            Error error = error_of_close(close->reply_code, text_of(close->reply_text));
            amqp_connection_close_ok_t farewell{};
            (void)amqp_send_method(state_, 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &farewell);
            usable_ = false;
            error.message = endpoint_ + ": " + error.message;
            return error;
        }
    }
}

Status AmqpConnection::each_frame(const std::function<Status(const amqp_frame_t&)>& take) {
    for (;;) {
        const auto frame = next_frame();
        if (!frame) return frame.error();
        if (!frame->has_value()) return ok_status();
        if (Status taken = take(**frame); !taken) return taken;
    }
}

Status AmqpConnection::check(int library_status) {
    if (library_status == AMQP_STATUS_OK) return ok_status();
    usable_ = false;
    return unavailable(endpoint_, amqp_error_string2(library_status));
}

Status AmqpConnection::check(const amqp_rpc_reply_t& reply) {
    switch (reply.reply_type) {
        case AMQP_RESPONSE_NORMAL:
            return ok_status();
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            return check(reply.library_error);
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            if (reply.reply.decoded != nullptr && reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
                const auto* close = static_cast<const amqp_channel_close_t*>(reply.reply.decoded);
                return error_of_close(close->reply_code, text_of(close->reply_text));
            }
            if (reply.reply.decoded != nullptr && reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
                usable_ = false;
                const auto* close = static_cast<const amqp_connection_close_t*>(reply.reply.decoded);
                return error_of_close(close->reply_code, text_of(close->reply_text));
            }
            break;
        default:
            break;
    }
    usable_ = false;
    return unavailable(endpoint_, "the broker ended the connection");
}

}  // namespace bgm
