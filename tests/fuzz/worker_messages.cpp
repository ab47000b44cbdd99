// What workers and bgmd tell each other, with the heads that a worker brings and the embeddings that they
// read.
#include <google/protobuf/stubs/logging.h>

#include <optional>

#include "fusion/head.hpp"
#include "schemas/safetensors.hpp"
#include "schemas/worker.pb.h"
#include "tests/fuzz/promise.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
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
    (void)error_code_from_name(message.result().error_code());
    return 0;
}
