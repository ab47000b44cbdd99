// The folders that bgmd calls its own.
#pragma once

#include <string>

#include "schemas/descriptor.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Makes it where there is none; only its owner may enter it. `unavailable` with the folder.
Status make_private_folder(const std::string& path);

/// Locks it for as long as the descriptor lives: two daemons on one journal would deliver each other's posts.
/// `unavailable` where another one has it.
Result<Descriptor> lock_folder(const std::string& path);

}  // namespace bgm
