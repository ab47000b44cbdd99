// Which journal a configuration asks for.
#pragma once

#include <memory>

#include "daemon/config.hpp"
#include "daemon/journal/journal_store.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// `journal.sqlite` in data_dir; with a shared queue `working.sqlite`, made anew: what an earlier run had in
/// it comes again. `invalid_argument` where posts of a journal would be left behind.
Result<std::unique_ptr<JournalStore>> open_journal_store(const Config& config);

}  // namespace bgm
