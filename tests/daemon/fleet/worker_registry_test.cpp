// Whether a name is another's: what routing ids of workers on other hosts say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/fleet/worker_registry.hpp"

namespace bgm {
namespace {

using std::chrono_literals::operator""s;

class WorkerRegistryTest : public ::testing::Test {
 protected:
    KnownWorker worker(const std::string& identity, const std::string& name = "gpu1/text-0") const {
        v1::Hello hello;
        hello.set_name(name);
        KnownWorker known = KnownWorker::from(identity, hello);
        known.last_seen = now_;
        return known;
    }
    bool taken(const std::string& identity, const std::string& name = "gpu1/text-0") const {
        return registry_.taken(worker(identity, name), now_ - 3s);
    }

    Config config_;
    Metrics metrics_;
    WorkerRegistry registry_{config_, metrics_};
    WorkerRegistry::Time now_{100s};
};

TEST_F(WorkerRegistryTest, ALaterConnectionOfTheSameProcessTakesItsPlace) {
    registry_.add(worker("@gpu1/text-0/77/secret/2"));
    EXPECT_FALSE(taken("@gpu1/text-0/77/secret/3"));
    EXPECT_FALSE(taken("@gpu1/text-0/77/secret/2")) << "said again";
    EXPECT_TRUE(taken("@gpu1/text-0/77/secret/1")) << "an earlier one";
    EXPECT_TRUE(taken("@gpu1/text-0/77/guessed/3"));
    EXPECT_TRUE(taken("@gpu1/text-0"));
    EXPECT_FALSE(taken("@gpu1/text-1/77/other/1", "gpu1/text-1"));
}

TEST_F(WorkerRegistryTest, ANameWhoseHolderHasFallenSilentIsFree) {
    registry_.add(worker("@gpu1/text-0/77/secret/1"));
    now_ += 4s;
    EXPECT_FALSE(taken("@gpu1/text-0/78/another/1"));
}

TEST_F(WorkerRegistryTest, HostsDoNotTakeThePlacesOfOthers) {
    const auto add = [this](const std::string& identity) { registry_.add(worker(identity, identity)); };
    for (int i = 0; i < 64; ++i)
        add("@gpu1/" + std::to_string(i));
    EXPECT_TRUE(registry_.full_for("@gpu1/more"));
    EXPECT_FALSE(registry_.full_for("@gpu1/7")) << "known";
    EXPECT_FALSE(registry_.full_for("@gpu2/0"));
    for (int i = 0; i < 64; ++i) {
        add("@gpu2/" + std::to_string(i));
        add("@gpu3/" + std::to_string(i));
    }
    EXPECT_TRUE(registry_.full_for("@gpu4/0"));
    EXPECT_FALSE(registry_.full_for("text-0/77"));
}

TEST_F(WorkerRegistryTest, TwoThatSayNoSecretAreNotTheSame) {
    registry_.add(worker("@gpu1/text-0"));
    EXPECT_TRUE(taken("@gpu1/text-00"));
}

}  // namespace
}  // namespace bgm
