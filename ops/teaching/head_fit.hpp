// Fits a mood head to seeds, starting from the head in use and held to it: few seeds change little.
//
// With x the embedding, brought to mean 0 and variance 1 in each number, h0 the head in use and n the rows'
// weight:
//
//     affect: h0(x) + d x + c, d minimises  sum w (t - h0(x) - d x - c)^2 / n + strength |d|^2
//             (ridge regression of what h0 leaves over; Hoerl & Kennard 1970)
//     moods:  softmax(h0(x) + D x + c), D minimises  sum v CE / sum v + strength / 2 sum_k m_k |D_k|^2
//             with the text's reading, v the rows' weights if every mood came as often as the others, since
//             heads are read under equal frequencies (Menon et al. 2021; mood_mix.hpp), m the readings' mean;
//             by L-BFGS (lbfgs.hpp), preconditioned by the second derivative of linear discriminant analysis;
//             and a temperature from rows that D was not fitted to (Guo et al. 2017)
//
// The strength of each is the one that does best on folds of the training rows that were left out.
//
// The sums of products of each fold are kept apart, so that any choice of folds costs no further look at the
// rows. Deterministic on one kind of machine. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "fusion/mood/head.hpp"
#include "ops/teaching/seed_rows.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Embeddings of more numbers are not fitted.
inline constexpr std::size_t kTaughtWidthMax = 2'048;

class HeadFit {
 public:
    using Progress = SeedProgress;

    /// Looks through the rows twice. Both must outlive it. `invalid_argument` where the head reads another
    /// width or there is no row, `too_large` past kTaughtWidthMax, `unavailable` where it was given up.
    static Result<HeadFit> open(const SeedRows& rows, const LinearHead& in_use,
                                const Progress& progress = {});
    HeadFit(HeadFit&&) noexcept;
    HeadFit& operator=(HeadFit&&) noexcept;
    ~HeadFit();

    /// The bytes of a head file, fitted to the rows of these folds. Two or more must be given.
    Result<std::string> fit(const Folds& folds) const;

    /// What fit() chose last.
    double affect_strength() const;
    double mood_strength() const;

 private:
    struct Sums;
    explicit HeadFit(std::unique_ptr<Sums> sums);
    std::unique_ptr<Sums> sums_;
};

}  // namespace bgm
