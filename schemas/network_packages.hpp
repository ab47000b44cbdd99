// Which files of which npm packages the builtin preset reads its pretrained networks from, and what each must
// be, byte for byte: npm has checked a package as a whole when it was installed (data/packages), and nobody
// has since.
//
// None of them must be there: the preset works without, and says what is missing. Plain functions, callable
// from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bgm {

struct NetworkFile {
    std::string_view path;  // below the folder of the packages (node_modules)
    std::uint64_t bytes;
    std::string_view sha256;  // 64 lower-case hexadecimal digits
};

struct NetworkPackage {
    std::string_view name;
    std::string_view version;
    std::string_view licence;
    std::string_view purpose;
    std::span<const NetworkFile> files;
};

/// Every package that is read.
std::span<const NetworkPackage> network_packages();
/// The file of that path; it must be one of the list.
const NetworkFile& network_file(std::string_view path);

/// "installed" (all files, with their sizes), "absent" (none), or "damaged".
std::string_view standing(const NetworkPackage& package, const std::filesystem::path& folder);

/// What is missing or has another size, one "PATH is not there" or "PATH has N bytes, not M" each.
std::vector<std::string> wrong_files(const NetworkPackage& package, const std::filesystem::path& folder);

/// Data that ships with bgmd: beside an installation (PREFIX/share/bgmd), else in the source tree that was
/// built.
std::filesystem::path shipped_data();
/// Where the packages are unless somebody says otherwise: packages/node_modules in the shipped data.
std::filesystem::path shipped_packages();

/// What a person does who wants them.
inline constexpr std::string_view kFetchPackages =
    "`npm ci --ignore-scripts` in the folder above node_modules (with a source tree: ops/install-networks)";

}  // namespace bgm
