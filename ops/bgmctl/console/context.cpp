#include "ops/bgmctl/console/context.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "ops/bgmctl/console/table.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

void print_error_json(std::ostream& out, const Error& error) {
    const nlohmann::json document = {
        {"error", {{"code", name(error.code)}, {"field", error.field}, {"message", error.message}}}};
    out << json_line(document) << '\n';
}

}  // namespace

int report_failure(BgmctlContext& context, const Error& error) {
    if (context.json()) {
        print_error_json(*context.out, error);
    } else {
        *context.err << "bgmctl: " << printable(error.to_string()) << '\n';
    }
    return kExitFailed;
}

int report_usage(BgmctlContext& context, const std::string& sentence) {
    if (context.json()) {
        print_error_json(*context.out, Error{ErrorCode::invalid_argument, sentence, ""});
    } else {
        *context.err << "bgmctl: " << printable(sentence) << '\n';
    }
    return kExitUsage;
}

}  // namespace bgm
