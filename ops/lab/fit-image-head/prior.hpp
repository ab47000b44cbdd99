// What is believed about each image feature before any data: the literature's signs, with sizes judged by
// hand. The fit starts here and may only move away where data pull.
#pragma once

#include <Eigen/Dense>

#include "fusion/mood/mood.hpp"

namespace bgm::fit {

/// Weights over the image embedding. Rows: valence, arousal / the 13 moods.
struct ImagePrior {
    Eigen::MatrixXd affect_weight;  // [2, d]
    Eigen::VectorXd affect_bias;    // [2]
    Eigen::MatrixXd mood_weight;    // [13, d], on top of what valence and arousal say
    Eigen::VectorXd mood_bias;      // [13], log of how often a photo means this mood
};

ImagePrior image_prior();

}  // namespace bgm::fit
