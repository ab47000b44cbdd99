// Texts to the running daemon, moods back: what is measured is the whole way that a real post takes.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/bgmctl/console/context.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

struct EvalRunOptions {
    std::string tenant = "eval";
    std::string run;                    // prefix of the post ids; no two runs may share one
    std::size_t window = 512;           // texts between sending and pick at once
    std::chrono::seconds patience{60};  // without any ack or pick for so long it gives up
};

struct EvalAnswers {
    std::vector<std::optional<v1::Pick>> picks;  // one for each text; none where it was rejected or died
    std::uint64_t rejected = 0;
    std::uint64_t dead = 0;
    double seconds = 0;
};

/// Picks are read from the events; what is late is asked for at the admin socket, since an event is never
/// repeated.
Result<EvalAnswers> ask_daemon(BgmctlContext& context, std::span<const std::string> texts,
                               const EvalRunOptions& options);

}  // namespace bgm
