#include "daemon/pipeline/analysts.hpp"

#include <utility>

#include "daemon/fleet/worker_pool.hpp"
#include "daemon/pipeline/recommender.hpp"

namespace bgm {

Analysts analysts(WorkerPool& pool, MediaFetcher& fetcher, Recommender& recommender) {
    return {
        .submit = [&pool](TaskRequest request,
                          OnTaskDone done) { return pool.submit(std::move(request), std::move(done)); },
        .cancel = [&pool](TaskId task) { pool.cancel(task); },
        .ready = [&pool](Modality modality) { return pool.ready(modality); },
        .fetch = [&fetcher](FetchRequest request,
                            MediaFetcher::Done done) { fetcher.fetch(std::move(request), std::move(done)); },
        .has_catalogue = [&recommender] { return recommender.catalogues() != nullptr; },
        .recommend =
            [&recommender](std::int64_t seq, const v1::Post& post, DecidedMood decided,
                           Analysts::OnPick on_pick) {
                recommender.ask(seq, post, std::move(decided), std::move(on_pick));
            },
        .drop = [&recommender](std::int64_t seq) { recommender.drop(seq); }};
}

}  // namespace bgm
