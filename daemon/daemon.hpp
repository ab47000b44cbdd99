// The stages wired together: what main() runs.
//
// Data flows one way: source -> admission -> journal -> dispatcher -> worker pool -> mood -> recommender
// -> journal -> delivery. All of it runs on one event loop but for the threads of the journal, the media
// store, the recommender, delivery, the catalogue source and HTTP.
#pragma once

#include <memory>

#include "daemon/config.hpp"
#include "schemas/result.hpp"

namespace bgm {

class Daemon {
 public:
    /// Opens everything, in the order in which it is needed. The error says what could not be opened, and
    /// why. SIGTERM and SIGINT must be blocked already: they are read from a descriptor.
    static Result<std::unique_ptr<Daemon>> open(Config config);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// Returns after SIGTERM or SIGINT, when posts in analysis have been finished or the drain time is over.
    /// A second signal ends it at once. Whatever is unfinished goes on at the next start.
    void run();

 private:
    struct Parts;
    explicit Daemon(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace bgm
