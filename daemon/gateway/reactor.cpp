#include "daemon/gateway/reactor.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>

namespace bgm::gateway {

namespace asio = boost::asio;
using boost::system::error_code;

struct Reactor::Impl {
    struct Timer {
        Timer(asio::io_context& io, std::chrono::milliseconds each, Handler what)
            : timer(io), period(each), handler(std::move(what)) {}

        void start() {
            timer.expires_after(period);
            timer.async_wait([this](const error_code& error) {
                if (error) return;
                handler();
                start();
            });
        }

        asio::steady_timer timer;
        std::chrono::milliseconds period;
        Handler handler;
    };

    asio::io_context io{1};
    std::list<Timer> timers;
};

Reactor::Reactor() : impl_(std::make_unique<Impl>()) {}

Reactor::~Reactor() = default;

void Reactor::every(std::chrono::milliseconds period, Handler handler) {
    impl_->timers.emplace_back(impl_->io, period, std::move(handler)).start();
}

void Reactor::post(Handler handler) {
    asio::post(impl_->io, std::move(handler));
}

void Reactor::run() {
    const auto stay = asio::make_work_guard(impl_->io);
    impl_->io.run();
}

void Reactor::stop() {
    impl_->io.stop();
}

struct Descriptor::Impl {
    Impl(asio::io_context& io, int fd) : stream(io, fd) {}

    void wait(asio::posix::stream_descriptor::wait_type what, Handler handler) {
        stream.async_wait(what, [handler = std::move(handler)](const error_code& error) {
            if (!error) handler();
        });
    }

    asio::posix::stream_descriptor stream;
};

Descriptor::Descriptor(Reactor& reactor, int fd) : impl_(std::make_unique<Impl>(reactor.impl_->io, fd)) {}

Descriptor::~Descriptor() = default;

int Descriptor::fd() const {
    return impl_->stream.native_handle();
}

void Descriptor::when_readable(Handler handler) {
    impl_->wait(asio::posix::stream_descriptor::wait_read, std::move(handler));
}

void Descriptor::when_writable(Handler handler) {
    impl_->wait(asio::posix::stream_descriptor::wait_write, std::move(handler));
}

}  // namespace bgm::gateway
