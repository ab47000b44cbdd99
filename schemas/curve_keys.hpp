// The files with the CURVE keys by which bgmd and workers on other hosts know each other. A key is 40
// characters of Z85; a secret one never stands in an error.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace bgm {

bool is_curve_key(std::string_view text);
/// 1 to 32 letters, digits and . _ - : the name of a host, which its workers' names begin with.
bool is_host_name(std::string_view text);

/// The first line of a file that nobody but its owner can read or write: `invalid_argument` where others can,
/// or where it holds no key; `not_found` where it cannot be read. The error's field is the file.
Result<std::string> read_curve_secret(const std::filesystem::path& file);

/// Into a file that is not there yet, mode 0600. `invalid_argument` where it is, `unavailable` where it
/// cannot be written.
Status write_curve_secret(const std::filesystem::path& file, std::string_view key);

/// The first word of the first line, so that a line of bgmd's list serves as well.
Result<std::string> read_curve_public(const std::filesystem::path& file);

using CurveClients = std::map<std::string, std::string, std::less<>>;  // public key -> name of the host

/// A line `KEY NAME` for each host; empty lines and what follows a # do not count. `invalid_argument` with
/// the number of the line that is none, or that repeats a key or a name.
Result<CurveClients> read_curve_clients(const std::filesystem::path& file);

}  // namespace bgm
