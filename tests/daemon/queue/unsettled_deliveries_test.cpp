// How few acknowledgements settle what is done, in whatever order it is done.
#include "daemon/queue/unsettled_deliveries.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace bgm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Acknowledgement = UnsettledDeliveries::Acknowledgement;
using Tags = std::vector<std::uint64_t>;

UnsettledDeliveries with(int count) {
    UnsettledDeliveries deliveries;
    for (int i = 0; i < count; ++i)
        deliveries.add();
    return deliveries;
}

TEST(UnsettledDeliveriesTest, OneAcknowledgementStandsForAllWithoutAGap) {
    UnsettledDeliveries deliveries = with(4);
    EXPECT_THAT(deliveries.settle(Tags{2, 1, 3}), ElementsAre(Acknowledgement{3, true}));
    EXPECT_EQ(deliveries.size(), 1U);
    EXPECT_THAT(deliveries.settle(Tags{4}), ElementsAre(Acknowledgement{4, false}));
    EXPECT_EQ(deliveries.next(), 5U);
}

TEST(UnsettledDeliveriesTest, WhatLiesBeyondAGapIsAcknowledgedByItselfAndOnce) {
    UnsettledDeliveries deliveries = with(4);
    EXPECT_THAT(deliveries.settle(Tags{3, 3}), ElementsAre(Acknowledgement{3, false}));
    EXPECT_EQ(deliveries.size(), 4U);
    EXPECT_THAT(deliveries.settle(Tags{3}), IsEmpty());
    EXPECT_THAT(deliveries.settle(Tags{1, 2, 4}), ElementsAre(Acknowledgement{4, true}));
    EXPECT_EQ(deliveries.size(), 0U);
}

// The broker would close the channel over a number that it does not know any more.
TEST(UnsettledDeliveriesTest, ANumberThatWasSettledIsNotNamedAgain) {
    UnsettledDeliveries deliveries = with(3);
    EXPECT_TRUE(deliveries.reject(2));
    EXPECT_FALSE(deliveries.reject(2));
    EXPECT_THAT(deliveries.settle(Tags{2}), IsEmpty());
    EXPECT_THAT(deliveries.settle(Tags{1}), ElementsAre(Acknowledgement{1, false}));
    EXPECT_EQ(deliveries.size(), 1U);
    EXPECT_TRUE(deliveries.reject(3));
    EXPECT_EQ(deliveries.size(), 0U);
}

TEST(UnsettledDeliveriesTest, WhatIsNotHereIsPassedOver) {
    UnsettledDeliveries deliveries = with(2);
    EXPECT_THAT(deliveries.settle(Tags{0, 3, ~0ULL}), IsEmpty());
    EXPECT_FALSE(deliveries.reject(0));
    deliveries.clear();
    EXPECT_EQ(deliveries.next(), 1U);
    EXPECT_THAT(deliveries.settle(Tags{1}), IsEmpty());
}

// As a broker reads them: each number is acknowledged once, and none that was not settled.
TEST(UnsettledDeliveriesTest, InAnyOrderEachIsAcknowledgedOnce) {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        UnsettledDeliveries deliveries = with(40);
        Tags order(40);
        for (std::size_t i = 0; i < order.size(); ++i)
            order[i] = i + 1;
        std::ranges::shuffle(order, random);
        std::set<std::uint64_t> open(order.begin(), order.end());
        std::set<std::uint64_t> settled;
        for (auto at = order.begin(); at != order.end();) {
            const auto end = at + std::min<std::ptrdiff_t>(1 + random() % 6, order.end() - at);
            const Tags some(at, end);
            at = end;
            settled.insert(some.begin(), some.end());
            for (const Acknowledgement& each : deliveries.settle(some)) {
                ASSERT_TRUE(open.contains(each.tag));
                for (auto first = each.multiple ? open.begin() : open.find(each.tag);
                     first != open.end() && *first <= each.tag; first = open.erase(first))
                    ASSERT_TRUE(settled.contains(*first));
            }
        }
        EXPECT_THAT(open, IsEmpty());
        EXPECT_EQ(deliveries.size(), 0U);
    }
}

}  // namespace
}  // namespace bgm
