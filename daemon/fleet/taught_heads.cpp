#include "daemon/fleet/taught_heads.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <span>
#include <system_error>

#include "fusion/mood/head.hpp"
#include "schemas/descriptor.hpp"
#include "schemas/hex.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHeadEnding = "_head.safetensors";

Status failed(const fs::path& file, const std::error_code& error) {
    return Error{.code = ErrorCode::unavailable, .message = error.message(), .field = file.string()};
}

std::error_code last_error() {
    return {errno, std::generic_category()};
}

// A model's name is any printable text, and a file's must not lead elsewhere.
std::string file_name(std::string_view model) {
    std::string name;
    for (const char c : model) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '_' || c == '.' || c == '@';
        name += plain ? std::string(1, c) : "%" + hex(std::string_view(&c, 1));
    }
    return name.append(kHeadEnding);
}

Status write_durably(const fs::path& file, std::string_view bytes) {
    const Descriptor into(
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR | S_IRGRP));
    if (!into.ok() || !into.write(bytes) || !into.sync()) return failed(file, last_error());
    return ok_status();
}

}  // namespace

fs::path TaughtHeads::file_of(std::string_view model) const {
    return folder_ / file_name(model);
}

fs::path TaughtHeads::numbered(std::string_view model, std::size_t number) const {
    return file_of(model) += "." + std::to_string(number);
}

std::size_t TaughtHeads::earlier(std::string_view model) const {
    std::error_code error;
    std::size_t count = 0;
    while (fs::exists(numbered(model, count + 1), error))
        ++count;
    // A second name of the one in use, of a put() that died before its end, is none before it.
    return count > 0 && fs::equivalent(numbered(model, count), file_of(model), error) ? count - 1 : count;
}

Status TaughtHeads::put(std::string_view model, std::string_view head_file) {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) return failed(folder_, error);
    const fs::path file = file_of(model);
    const fs::path unfinished = fs::path(file) += ".partial";
    if (Status written = write_durably(unfinished, head_file); !written) return written;
    // A second name for the one in use, so that there is one at every moment.
    if (fs::exists(file, error)) {
        const fs::path before = numbered(model, earlier(model) + 1);
        if (!fs::exists(before, error)) fs::create_hard_link(file, before, error);
    }
    if (!error) fs::rename(unfinished, file, error);
    if (error) return failed(file, error);
    if (!sync_folder(folder_.c_str())) return failed(folder_, last_error());
    return ok_status();
}

Status TaughtHeads::undo(std::string_view model) {
    std::error_code error;
    const fs::path file = file_of(model);
    if (!fs::exists(file, error)) {
        return Error{.code = ErrorCode::not_found,
                     .message = "the head of " + std::string(model) + " was not taught",
                     .field = "model"};
    }
    const std::size_t count = earlier(model);
    fs::remove(numbered(model, count + 1), error);  // of a put() that died
    if (count > 0 && !error) {
        fs::rename(numbered(model, count), file, error);
    } else if (!error) {
        fs::remove(file, error);
    }
    if (error) return failed(file, error);
    if (!sync_folder(folder_.c_str())) return failed(folder_, last_error());
    return ok_status();
}

Result<std::vector<Error>> TaughtHeads::set_aside_broken() {
    std::vector<Error> broken;
    std::error_code error;
    if (!fs::exists(folder_, error)) return broken;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder_, error)) {
        if (entry.path().filename().string().ends_with(kHeadEnding)) files.push_back(entry.path());
    }
    for (const fs::path& file : files) {
        std::ifstream stream(file, std::ios::binary);
        const std::string bytes(std::istreambuf_iterator<char>(stream), {});
        const auto head = LinearHead::parse(std::as_bytes(std::span(bytes)));
        if (head && file == file_of(head->model())) continue;
        broken.push_back(
            head ? Error{.code = ErrorCode::corrupt,
                         .message = "is the head of " + head->model() + ", and named otherwise",
                         .field = file.string()}
                 : Error{.code = head.error().code, .message = head.error().message, .field = file.string()});
        fs::rename(file, fs::path(file) += ".broken", error);
        if (error) return Error(failed(file, error).error());
    }
    if (error) return Error(failed(folder_, error).error());
    return broken;
}

}  // namespace bgm
