// What workers and bgmd tell each other, with the heads that a worker brings and the embeddings that they
// read.
#include <google/protobuf/stubs/logging.h>

#include <cmath>
#include <optional>
#include <string_view>

#include "fusion/mood/head.hpp"
#include "schemas/one_line.hpp"
#include "schemas/safetensors.hpp"
#include "schemas/utf8.hpp"
#include "schemas/worker.pb.h"
#include "schemas/worker_words.hpp"
#include "tests/fuzz/promise.hpp"

namespace {

using namespace bgm;

bool fits(std::string_view text, std::size_t bytes_max) {
    return text.size() <= bytes_max && valid_utf8(text) && one_line(text, text.size()) == text;
}

// Whatever a worker says, what comes out fits the columns, the labels and a terminal.
void judge_all(const v1::FromWorker& said, std::string_view bytes) {
    if (const auto read = read_from_worker(said.hello().name(), bytes)) {
        fuzz::require(fits(read->hello().name(), most("Hello.name")), "a name is a label");
        for (const std::string& model : read->hello().models())
            fuzz::require(fits(model, most("Output.model")), "a model is a label");
    }
    for (const Modality modality : kModalities) {
        v1::TaskResult answer = said.result();
        if (!judge(answer, {.modality = modality})) continue;
        fuzz::require(answer.error_code().empty() || error_code_from_name(answer.error_code()),
                      "a code is known");
        fuzz::require(fits(answer.error_message(), kDegradedMessageBytes), "a message is one line");
        for (const v1::Output& output : answer.outputs()) {
            fuzz::require(modality_from_name(output.modality()).has_value(), "a modality is known");
            fuzz::require(fits(output.language(), kLanguageCharacters), "a language fits its column");
            fuzz::require(fits(output.model(), kModelCharacters), "a model fits its column");
            fuzz::require(fits(output.caption(), kCaptionBytes), "a caption is one line");
            fuzz::require(output.quality() >= 0 && output.quality() <= 1, "a quality is in its range");
            for (const std::string& note : output.notes())
                fuzz::require(fits(note, kDegradedMessageBytes), "a note is one line");
            for (const v1::Missing& missing : output.missing()) {
                fuzz::require(modality_from_name(missing.modality()).has_value(),
                              "a missing modality is known");
                fuzz::require(fits(missing.message(), kDegradedMessageBytes), "what is missing is one line");
            }
            for (const float number : output.embedding())
                fuzz::require(std::isfinite(number), "an embedding is finite");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const google::protobuf::LogSilencer quiet;  // it would log each string that is not UTF-8
    v1::ToWorker to_worker;
    (void)to_worker.ParseFromArray(data, static_cast<int>(size));
    v1::FromWorker message;
    if (!message.ParseFromArray(data, static_cast<int>(size))) return 0;
    for (const std::string& file : message.hello().heads()) {
        const auto head = LinearHead::parse(std::as_bytes(std::span(file)));
        if (!head) {
            fuzz::require(!head.error().message.empty(), "a refused head has a reason");
            continue;
        }
        const std::vector<float> embedding(head->width(), 1.0F);
        if (const auto evidence = head->read(embedding, 0.5F)) (void)*evidence;
    }
    static const LinearHead* const kept = [] {
        static std::optional<LinearHead> head;
        const std::string weights(13 * 4 * 4, '\x3C'), affect(2 * 4 * 4, '\x3C');
        const std::string file = write_safetensors({{"mood.weight", "F32", {13, 4}, weights},
                                                    {"mood.bias", "F32", {13}, std::string(52, '\0')},
                                                    {"affect.weight", "F32", {2, 4}, affect},
                                                    {"affect.bias", "F32", {2}, std::string(8, '\0')}},
                                                   {{"model", "m"}, {"modality", "text"}});
        if (auto parsed = LinearHead::parse(std::as_bytes(std::span(file)))) head = std::move(*parsed);
        fuzz::require(head.has_value(), "the target's own head is well-formed");
        return &*head;
    }();
    for (const v1::Output& output : message.result().outputs()) {
        const std::span embedding(output.embedding().data(),
                                  static_cast<std::size_t>(output.embedding_size()));
        if (const auto evidence = kept->read(embedding, output.quality())) {
            fuzz::require(embedding.size() == 4, "an embedding has the head's width");
        }
    }
    judge_all(message, {reinterpret_cast<const char*>(data), size});
    return 0;
}
