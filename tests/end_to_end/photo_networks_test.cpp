// What networks out of npm's packages see in a photo ends in the pick, from a worker that is fully confined;
// without the packages, or with one that is damaged, photos are picked as before and the operator is told.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "schemas/network_packages.hpp"
#include "tests/end_to_end/conversation.hpp"
#include "tests/workers/networks/packages.hpp"

namespace bgm::test {
namespace {

namespace fs = std::filesystem;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

// In mebibytes, the most there ever was.
long resident_mib(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stol(line.substr(6)) / 1024;
    }
    return -1;
}

Json facts_of(const Stack& stack, const std::string& id, const std::string& model) {
    const auto rows = stack.sql("SELECT facts FROM picks WHERE post_id = '" + id + "'");
    const Json facts = Json::parse(rows.at(0).at(0));
    for (const Json& entry : facts) {
        if (entry.at("model") == model) return entry;
    }
    return {};
}

TEST(PhotoNetworks, SeeFacesInAConfinedWorker) {
    BGM_NEEDS_PACKAGES();
    const Stack stack(Stack::Options{.settings = {"workers.sandbox=required", "workers.audio=0"}});
    Conversation client(stack);
    for (int number = 1; number <= 6; ++number) {
        const std::string id = "sample-" + std::to_string(number);
        const auto ack = client.post({{"post_id", id}, {"assets", {{{"kind", "IMAGE"}, {"frame", 0}}}}},
                                     {sample_file(number)});
        ASSERT_EQ(ack.status, PostAck::Status::accepted) << ack.error_message;
        const auto pick = wait_for_pick(stack, id);
        ASSERT_TRUE(pick) << id;
        EXPECT_EQ(pick->degraded.size(), 0) << pick->degraded.dump();
        EXPECT_GE(facts_of(stack, id, "faces-1").at("values").at("faces"), 1) << id;
        EXPECT_LT(facts_of(stack, id, "builtin-image-1").at("values").at("not_safe_for_work"), 0.5) << id;
    }
    EXPECT_EQ(facts_of(stack, "sample-6", "faces-1").at("summary"), "5 faces, smiling");
    EXPECT_GT(wait_for_pick(stack, "sample-6")->valence, 0.1);
    EXPECT_LT(wait_for_pick(stack, "sample-2")->valence, 0) << "one face, looking down";
    EXPECT_THAT(stack.http_get("/metrics").body,
                Not(ContainsRegex("bgmd_worker_ends_total\\{[^}]*reason=\"sandbox\"\\} [1-9]")));
#ifndef __SANITIZE_ADDRESS__
    const long memory_mib = resident_mib(stack.processes().at("worker-image-0"));
    EXPECT_LE(memory_mib, 220);
    std::cout << "image worker: " << memory_mib << " MiB at most\n";
#endif
}

TEST(PhotoNetworks, AreMissedByNobodyButTheOperator) {
    BGM_NEEDS_PACKAGES();
    const fs::path damaged = fs::temp_directory_path() / ("bgm-damaged-" + std::to_string(getpid()));
    const std::string_view broken = "@vladmandic/face-api/model/tiny_face_detector_model.bin";
    fs::create_directories((damaged / broken).parent_path());
    fs::copy_file(installed_packages() / broken, damaged / broken);
    fs::resize_file(damaged / broken, 1000);
    for (const char* manifest : {"tiny_face_detector", "face_expression"}) {
        const fs::path file =
            fs::path("@vladmandic/face-api/model") / (std::string(manifest) + "_model-weights_manifest.json");
        fs::copy_file(installed_packages() / file, damaged / file);
    }
    const Stack stack(Stack::Options{
        .mysql = false, .settings = {"models.packages_dir=" + damaged.string(), "workers.audio=0"}});
    const fs::path photo = stack.folder() / "photo.jpg";
    std::ofstream(photo, std::ios::binary) << sample_file(6);
    const auto picked = stack.bgmctl("post --image '" + photo.string() + "' --wait");
    EXPECT_EQ(picked.exit_code, 0) << picked.text;
    EXPECT_THAT(picked.text, HasSubstr("builtin-image-1"));
    EXPECT_THAT(picked.text, Not(HasSubstr("face"))) << "read as before";
    const std::string status = stack.bgmctl("status").text;
    EXPECT_THAT(status, HasSubstr("@vladmandic/face-api is damaged"));
    EXPECT_THAT(status, HasSubstr("tiny_face_detector_model.bin has 1000 bytes, not 193321"));
    EXPECT_THAT(status, HasSubstr("nsfwjs is absent"));
    EXPECT_THAT(status, HasSubstr("npm ci"));
    std::ifstream log(stack.folder() / "log/bgmd.log");
    const std::string lines(std::istreambuf_iterator<char>(log), {});
    EXPECT_THAT(lines, HasSubstr("tiny_face_detector_model.bin")) << "the file that is wrong is named";
    fs::remove_all(damaged);
}

}  // namespace
}  // namespace bgm::test
