#include "daemon/gateway/connection.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace bgm::gateway {
namespace {

constexpr std::size_t kKeptBuffer = 4096;         // what an idle connection may hold on to
constexpr int kReadsTogether = 4;                 // then others have their turn
constexpr std::chrono::seconds kLingerWithin{2};  // for a client to read why it was refused
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool try_again(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

Connection::Connection(ConnectionContext& context, int fd)
    : context_(context),
      descriptor_(std::make_unique<Descriptor>(context.reactor, fd)),
      input_share_(context.budget),
      output_share_(context.budget),
      since_(Clock::now()),
      moved_(since_) {}

Connection::~Connection() {
    if (exchange_) exchange_->end(0);
}

void Connection::start() {
    watch();
}

void Connection::enter(State state) {
    state_ = state;
    since_ = moved_ = Clock::now();
    moved_bytes_ = 0;
}

void Connection::close() {
    if (state_ == State::closed) return;
    state_ = State::closed;
    descriptor_.reset();
    if (auto exchange = std::exchange(exchange_, nullptr)) exchange->end(0);
    context_.closed(*this);
}

void Connection::look_at_clock(Clock::time_point now) {
    const HttpLimits& limits = context_.limits;
    const auto slow = [&] {
        return now - moved_ > limits.body_timeout ||
               now - since_ >
                   limits.body_timeout + std::chrono::seconds(moved_bytes_ / kSlowestBytesPerSecond);
    };
    switch (state_) {
        case State::idle:
            if (now - since_ > limits.idle_timeout) close();
            return;
        case State::head:
            if (now - since_ > limits.header_timeout) {
                context_.metrics.count_refusal("header_timeout");
                refuse({.status = 408, .code = "timeout", .detail = "the head did not come in time"});
            }
            return;
        case State::body:
            if (slow()) {
                context_.metrics.count_refusal("body_timeout");
                refuse({.status = 408, .code = "timeout", .detail = "the body did not come in time"});
            }
            return;
        case State::writing:
            if (slow()) close();
            return;
        case State::streaming:
            if (!output_.empty() && now - moved_ > limits.body_timeout) {
                context_.metrics.count_refusal("slow_reader");
                close();
            }
            return;
        case State::lingering:
            if (now - since_ > kLingerWithin) close();
            return;
        case State::judged:
        case State::answering:
        case State::closed:
            return;
    }
}

void Connection::watch() {
    if (reading_ || state_ == State::closed) return;
    if (state_ == State::judged || state_ == State::answering || state_ == State::writing) return;
    reading_ = true;
    descriptor_->when_readable([this] {
        reading_ = false;
        on_readable();
    });
}

void Connection::on_readable() {
    for (int i = 0; i < kReadsTogether && state_ != State::closed; ++i) {
        if (state_ == State::judged || state_ == State::answering || state_ == State::writing) return;
        auto& scratch = context_.scratch;
        const ssize_t got = recv(descriptor_->fd(), scratch.data(), scratch.size(), MSG_DONTWAIT);
        if (got < 0 && try_again(errno)) break;
        if (got <= 0) {
            // A client that has said everything may still read; one in mid-sentence never ends it.
            return close();
        }
        if (state_ == State::streaming || state_ == State::lingering) continue;
        const auto bytes = static_cast<std::size_t>(got);
        if (!input_share_.resize(input_.size() + bytes)) {
            context_.metrics.count_refusal("memory");
            return refuse({.status = 503,
                           .code = "resource_exhausted",
                           .detail = "the memory for requests is used up",
                           .retry_after_s = 1});
        }
        input_.append(scratch.data(), bytes);
        context_.metrics.count_received(bytes);
        moved_ = Clock::now();
        moved_bytes_ += bytes;
        advance();
        if (bytes < scratch.size()) break;
    }
    watch();
}

// One step leads to the next: an answer that is made at once, to a request that was pipelined behind another.
void Connection::advance() {
    if (advancing_) return;
    advancing_ = true;
    for (bool more = true; more;) {
        if (state_ == State::idle || state_ == State::head) {
            more = take_head();
        } else if (state_ == State::body) {
            more = take_body();
        } else {
            more = false;
        }
    }
    advancing_ = false;
    (void)input_share_.resize(input_.size());
    if (input_.empty() && input_.capacity() > kKeptBuffer) input_ = {};
}

// Wrong line ends, and another protocol, are seen before the head is whole.
std::optional<HeadFault> Connection::look_at_unfinished_head() {
    for (std::size_t at = input_.find('\n', looked_at_); at != std::string::npos;
         at = input_.find('\n', at + 1)) {
        if (at == 0 || input_[at - 1] != '\r')
            return HeadFault{.status = 400, .field = {}, .message = "lines must end in CR and LF"};
        if (input_.find('\n') == at) {
            if (auto fault = lint_request_line(std::string_view(input_).substr(0, at - 1))) return fault;
        }
    }
    if (!is_token(std::string_view(input_).substr(0, 1)))
        return HeadFault{.status = 400, .field = {}, .message = "must begin with a method"};
    return std::nullopt;
}

bool Connection::take_head() {
    if (input_.empty()) return false;
    if (state_ == State::idle) enter(State::head);
    const std::size_t end = input_.find("\r\n\r\n", looked_at_ > 3 ? looked_at_ - 3 : 0);
    const std::size_t most = context_.limits.header_bytes_max;
    if (end == std::string::npos || end + 4 > most) {
        std::optional<HeadFault> fault = look_at_unfinished_head();
        if (!fault && input_.size() >= most)
            fault = HeadFault{.status = 431, .field = {}, .message = "the head is too large"};
        if (fault) refuse(*fault);
        looked_at_ = input_.size();
        return false;
    }
    const std::string_view head = std::string_view(input_).substr(0, end + 4);
    looked_at_ = 0;
    auto fault = lint_head(head);
    parser_ = std::make_unique<RequestParser>();
    if (!fault) fault = parser_->put_head(head);
    if (fault) {
        refuse(*fault);
        return false;
    }
    auto target = RequestTarget::parse(parser_->head().target, parser_->head().field("Host"));
    if (const auto* wrong = std::get_if<TargetFault>(&target)) {
        refuse({.status = 400,
                .code = "malformed",
                .detail = wrong->message,
                .field = wrong->field,
                .in = wrong->in});
        return false;
    }
    input_.erase(0, end + 4);
    exchange_ = std::make_shared<Exchange>(*this, std::move(parser_->head()),
                                           std::get<RequestTarget>(std::move(target)));
    keep_alive_ = exchange_->head.keep_alive;
    enter(State::judged);
    const auto exchange = exchange_;
    context_.begin(exchange);
    return true;
}

void Connection::read_body(std::size_t bytes_max) {
    if (state_ != State::judged) return;
    const RequestHead& head = exchange_->head;
    exchange_->body = std::make_shared<Body>(context_.budget);
    if (!head.has_body()) {
        enter(State::answering);
        const auto exchange = exchange_;
        return context_.finish(exchange);
    }
    if (head.content_length.value_or(0) > bytes_max) {
        context_.metrics.count_refusal("body_size");
        return refuse({.status = 413,
                       .code = "too_large",
                       .detail = "the body may have " + std::to_string(bytes_max) + " bytes",
                       .field = "Content-Length",
                       .in = "header"});
    }
    parser_->limit_body(bytes_max);
    // Only address space: what has not come yet takes no memory.
    if (head.content_length) exchange_->body->bytes.reserve(*head.content_length);
    enter(State::body);
    if (head.expects_continue() && input_.empty()) {
        output_ += kContinue;
        flush();
    }
    advance();
    watch();
}

bool Connection::keep_body(std::string_view piece) {
    Body& body = *exchange_->body;
    const std::size_t size = body.bytes.size() + piece.size();
    std::size_t taken = size;
    if (size > body.bytes.capacity()) {
        taken = std::max(size, 2 * body.bytes.capacity());
        if (!body.share.resize(taken)) return false;
        body.bytes.reserve(taken);
    } else if (!exchange_->head.content_length) {
        taken = std::max(size, body.bytes.capacity());
    }
    if (!body.share.resize(taken)) return false;
    body.bytes += piece;
    return true;
}

bool Connection::take_body() {
    if (input_.empty()) return false;
    bool out_of_memory = false;
    const auto step = parser_->put_body(input_, [&](std::string_view piece) {
        out_of_memory = !keep_body(piece);
        return !out_of_memory;
    });
    input_.erase(0, step.consumed);
    if (out_of_memory) {
        context_.metrics.count_refusal("memory");
        refuse({.status = 503,
                .code = "resource_exhausted",
                .detail = "the memory for requests is used up",
                .retry_after_s = 1});
    } else if (step.too_large) {
        context_.metrics.count_refusal("body_size");
        refuse({.status = 413,
                .code = "too_large",
                .detail = "the body is too large",
                .field = "body",
                .in = "body"});
    } else if (step.fault) {
        context_.metrics.count_refusal("chunk");
        refuse({.status = 400, .code = "malformed", .detail = "the chunks of the body cannot be read"});
    } else if (parser_->done()) {
        enter(State::answering);
        const auto exchange = exchange_;
        context_.finish(exchange);
        return true;
    } else if (input_.size() > context_.limits.header_bytes_max) {
        context_.metrics.count_refusal("chunk");
        refuse(
            {.status = 431, .code = "too_large", .detail = "a chunk's head, or the trailer, is too large"});
    }
    return false;
}

void Connection::refuse(const HeadFault& fault) {
    context_.metrics.count_refusal("head");
    refuse({.status = fault.status,
            .code = fault.status == 413 || fault.status == 431 ? "too_large" : "malformed",
            .detail = fault.message,
            .field = fault.field,
            .in = fault.field.empty() ? std::string_view() : "header"});
}

void Connection::refuse(Problem refusal) {
    Response response = problem(refusal);
    response.close = true;
    answer(std::move(response));
}

void Connection::answer(Response response) {
    if (state_ == State::closed || state_ == State::writing || state_ == State::lingering) return;
    status_ = response.status;
    const bool read_whole = exchange_ && (!exchange_->head.has_body() || parser_->done());
    keep_alive_ = keep_alive_ && read_whole && !response.close && !context_.draining;
    const bool only_head = exchange_ && exchange_->head.method == "HEAD";
    const std::size_t size = only_head ? 0 : response.content().size();
    if (!response.body.empty() && !output_share_.resize(size)) {
        context_.metrics.count_refusal("memory");
        keep_alive_ = false;
        response = problem({.status = 503,
                            .code = "resource_exhausted",
                            .detail = "the memory for answers is used up",
                            .retry_after_s = 1});
        status_ = response.status;
    }
    output_ += response_head(response, keep_alive_, context_.date.text());
    if (!only_head) {
        if (response.file.empty()) {
            output_ += response.body;
        } else {
            output_file_ = response.file;
        }
    }
    enter(State::writing);
    flush();
}

void Connection::begin_stream(Response response) {
    if (state_ != State::judged && state_ != State::answering) return;
    status_ = response.status;
    keep_alive_ = false;
    // Its length is not known, so its end is that of the connection.
    output_ += "HTTP/1.1 200 OK\r\nDate: " + std::string(context_.date.text()) +
               "\r\nContent-Type: " + std::string(response.type) +
               "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Accel-Buffering: no\r\n"
               "Connection: close\r\n\r\n";
    enter(State::streaming);
    flush();
    watch();
}

bool Connection::stream(std::string_view bytes) {
    if (state_ != State::streaming) return false;
    if (output_.empty()) moved_ = Clock::now();
    output_.erase(0, std::exchange(written_, 0));
    if (!output_share_.resize(output_.size() + bytes.size())) {
        context_.metrics.count_refusal("slow_reader");
        close();
        return false;
    }
    output_ += bytes;
    flush();
    return state_ == State::streaming;
}

void Connection::flush() {
    if (write_waits_ || state_ == State::closed) return;
    while (written_ < output_.size() + output_file_.size()) {
        const std::string_view first = std::string_view(output_).substr(std::min(written_, output_.size()));
        const std::string_view second =
            output_file_.substr(written_ > output_.size() ? written_ - output_.size() : 0);
        std::array<iovec, 2> pieces{{{const_cast<char*>(first.data()), first.size()},
                                     {const_cast<char*>(second.data()), second.size()}}};
        msghdr message{};
        message.msg_iov = pieces.data();
        message.msg_iovlen = pieces.size();
        const ssize_t sent = sendmsg(descriptor_->fd(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && try_again(errno)) {
            write_waits_ = true;
            descriptor_->when_writable([this] {
                write_waits_ = false;
                flush();
            });
            return;
        }
        if (sent < 0) return close();
        written_ += static_cast<std::size_t>(sent);
        moved_ = Clock::now();
        moved_bytes_ += static_cast<std::size_t>(sent);
        context_.metrics.count_sent(static_cast<std::size_t>(sent));
    }
    written_ = 0;
    output_file_ = {};
    output_.clear();
    if (output_.capacity() > kKeptBuffer) output_ = {};
    (void)output_share_.resize(0);
    if (state_ == State::writing) return written();
    if (state_ == State::streaming && exchange_) exchange_->drained();
}

void Connection::written() {
    if (auto exchange = std::exchange(exchange_, nullptr)) exchange->end(status_);
    const bool something_left = parser_ && !parser_->done();
    parser_.reset();
    looked_at_ = 0;
    if (keep_alive_) {
        enter(State::idle);
        advance();
        return watch();
    }
    if (!something_left && input_.empty()) return close();
    // Closing with bytes unread would make the kernel reset the connection, and the answer might be lost.
    shutdown(descriptor_->fd(), SHUT_WR);
    input_ = {};
    (void)input_share_.resize(0);
    enter(State::lingering);
    watch();
}

}  // namespace bgm::gateway
