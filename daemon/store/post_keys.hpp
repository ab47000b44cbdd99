// Statements about posts by their keys, many at once.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "daemon/store/connection.hpp"
#include "daemon/store/decision_batch.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// About one post.
std::string condition_of(const PostKey& key);

/// Hands out conditions over (tenant, post_id) that both servers answer from the primary key. They do not
/// both do so for (tenant, post_id) IN ((..), (..)), which would read the whole table. `keys` are sorted.
Status for_each_condition(std::span<const PostKey> keys,
                          const std::function<Status(const std::string&)>& run);

Status delete_keys(MySqlConnection& connection, std::string_view table, std::span<const PostKey> keys);

}  // namespace bgm
