#include "daemon/fleet/serving_models.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "daemon/base/log.hpp"
#include "daemon/fleet/model_files.hpp"
#include "daemon/fleet/taught_heads.hpp"
#include "daemon/fleet/worker_plan.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

constexpr std::chrono::milliseconds kDeadlinePeriod{50};
constexpr std::size_t kLastWords = 3;
constexpr std::size_t kLastWordsBytesMax = 1000;

Error invalid(std::string field, std::string message) {
    return {.code = ErrorCode::invalid_argument, .message = std::move(message), .field = std::move(field)};
}

// How a worker ended and what it said about it, for the one who asked for the swap.
std::string last_words(const Supervisor::Child& child) {
    std::string words = child.name + " ended (" + child.last_end + ")";
    const std::size_t begin = child.last_lines.size() > kLastWords ? child.last_lines.size() - kLastWords : 0;
    for (std::size_t i = begin; i < child.last_lines.size(); ++i) {
        words += i == begin ? ": " : " / ";
        words += valid_utf8(child.last_lines[i]) ? child.last_lines[i] : "(not UTF-8)";
    }
    return std::string(truncate_utf8(words, kLastWordsBytesMax));
}

}  // namespace

ServingModels::ServingModels(const Config& config, EventLoop& loop, WorkerPool& pool, Metrics& metrics,
                             HeadSet heads)
    : config_(config),
      loop_(loop),
      pool_(pool),
      metrics_(metrics),
      current_(config.models),
      heads_(std::move(heads)) {
    loop_.every(kDeadlinePeriod, [this] { check_deadline(); });
}

Result<std::unique_ptr<ServingModels>> ServingModels::open(const Config& config, EventLoop& loop,
                                                           WorkerPool& pool, Metrics& metrics) {
    for (const WorkerPlan& plan : worker_plans(config)) {
        if (auto there = check_model_folders(config.models, plan.modalities); !there) return there.error();
    }
    // Posts are not to wait for a head that nobody needs: the one that it took the place of serves.
    const auto broken = TaughtHeads(config.models.taught_dir).set_aside_broken();
    if (!broken) return broken.error();
    for (const Error& one : *broken)
        log_error("a taught head cannot be used, and is set aside as .broken", {{"error", one.to_string()}});
    auto heads = load_head_files(config.models);
    if (!heads) return heads.error();
    return std::unique_ptr<ServingModels>(new ServingModels(config, loop, pool, metrics, std::move(*heads)));
}

Result<WorkerPool::Admission> ServingModels::admit(const v1::Hello& hello) {
    const auto role = supervisor_->role(hello.name());
    if (role == Supervisor::Role::retiring) {
        return Error{.code = ErrorCode::unavailable, .message = "is being retired"};
    }
    // One that was taken over must not be given what it was not started for: other people's photos.
    for (const std::string& text : hello.modalities()) {
        const auto modality = modality_from_name(text);
        if (role && modality && !supervisor_->started_for(hello.name(), *modality)) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "was not started for " + text,
                         .field = "modalities"};
        }
    }
    // A worker that somebody else started is not ours to exchange: it is read by what it brings.
    const bool candidate = role == Supervisor::Role::candidate && swap_;
    auto heads = (candidate ? swap_->heads : heads_).with(hello);
    // Later: the pool is in the middle of this Hello.
    loop_.post([this, candidate, name = hello.name(), heads] {
        if (!candidate || !swap_ || !swap_->candidates.contains(name)) return;
        if (!heads) {
            Error error = heads.error();
            error.message = name + " is refused: " + error.message;
            return fail(std::move(error));
        }
        candidate_ready(name);
    });
    if (!heads) return heads.error();
    return WorkerPool::Admission{.heads = std::move(*heads), .standby = candidate};
}

void ServingModels::worker_ended(const Supervisor::Child& child) {
    if (!swap_ || !swap_->candidates.contains(child.name)) return;
    fail(Error{.code = ErrorCode::corrupt, .message = last_words(child)});
}

Result<Config::Models> ServingModels::changed(const ModelChange& change,
                                              std::vector<Modality>& modalities) const {
    Config::Models next = current_;
    struct Part {
        const char* key;
        const std::optional<std::string>& wanted;
        std::string Config::Models::*target;
        bool clip_only;
        bool may_be_empty = false;
    };
    const std::array<Part, 7> parts{{
        {"dir", change.dir, &Config::Models::dir, false},
        {"image", change.image, &Config::Models::image, true},
        {"text", change.text, &Config::Models::text, true},
        {"audio", change.audio, &Config::Models::audio, true},
        {"caption", change.caption, &Config::Models::caption, true, true},
        {"prompts_dir", change.prompts_dir, &Config::Models::prompts_dir, true},
        {"heads_dir", change.heads_dir, &Config::Models::heads_dir, false, true},
    }};
    std::set<Modality> affected;
    for (const Part& part : parts) {
        if (!part.wanted) continue;
        if (part.clip_only && next.preset != "clip")
            return invalid(part.key, "the preset " + next.preset + " has no such part; say dir");
        if (part.wanted->empty() && !part.may_be_empty) return invalid(part.key, "must not be empty");
        next.*part.target = *part.wanted;
        const auto affects = loaders(part.target);
        affected.insert(affects.begin(), affects.end());
    }
    // Whoever compares heads wants those that he names.
    next.taught_dir = next.heads_dir == config_.models.heads_dir ? config_.models.taught_dir : std::string();
    if (affected.empty()) affected.insert(kModalities.begin(), kModalities.end());
    modalities.assign(affected.begin(), affected.end());
    return next;
}

void ServingModels::swap(const ModelChange& change, OnSwapped done) {
    const auto refuse = [&](Error error) {
        log_warn("models are not exchanged", {{"error", error.to_string()}});
        metrics_.count_model_swap("failed");
        done(std::move(error));
    };
    if (swap_) {
        return refuse(
            Error{.code = ErrorCode::unavailable, .message = "another exchange of models is under way"});
    }
    std::vector<Modality> modalities;
    auto models = changed(change, modalities);
    if (!models) return refuse(models.error());
    if (auto there = check_model_folders(*models, modalities); !there) return refuse(there.error());
    auto heads = load_head_files(*models);
    if (!heads) return refuse(heads.error());
    const auto names = supervisor_->start_candidates(*models, modalities);
    if (names.empty()) return refuse(invalid("models", "no worker that bgmd runs loads this"));
    log_info("models are loaded by new workers beside those that serve", {{"first", names.front()}});
    swap_ =
        Swap{.models = std::move(*models),
             .heads = std::move(*heads),
             .loading = {names.begin(), names.end()},
             .candidates = {names.begin(), names.end()},
             .deadline = EventLoop::Clock::now() + std::chrono::milliseconds(config_.models.load_timeout_ms),
             .done = std::move(done)};
}

void ServingModels::candidate_ready(const std::string& name) {
    swap_->loading.erase(name);
    if (swap_->loading.empty()) complete();
}

void ServingModels::complete() {
    const Swap swap = std::move(*std::exchange(swap_, std::nullopt));
    current_ = swap.models;
    heads_ = swap.heads;
    const std::vector<std::string> replaced = supervisor_->promote_candidates();
    // First the new ones get tasks, then the others no more: at no time is there nobody.
    for (const std::string& name : swap.candidates)
        pool_.activate(name);
    for (const std::string& name : replaced) {
        const bool told = pool_.retire(name);
        supervisor_->retire(name, !told);
    }
    metrics_.count_model_swap("done");
    log_info("models are exchanged", {{"workers", std::to_string(swap.candidates.size())}});
    swap.done(std::vector<std::string>(swap.candidates.begin(), swap.candidates.end()));
}

void ServingModels::fail(Error error) {
    const Swap swap = std::move(*std::exchange(swap_, std::nullopt));
    supervisor_->drop_candidates();
    metrics_.count_model_swap("failed");
    log_error("models are not exchanged, those of before serve on", {{"error", error.to_string()}});
    swap.done(std::move(error));
}

std::map<std::string, ServingModels::ServedHead> ServingModels::heads() const {
    std::map<std::string, ServedHead> all;
    const TaughtHeads folder(current_.taught_dir);
    for (const std::shared_ptr<const HeadSet>& set : pool_.heads()) {
        for (const std::string& model : set->models()) {
            const bool taught = set->is_taught(model);
            all.try_emplace(model, ServedHead{.of = set,
                                              .head = set->find(model),
                                              .taught = taught,
                                              .earlier = taught ? folder.earlier(model) : 0});
        }
    }
    return all;
}

Status ServingModels::may_teach() const {
    if (swap_) return Error{.code = ErrorCode::unavailable, .message = "an exchange of models is under way"};
    if (current_.taught_dir.empty())
        return Error{.code = ErrorCode::unsupported,
                     .message = "other heads than those of bgmd.toml serve: exchange them back first"};
    return ok_status();
}

Status ServingModels::teach(std::string_view head_file) {
    if (Status may = may_teach(); !may) return may;
    const auto head = LinearHead::parse(std::as_bytes(std::span(head_file)));
    if (!head) return head.error();
    const auto serving = heads();
    const auto found = serving.find(head->model());
    if (found == serving.end()) {
        std::string models;
        for (const auto& [model, served] : serving)
            models += (models.empty() ? "" : ", ") + model;
        return Error{.code = ErrorCode::not_found,
                     .message = "the head is for the model " + head->model() +
                                ", with which no worker answers; those that do: " + models,
                     .field = "model"};
    }
    const LinearHead& before = *found->second.head;
    if (before.width() != head->width() || before.modality() != head->modality()) {
        return invalid("head", "it reads " + std::to_string(head->width()) + " numbers of " +
                                   std::string(name(head->modality())) + ", the worker sends " +
                                   std::to_string(before.width()) + " of " +
                                   std::string(name(before.modality())));
    }
    if (Status put = TaughtHeads(current_.taught_dir).put(head->model(), head_file); !put) return put;
    log_info("a taught head serves", {{"model", head->model()}});
    return serve_taught();
}

Status ServingModels::undo_teaching(std::string_view model) {
    if (Status may = may_teach(); !may) return may;
    if (Status undone = TaughtHeads(current_.taught_dir).undo(model); !undone) return undone;
    log_info("a taught head is taken back", {{"model", std::string(model)}});
    return serve_taught();
}

Status ServingModels::serve_taught() {
    const auto taught = HeadSet::load_taught(current_.taught_dir);
    if (!taught) return taught.error();
    heads_ = heads_.with_taught(*taught);
    pool_.teach(*taught);
    return ok_status();
}

void ServingModels::check_deadline() {
    if (!swap_ || EventLoop::Clock::now() < swap_->deadline) return;
    std::string late;
    for (const std::string& name : swap_->loading)
        late += (late.empty() ? "" : ", ") + name;
    fail(Error{.code = ErrorCode::deadline_exceeded,
               .message = late + " did not get ready within " +
                          std::to_string(config_.models.load_timeout_ms) + " ms",
               .field = "models.load_timeout_ms"});
}

std::unique_ptr<Supervisor> supervise(const Config& config, EventLoop& loop, WorkerPool& pool,
                                      ServingModels& models, Metrics& metrics) {
    auto supervisor = std::make_unique<Supervisor>(config, pool.endpoint(), loop, metrics,
                                                   [&pool, &models](const Supervisor::Child& child) {
                                                       const bool explained = pool.worker_ended(child.name);
                                                       models.worker_ended(child);
                                                       return explained;
                                                   });
    models.set_supervisor(*supervisor);
    pool.set_admit([&models](const v1::Hello& hello) { return models.admit(hello); });
    pool.set_kill([&own = *supervisor](const std::string& worker, std::string_view reason) {
        own.kill(worker, reason);
    });
    return supervisor;
}

}  // namespace bgm
