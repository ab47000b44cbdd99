#include "daemon/pipeline/analysts.hpp"

#include <utility>

#include "daemon/fleet/worker_pool.hpp"
#include "daemon/pipeline/listeners.hpp"
#include "daemon/pipeline/recommender.hpp"

namespace bgm {

Analysts analysts(WorkerPool& pool, MediaFetcher& fetcher, Recommender& recommender, Listeners* listeners) {
    return {
        .submit = [&pool](TaskRequest request,
                          OnTaskDone done) { return pool.submit(std::move(request), std::move(done)); },
        .cancel = [&pool](TaskId task) { pool.cancel(task); },
        .ready = [&pool](Modality modality) { return pool.ready(modality); },
        .fetch = [&fetcher](FetchRequest request,
                            MediaFetcher::Done done) { fetcher.fetch(std::move(request), std::move(done)); },
        .expect =
            [listeners](const v1::Post& post) {
                if (listeners != nullptr) listeners->expect(post.tenant(), post.user_id());
            },
        .has_catalogue = [&recommender] { return recommender.catalogues() != nullptr; },
        .recommend =
            [&recommender, listeners](std::int64_t seq, const v1::Post& post, DecidedMood decided,
                                      Analysts::OnPick on_pick) {
                Recommender::Question question =
                    recommender.question(seq, post, std::move(decided), std::move(on_pick));
                if (listeners == nullptr) return recommender.ask(std::move(question));
                listeners->ask(post.tenant(), post.user_id(),
                               [&recommender, shared = std::make_shared<Recommender::Question>(
                                                  std::move(question))](const KnownListener& known) {
                                   shared->known = known;
                                   recommender.ask(std::move(*shared));
                               });
            },
        .drop = [&recommender](std::int64_t seq) { recommender.drop(seq); }};
}

}  // namespace bgm
