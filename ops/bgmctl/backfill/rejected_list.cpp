#include "ops/bgmctl/backfill/rejected_list.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "schemas/json_text.hpp"

namespace bgm {

Result<RejectedList> RejectedList::open(const std::string& path, std::uint64_t bytes_kept) {
    std::error_code failure;
    const bool exists = std::filesystem::exists(path, failure);
    if (bytes_kept == 0) {
        std::filesystem::remove(path, failure);
        return RejectedList(path, 0);
    }
    if (!exists || std::filesystem::file_size(path, failure) < bytes_kept) {
        return Error{ErrorCode::corrupt,
                     "is shorter than the checkpoint says; start over without --resume, which does no harm",
                     path};
    }
    std::filesystem::resize_file(path, bytes_kept, failure);
    if (failure) return Error{ErrorCode::unavailable, failure.message(), path};
    return RejectedList(path, bytes_kept);
}

Error RejectedList::failed() const {
    return Error{ErrorCode::resource_exhausted,
                 std::string("the rejected line cannot be written: ") + std::strerror(errno), path_};
}

Status RejectedList::add(const Rejection& rejection) {
    if (!file_) file_.reset(std::fopen(path_.c_str(), "ab"));
    if (!file_) return failed();
    const nlohmann::json document = {{"line", rejection.line_number},
                                     {"post_id", rejection.post_id},
                                     {"code", rejection.code},
                                     {"field", rejection.field},
                                     {"message", rejection.message}};
    const std::string text = json_line(document) + "\n";
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) return failed();
    bytes_ += text.size();
    return ok_status();
}

Status RejectedList::sync() {
    if (!file_) return ok_status();
    if (std::fflush(file_.get()) != 0 || ::fdatasync(::fileno(file_.get())) != 0) return failed();
    return ok_status();
}

}  // namespace bgm
