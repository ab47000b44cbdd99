#include <zmq.hpp>

#include "tests/end_to_end/conversation.hpp"

namespace bgm::test {

void push_to_firehose(const Stack& stack, const std::vector<Frames>& messages) {
    zmq::context_t context;
    {
        zmq::socket_t socket(context, zmq::socket_type::push);
        socket.connect(stack.env("BGMD_FIREHOSE"));
        for (const Frames& frames : messages) {
            for (std::size_t i = 0; i < frames.size(); ++i) {
                const auto more = i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
                socket.send(zmq::buffer(frames[i]), more);
            }
        }
    }  // the context waits until what was sent has left
}

}  // namespace bgm::test
