// A worker that a post can kill, as a decoder's fault does: a text or a photo that holds the mark ends the
// process. Everything else is the builtin encoders' work.
#include <cstdlib>
#include <string_view>

#include "tests/end_to_end/mortal_mark.hpp"
#include "tests/workers/process/around_encoder.hpp"

namespace {

class MortalEncoder final : public bgm::test::AroundEncoder {
 public:
    using AroundEncoder::AroundEncoder;
    std::size_t batch_max() const override { return sound().batch_max(); }
    std::vector<bgm::EncodeResult> encode(std::span<const bgm::EncodeTask> tasks) override {
        for (const bgm::EncodeTask& task : tasks) {
            const std::string_view media(reinterpret_cast<const char*>(task.media.data()), task.media.size());
            for (const std::string_view bytes : {task.text, media}) {
                if (bytes.find(bgm::test::kMortalMark) != std::string_view::npos) std::abort();
            }
        }
        return AroundEncoder::encode(tasks);
    }
};

}  // namespace

int main(int argc, char** argv) {
    return bgm::test::run_worker(argc, argv, "a worker that dies of what it reads", [](auto sound) {
        return std::make_unique<MortalEncoder>(std::move(sound));
    });
}
