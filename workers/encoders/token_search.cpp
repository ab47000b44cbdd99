#include "workers/encoders/token_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace bgm {
namespace {

using Tokens = std::vector<std::int64_t>;

constexpr double kNever = -std::numeric_limits<double>::infinity();

Error failure(ErrorCode code, std::string message) {
    return Error{.code = code, .message = "token search: " + std::move(message)};
}

// A token that a beam may go on with, and the sum of log-probabilities that this makes.
struct Candidate {
    double score = 0;
    std::size_t row = 0;
    std::int64_t token = 0;
};

bool better(const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.row != b.row ? a.row < b.row : a.token < b.token;
}

struct Hypothesis {
    double score = 0;
    Tokens tokens;
};

// The best sequences of one prompt that have ended so far.
class Ended {
 public:
    Ended(std::size_t most, double length_penalty) : most_(most), length_penalty_(length_penalty) {}

    void add(const Tokens& tokens, double sum) {
        const double score = normalised(sum, tokens.size());
        if (hypotheses_.size() == most_ && score <= hypotheses_.back().score) return;
        // Behind its equals: of two sequences with one score the earlier stays.
        const auto place = std::upper_bound(
            hypotheses_.begin(), hypotheses_.end(), score,
            [](double value, const Hypothesis& hypothesis) { return value > hypothesis.score; });
        hypotheses_.insert(place, {score, tokens});
        if (hypotheses_.size() > most_) hypotheses_.pop_back();
    }
    bool full() const { return hypotheses_.size() == most_; }
    bool beaten_by_none(double best_open_sum, std::size_t length) const {
        return full() && hypotheses_.back().score >= normalised(best_open_sum, length);
    }
    const Tokens& best() const { return hypotheses_.front().tokens; }

 private:
    double normalised(double sum, std::size_t length) const {
        return sum / std::pow(static_cast<double>(length), length_penalty_);
    }

    std::size_t most_;
    double length_penalty_;
    std::vector<Hypothesis> hypotheses_;  // best first
};

struct Beam {
    double sum = 0;
    Tokens tokens;
};

// The logarithm of the sum of exp(logits), in double: what is subtracted to make log-probabilities.
double log_total(std::span<const float> logits) {
    const double top = *std::max_element(logits.begin(), logits.end());
    double total = 0;
    for (const float logit : logits)
        total += std::exp(logit - top);
    return top + std::log(total);
}

// One run over all prompts. `rows_` are the beams of the prompts that are not done, prompt after prompt.
class Run {
 public:
    Run(NextTokenScorer& scorer, const TokenSearch& search) : scorer_(scorer), search_(search) {}

    Result<std::vector<Tokens>> operator()(std::span<const Tokens> prompts) {
        if (auto sound = check(prompts); !sound) return sound.error();
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            open_.push_back({.prompt = i,
                             .beams = {{.sum = 0, .tokens = prompts[i]}},
                             .ended = Ended(search_.beams, search_.length_penalty)});
        }
        results_.resize(prompts.size());
        std::span<const float> logits = scorer_.start(prompts);
        length_ = prompts.front().size();
        while (true) {
            if (auto sound = check_numbers(logits); !sound) return sound.error();
            parents_.clear();
            tokens_.clear();
            std::size_t row = 0;
            for (Open& open : open_) {
                const std::size_t rows = open.beams.size();
                const auto own = logits.subspan(row * scorer_.vocabulary(), rows * scorer_.vocabulary());
                search_.beams == 1 ? go_on_greedily(open, own, row) : go_on_with_beams(open, own, row);
                row += rows;
            }
            std::erase_if(open_, [](const Open& open) { return open.done; });
            length_ += 1;
            if (open_.empty() || length_ >= search_.length_max) break;
            logits = scorer_.advance(parents_, tokens_);
        }
        for (Open& open : open_)
            finish(open);
        pad();
        return std::move(results_);
    }

 private:
    struct Open {
        std::size_t prompt = 0;
        std::vector<Beam> beams;  // best first
        Ended ended;
        bool done = false;
    };

    Status check(std::span<const Tokens> prompts) const {
        if (prompts.empty() || prompts.front().empty())
            return failure(ErrorCode::invalid_argument, "there is no prompt");
        const bool alike = std::all_of(prompts.begin(), prompts.end(), [&prompts](const Tokens& prompt) {
            return prompt.size() == prompts.front().size();
        });
        if (!alike) return failure(ErrorCode::invalid_argument, "the prompts are of different lengths");
        if (search_.beams == 0 || (search_.beams > 1 && 2 * search_.beams > scorer_.vocabulary())) {
            return failure(ErrorCode::invalid_argument, std::to_string(search_.beams) +
                                                            " beams do not suit a vocabulary of " +
                                                            std::to_string(scorer_.vocabulary()));
        }
        return ok_status();
    }
    Status check_numbers(std::span<const float> logits) const {
        std::size_t rows = 0;
        for (const Open& open : open_)
            rows += open.beams.size();
        if (logits.size() != rows * scorer_.vocabulary())
            return failure(ErrorCode::internal, "the model gave another number of logits");
        if (!std::all_of(logits.begin(), logits.end(), [](float logit) { return std::isfinite(logit); }))
            return failure(ErrorCode::corrupt, "the model gave a logit that is no finite number");
        return ok_status();
    }
    bool may_follow(std::int64_t token) const {
        return token != search_.end_id || length_ >= search_.length_min;
    }

    void go_on_greedily(Open& open, std::span<const float> logits, std::size_t row) {
        std::size_t best = 0;
        double best_logit = kNever;
        for (std::size_t token = 0; token < logits.size(); ++token) {
            if (logits[token] <= best_logit || !may_follow(static_cast<std::int64_t>(token))) continue;
            best = token;
            best_logit = logits[token];
        }
        const auto token = static_cast<std::int64_t>(best);
        open.beams.front().tokens.push_back(token);
        if (token == search_.end_id) {
            results_[open.prompt] = std::move(open.beams.front().tokens);
            open.done = true;
            return;
        }
        parents_.push_back(row);
        tokens_.push_back(token);
    }

    void go_on_with_beams(Open& open, std::span<const float> logits, std::size_t row) {
        // Twice as many as there are beams: at most half of them can be the end.
        const std::vector<Candidate> candidates = best_candidates(open, logits, 2 * search_.beams);
        std::vector<Beam> beams;
        std::vector<std::size_t> parents;
        for (std::size_t rank = 0; rank < candidates.size() && beams.size() < search_.beams; ++rank) {
            const auto& [score, beam, token] = candidates[rank];
            if (token == search_.end_id) {
                if (rank < search_.beams) open.ended.add(open.beams[beam].tokens, score);
                continue;
            }
            beams.push_back({.sum = score, .tokens = open.beams[beam].tokens});
            beams.back().tokens.push_back(token);
            parents.push_back(row + beam);
        }
        open.beams = std::move(beams);
        open.done = search_.early_stopping ? open.ended.full()
                                           : open.ended.beaten_by_none(candidates.front().score, length_ + 1);
        if (open.done) {
            results_[open.prompt] = open.ended.best();
            return;
        }
        for (std::size_t beam = 0; beam < open.beams.size(); ++beam) {
            parents_.push_back(parents[beam]);
            tokens_.push_back(open.beams[beam].tokens.back());
        }
    }

    // Best first.
    std::vector<Candidate> best_candidates(const Open& open, std::span<const float> logits,
                                           std::size_t count) const {
        const std::size_t vocabulary = scorer_.vocabulary();
        std::vector<Candidate> best;  // a heap, the worst of the kept ones in front
        for (std::size_t beam = 0; beam < open.beams.size(); ++beam) {
            const auto own = logits.subspan(beam * vocabulary, vocabulary);
            const double offset = open.beams[beam].sum - log_total(own);
            for (std::size_t i = 0; i < vocabulary; ++i) {
                const Candidate candidate{
                    .score = own[i] + offset, .row = beam, .token = static_cast<std::int64_t>(i)};
                if (!may_follow(candidate.token)) continue;
                if (best.size() == count) {
                    if (!better(candidate, best.front())) continue;
                    std::pop_heap(best.begin(), best.end(), better);
                    best.pop_back();
                }
                best.push_back(candidate);
                std::push_heap(best.begin(), best.end(), better);
            }
        }
        std::sort(best.begin(), best.end(), better);
        return best;
    }

    // The length is used up: open beams count as ended.
    void finish(Open& open) {
        if (search_.beams == 1) {
            results_[open.prompt] = std::move(open.beams.front().tokens);
            return;
        }
        for (const Beam& beam : open.beams)
            open.ended.add(beam.tokens, beam.sum);
        results_[open.prompt] = open.ended.best();
    }
    void pad() {
        std::size_t longest = 0;
        for (Tokens& tokens : results_) {
            // A beam that ended was scored without its end token, and gets it back.
            if (search_.beams > 1 && tokens.size() < search_.length_max) tokens.push_back(search_.end_id);
            longest = std::max(longest, tokens.size());
        }
        for (Tokens& tokens : results_)
            tokens.resize(longest, search_.pad_id);
    }

    NextTokenScorer& scorer_;
    const TokenSearch& search_;
    std::vector<Open> open_;  // the prompts that are not done, in order
    std::vector<Tokens> results_;
    std::size_t length_ = 0;  // of every open sequence
    std::vector<std::size_t> parents_;
    Tokens tokens_;
};

}  // namespace

Result<std::vector<std::vector<std::int64_t>>> search_tokens(
    NextTokenScorer& scorer, std::span<const std::vector<std::int64_t>> prompts, const TokenSearch& search) {
    return Run(scorer, search)(prompts);
}

}  // namespace bgm
