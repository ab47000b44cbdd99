#include "daemon/head_requests.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "fusion/mood/head_file.hpp"
#include "schemas/hex.hpp"

namespace bgm {
namespace {

using nlohmann::json;

Error no_such_model(const std::string& model) {
    return Error{.code = ErrorCode::not_found,
                 .message = "no worker answers with the model " + model,
                 .field = "model"};
}

}  // namespace

void list_heads(const ServingModels& models, const json&, const AdminReply& reply) {
    json list = json::array();
    for (const auto& [model, served] : models.heads()) {
        list.push_back({{"model", model},
                        {"modality", name(served.head->modality())},
                        {"width", served.head->width()},
                        {"taught", served.taught},
                        {"earlier", served.earlier}});
    }
    reply(json{{"heads", std::move(list)}});
}

void show_head(const ServingModels& models, const json& request, const AdminReply& reply) {
    const std::string model = request_text(request, "model");
    const auto served = models.heads();
    const auto found = served.find(model);
    if (found == served.end()) return reply(no_such_model(model));
    const LinearHead& head = *found->second.head;
    const std::string file = write_head(head.weights(), {{"model", model},
                                                         {"modality", std::string(name(head.modality()))},
                                                         {"temperature", std::to_string(head.temperature())},
                                                         {"precision", std::to_string(head.precision())}});
    reply(json{{"model", model}, {"head", hex(file)}});
}

void teach_head(ServingModels& models, const json& request, const AdminReply& reply) {
    const auto file = from_hex(request_text(request, "head"));
    if (!file) return reply(invalid_request("head", "is not a file in hexadecimal digits"));
    if (Status taught = models.teach(*file); !taught) return reply(taught.error());
    reply(json::object());
}

void undo_head(ServingModels& models, const json& request, const AdminReply& reply) {
    const std::string model = request_text(request, "model");
    if (Status undone = models.undo_teaching(model); !undone) return reply(undone.error());
    const auto served = models.heads();
    const auto found = served.find(model);
    reply(json{{"model", model}, {"taught", found != served.end() && found->second.taught}});
}

}  // namespace bgm
