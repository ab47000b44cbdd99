#include <gtest/gtest.h>

#include "tests/cluster/world.hpp"

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (testing::GTEST_FLAG(list_tests)) return RUN_ALL_TESTS();
    return bgm::test::World::run([] { return RUN_ALL_TESTS(); });
}
