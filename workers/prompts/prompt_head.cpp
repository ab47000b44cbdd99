#include "workers/prompts/prompt_head.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "fusion/mood/head.hpp"
#include "schemas/sha256.hpp"

namespace bgm {
namespace {

constexpr std::string_view kRecipe = "zero-shot head 1";  // changes with fusion/mood/zero_shot_head.cpp

/// Every list of prompts, in one fixed order.
template <typename Texts, typename Visit>
void for_each_list(Texts& texts, Visit visit) {
    for (auto& mood : texts.moods)
        visit(mood);
    visit(texts.pleasant);
    visit(texts.unpleasant);
    visit(texts.excited);
    visit(texts.quiet);
}

// Lengths come first, so that no two requests are written alike.
std::string cache_key(const PromptTexts& texts, const PromptHeadRequest& request) {
    std::string all;
    const auto add = [&all](std::string_view part) {
        all += std::to_string(part.size()) + ":" + std::string(part);
    };
    const auto add_number = [&add](float number) {
        std::array<char, sizeof number> bytes{};
        std::memcpy(bytes.data(), &number, sizeof number);
        add({bytes.data(), bytes.size()});
    };
    add(kRecipe);
    add(request.model);
    add(name(request.modality));
    add(request.tower_version);
    add_number(texts.temperature);
    add_number(texts.precision);
    for_each_list(texts, [&](const std::vector<std::string>& list) {
        add(std::to_string(list.size()));
        for (const std::string& prompt : list)
            add(prompt);
    });
    return sha256_hex(all);
}

bool reads(const std::string& file, const PromptHeadRequest& request) {
    const auto head = LinearHead::parse(std::as_bytes(std::span(file)));
    return head.ok() && head->model() == request.model;
}

}  // namespace

Result<std::string> make_prompt_head(const PromptSet& prompts, const PromptHeadRequest& request,
                                     const HeadCache& cache, const EncodePrompts& encode) {
    const PromptTexts& texts = prompts.texts(request.modality);
    const std::string key = cache_key(texts, request);
    if (auto known = cache.load(key); known && reads(*known, request)) return std::move(*known);

    std::vector<std::string> all;
    for_each_list(texts, [&](const std::vector<std::string>& list) {
        all.insert(all.end(), list.begin(), list.end());
    });
    auto embeddings = encode(all);
    if (!embeddings) return embeddings.error();
    if (embeddings->size() != all.size()) {
        return Error{.code = ErrorCode::internal,
                     .message = "the text tower gave " + std::to_string(embeddings->size()) +
                                " embeddings for " + std::to_string(all.size()) + " prompts"};
    }
    ZeroShotPrompts embedded;
    auto next = embeddings->begin();
    std::vector<std::size_t> sizes;
    for_each_list(texts, [&](const std::vector<std::string>& list) { sizes.push_back(list.size()); });
    auto size = sizes.begin();
    for_each_list(embedded, [&](PromptEmbeddings& list) {
        const auto end = next + static_cast<std::ptrdiff_t>(*size++);
        list.assign(std::make_move_iterator(next), std::make_move_iterator(end));
        next = end;
    });
    auto head = make_zero_shot_head(embedded, {.model = request.model,
                                               .modality = request.modality,
                                               .temperature = texts.temperature,
                                               .precision = texts.precision});
    if (head) (void)cache.store(key, *head);
    return head;
}

}  // namespace bgm
