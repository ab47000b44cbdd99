#include "daemon/pipeline/text_places.hpp"

#include <utility>

namespace bgm {
namespace {

constexpr std::chrono::milliseconds kLateAfter{50};

Error unavailable(std::string why) {
    return Error{.code = ErrorCode::unavailable, .message = std::move(why), .field = "text"};
}

SoundWish place_of(const TaskOutputs& answer) {
    for (const v1::Output& output : answer.outputs) {
        if (!output.has_among_sounds()) continue;
        const v1::AmongSounds& place = output.among_sounds();
        return {.model = place.model(), .embedding = {place.embedding().begin(), place.embedding().end()}};
    }
    return {};
}

}  // namespace

TextPlaces::TextPlaces(EventLoop& loop, Analysts workers, Options options)
    : workers_(std::move(workers)), options_(std::move(options)) {
    loop.every(kLateAfter, [this] { give_up_late(); });
}

void TextPlaces::find(std::string text, OnPlace on_place) {
    if (workers_.ready(Modality::text) == 0) return on_place(unavailable("no worker for texts is ready"));
    if (waiting_.size() >= options_.waiting_max) return on_place(unavailable("too many searches wait"));
    const auto waiting = waiting_.insert(
        waiting_.end(), {.until = options_.now() + options_.patience, .on_place = std::move(on_place)});
    TaskRequest request;
    request.modality = Modality::text;
    request.text = std::move(text);
    waiting->task = workers_.submit(std::move(request), [this, waiting](TaskAnswer answer) {
        const OnPlace told = std::move(waiting->on_place);
        waiting_.erase(waiting);
        if (!answer) return told(answer.error());
        told(place_of(*answer));
    });
}

void TextPlaces::give_up_late() {
    while (!waiting_.empty() && waiting_.front().until <= options_.now()) {
        Waiting late = std::move(waiting_.front());
        waiting_.pop_front();
        workers_.cancel(late.task);
        late.on_place(unavailable("the workers for texts are busy"));
    }
}

}  // namespace bgm
