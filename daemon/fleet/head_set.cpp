#include "daemon/fleet/head_set.hpp"

#include <fstream>
#include <iterator>
#include <set>
#include <span>
#include <utility>

#include "schemas/worker_words.hpp"

namespace bgm {
namespace {

constexpr int kBroughtMax = most("Hello.heads");

Result<std::shared_ptr<const LinearHead>> parse(std::string_view bytes) {
    auto head = LinearHead::parse(std::as_bytes(std::span(bytes)));
    if (!head) return head.error();
    return std::make_shared<const LinearHead>(std::move(*head));
}

}  // namespace

Result<HeadSet> HeadSet::load(const std::filesystem::path& folder) {
    HeadSet set;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (!entry.path().filename().string().ends_with("_head.safetensors")) continue;
        std::ifstream stream(entry.path(), std::ios::binary);
        const std::string bytes(std::istreambuf_iterator<char>(stream), {});
        auto head = parse(bytes);
        if (!head)
            return Error{
                .code = head.error().code, .message = head.error().message, .field = entry.path().string()};
        const std::string model = (*head)->model();
        if (!set.files_.emplace(model, std::move(*head)).second) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "a second head for the model " + model,
                         .field = entry.path().string()};
        }
    }
    if (error) {
        return Error{.code = ErrorCode::not_found, .message = error.message(), .field = folder.string()};
    }
    return set;
}

Result<std::shared_ptr<const HeadSet>> HeadSet::with(const v1::Hello& hello) const {
    auto set = std::make_shared<HeadSet>();
    set->taught_ = taught_;
    set->files_ = files_;
    if (hello.heads_size() > kBroughtMax) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "brings " + std::to_string(hello.heads_size()) + " heads, at most " +
                                std::to_string(kBroughtMax) + " are taken",
                     .field = "heads"};
    }
    for (int i = 0; i < hello.heads_size(); ++i) {
        const std::string field = "heads[" + std::to_string(i) + "]";
        auto head = parse(hello.heads(i));
        if (!head) return Error{.code = head.error().code, .message = head.error().message, .field = field};
        if (!usable_model_name((*head)->model())) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "the model's name is not 1 to 100 printable bytes without +",
                         .field = field};
        }
        const std::string model = (*head)->model();
        const auto& brought = *set->brought_.insert_or_assign(model, std::move(*head)).first->second;
        // The worker made its head for its embeddings: a file of another width is for another model.
        if (const LinearHead* chosen = set->find(model); chosen->width() != brought.width()) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "the head file for " + model + " reads " +
                                    std::to_string(chosen->width()) + " numbers, the worker sends " +
                                    std::to_string(brought.width()),
                         .field = field};
        }
    }
    for (const std::string& model : hello.models()) {
        if (!usable_model_name(model)) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "a model's name is not 1 to 100 printable bytes without +",
                         .field = "models"};
        }
        if (set->find(model) == nullptr) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "no head reads the model " + model,
                         .field = "models"};
        }
    }
    return std::shared_ptr<const HeadSet>(std::move(set));
}

HeadSet HeadSet::with_taught(const HeadSet& taught) const {
    HeadSet set = *this;
    set.taught_ = taught.taught_;
    return set;
}

Result<HeadSet> HeadSet::load_taught(const std::filesystem::path& folder) {
    std::error_code error;
    if (folder.empty() || !std::filesystem::exists(folder, error)) return HeadSet();
    auto set = load(folder);
    if (set) set->taught_ = std::exchange(set->files_, {});
    return set;
}

std::vector<std::string> HeadSet::models() const {
    std::set<std::string> all;
    for (const Heads* heads : {&taught_, &files_, &brought_}) {
        for (const auto& [model, head] : *heads)
            all.insert(model);
    }
    return {all.begin(), all.end()};
}

const LinearHead* HeadSet::find(std::string_view model) const {
    const auto in = [](const Heads& heads, std::string_view wanted) -> const LinearHead* {
        const auto found = heads.find(wanted);
        return found != heads.end() ? found->second.get() : nullptr;
    };
    if (const LinearHead* taught = in(taught_, model); taught != nullptr) return taught;
    if (const LinearHead* exact = in(files_, model); exact != nullptr) return exact;
    const auto version = model.rfind('@');
    if (version != std::string_view::npos) {
        if (const LinearHead* any = in(files_, model.substr(0, version)); any != nullptr) return any;
    }
    return in(brought_, model);
}

}  // namespace bgm
