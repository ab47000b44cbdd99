#include "schemas/curve_keys.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

namespace bgm {
namespace {

constexpr std::size_t kKeyCharacters = 40;
constexpr std::size_t kNameCharacters = 32;
constexpr std::string_view kLettersAndDigits =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kAlsoInKeys = ".-:+=^!/*?&<>()[]{}@%$#";
constexpr std::string_view kAlsoInNames = "._-";

bool made_of(std::string_view text, std::string_view also) {
    return std::all_of(text.begin(), text.end(), [also](char each) {
        return kLettersAndDigits.find(each) != std::string_view::npos ||
               also.find(each) != std::string_view::npos;
    });
}

Error bad(const std::filesystem::path& file, std::string message) {
    return {.code = ErrorCode::invalid_argument, .message = std::move(message), .field = file.string()};
}

Error unreadable(const std::filesystem::path& file) {
    return {.code = ErrorCode::not_found, .message = "cannot be read", .field = file.string()};
}

Result<std::string> first_word(const std::filesystem::path& file) {
    std::ifstream stream(file);
    std::string line;
    if (!stream || !std::getline(stream, line)) return unreadable(file);
    std::istringstream words(line);
    std::string key;
    words >> key;
    if (!is_curve_key(key)) return bad(file, "does not begin with a key of 40 characters");
    return key;
}

}  // namespace

bool is_curve_key(std::string_view text) {
    return text.size() == kKeyCharacters && made_of(text, kAlsoInKeys);
}

bool is_host_name(std::string_view text) {
    return !text.empty() && text.size() <= kNameCharacters && made_of(text, kAlsoInNames);
}

Result<std::string> read_curve_secret(const std::filesystem::path& file) {
    struct stat facts {};
    if (stat(file.c_str(), &facts) != 0) return unreadable(file);
    if (!S_ISREG(facts.st_mode)) return bad(file, "is no file");
    if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return bad(file, "holds a secret that others can read: chmod 600 it");
    return first_word(file);
}

Status write_curve_secret(const std::filesystem::path& file, std::string_view key) {
    const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0 && errno == EEXIST) return bad(file, "is there already, and a key is not written over");
    const std::string line = std::string(key) + "\n";
    const bool written =
        fd >= 0 && write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && fsync(fd) == 0;
    const int why = errno;
    if (fd >= 0) close(fd);
    if (written) return ok_status();
    return Error{.code = ErrorCode::unavailable,
                 .message = "cannot be written: " + std::generic_category().message(why),
                 .field = file.string()};
}

Result<std::string> read_curve_public(const std::filesystem::path& file) {
    return first_word(file);
}

Result<CurveClients> read_curve_clients(const std::filesystem::path& file) {
    std::ifstream stream(file);
    stream.peek();  // a folder opens, but does not read
    if (!stream.is_open() || stream.bad()) return unreadable(file);
    CurveClients clients;
    std::set<std::string> names;
    int number = 0;
    for (std::string line; std::getline(stream, line);) {
        const std::string at = "line " + std::to_string(++number) + ": ";
        std::istringstream words(line);
        std::string key;
        std::string name;
        std::string more;
        // A # may stand in a key: one that begins a word begins a remark.
        if (!(words >> key) || (key.front() == '#' && !is_curve_key(key))) continue;
        words >> name;
        if (!is_curve_key(key)) return bad(file, at + "does not begin with a public key of 40 characters");
        if (!is_host_name(name))
            return bad(file, at + "has no name of 1 to 32 letters, digits and . _ - behind the key");
        if (words >> more && more.front() != '#') return bad(file, at + "holds more than a key and a name");
        if (!names.insert(name).second) return bad(file, at + "repeats the name " + name);
        if (!clients.emplace(key, name).second) return bad(file, at + "repeats a key");
    }
    return clients;
}

}  // namespace bgm
