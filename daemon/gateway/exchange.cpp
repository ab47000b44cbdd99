#include "daemon/gateway/exchange.hpp"

#include <utility>

#include "daemon/gateway/connection.hpp"

namespace bgm::gateway {

void Exchange::read_body(std::size_t bytes_max) {
    if (connection_ != nullptr) connection_->read_body(bytes_max);
}

void Exchange::answer(Response response) {
    if (connection_ != nullptr) connection_->answer(std::move(response));
}

void Exchange::begin_stream(Response response) {
    if (connection_ != nullptr) connection_->begin_stream(std::move(response));
}

bool Exchange::send(std::string_view bytes) {
    return connection_ != nullptr && connection_->stream(bytes);
}

std::size_t Exchange::unsent() const {
    return connection_ != nullptr ? connection_->unsent() : 0;
}

void Exchange::drained() {
    if (on_drained) std::exchange(on_drained, nullptr)();
}

void Exchange::hang_up() {
    if (connection_ != nullptr) connection_->close();
}

void Exchange::end(int status) {
    connection_ = nullptr;
    on_drained = nullptr;
    if (on_end) std::exchange(on_end, nullptr)(status);
}

}  // namespace bgm::gateway
