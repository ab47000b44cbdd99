// Event streams: in order, without a gap, from the store.
#include <algorithm>
#include <set>

#include "tests/daemon/gateway/gateway_fixture.hpp"
#include "tests/eventually.hpp"

namespace bgm::test {
namespace {

using ::testing::HasSubstr;

class EventStreamsTest : public GatewayTest {
 protected:
    EventStreamsTest() {
        const auto guard = daemon_->lock();
        daemon_->operations["events"] = [this](const json& request) {
            ++questions_;
            json items = json::array();
            const auto after = request["after"].get<std::uint64_t>();
            const std::uint64_t through = std::min(newest_, through_);
            for (std::uint64_t id = after + 1;
                 id <= through && items.size() < request["limit"].get<std::size_t>(); ++id) {
                if (erased_.contains(id)) continue;
                items.push_back({{"event_id", std::to_string(id)},
                                 {"kind", id % 2 == 0 ? "pick" : "dead"},
                                 {"data", {{"text", "line\nend"}}}});
            }
            json page{{"items", items}, {"last", std::clamp(after, through, newest_)}};
            if (through < newest_) page["held_back"] = true;
            return page;
        };
    }
    ~EventStreamsTest() override { daemon_.reset(); }  // it asks for what is here

    void store(std::uint64_t newest) {
        const auto guard = daemon_->lock();
        newest_ = newest;
    }
    static void expect_event(RawClient& client, std::uint64_t id) {
        EXPECT_EQ(client.read_until("\n\n"), "id: " + std::to_string(id) +
                                                 "\nevent: " + (id % 2 == 0 ? "pick" : "dead") +
                                                 "\ndata: {\"text\":\"line\\nend\"}\n\n");
    }
    RawClient stream(const std::string& fields = "") {
        RawClient client = this->client();
        (void)client.send(request("GET /v1/events", "", fields));
        EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("200 OK"));
        return client;
    }
    void hold_back_behind(std::uint64_t through) {
        const auto guard = daemon_->lock();
        through_ = through;
    }
    std::uint64_t newest_ = 0;
    std::uint64_t through_ = UINT64_MAX;
    std::set<std::uint64_t> erased_;
    int questions_ = 0;
};

TEST_F(EventStreamsTest, BeginsWithWhatComesNext) {
    store(7);
    RawClient client = stream();
    EXPECT_EQ(client.read_until("\n\n"), "retry: 1000\nid: 7\n\n");
    store(9);
    daemon_->publish("pick.shop.sad", "{}");
    expect_event(client, 8);
    expect_event(client, 9);
}

TEST_F(EventStreamsTest, ResumesBehindTheLastOneWithoutAGap) {
    store(1000);
    RawClient client = stream("Last-Event-ID: 3\r\n");
    EXPECT_EQ(client.read_until("\n\n"), "retry: 1000\nid: 3\n\n");
    for (std::uint64_t id = 4; id <= 1000; ++id)
        expect_event(client, id);
    RawClient other = stream("Last-Event-ID: 998\r\n");
    (void)other.read_until("\n\n");
    expect_event(other, 999);
    expect_event(other, 1000);
    store(1002);
    daemon_->publish("dead.shop", "{}");
    for (RawClient* each : {&client, &other}) {
        expect_event(*each, 1001);
        expect_event(*each, 1002);
    }
}

TEST_F(EventStreamsTest, AnEventThatIsLostOnItsWayIsFoundInTheStore) {
    RawClient client = stream();
    (void)client.read_until("\n\n");
    store(2);  // and nothing is published
    expect_event(client, 1);
    expect_event(client, 2);
}

// Idea: a far id is nobody's, or of a store that was begun anew. Whoever brings it waits for what comes next,
// and nobody asks again and again, nor waits for him.
TEST_F(EventStreamsTest, AnIdFromNowhereStandsAtTheNewestEvent) {
    store(5);
    RawClient far = stream("Last-Event-ID: 9000000000000000000\r\n");
    (void)far.read_until("\n\n");
    RawClient near = stream("Last-Event-ID: 4\r\n");
    (void)near.read_until("\n\n");
    expect_event(near, 5);
    store(6);
    daemon_->publish("pick.shop.sad", "{}");
    expect_event(near, 6);
    expect_event(far, 6);
    const auto guard = daemon_->lock();
    EXPECT_LT(questions_, 20);
}

// Idea: the newest events of the store may be erased behind streams that have seen them.
TEST_F(EventStreamsTest, JoinsOthersThatHaveSeenWhatIsErasedSince) {
    store(10);
    RawClient first = stream("Last-Event-ID: 9\r\n");
    (void)first.read_until("\n\n");
    expect_event(first, 10);
    {
        const auto guard = daemon_->lock();
        erased_ = {9, 10};
    }
    store(8);
    RawClient second = stream();
    EXPECT_EQ(second.read_until("\n\n"), "retry: 1000\nid: 8\n\n");
    // Whoever asks without a pause has asked as often meanwhile.
    RawClient other = this->client();
    for (int i = 0; i < 50; ++i)
        EXPECT_EQ(other.ask("GET /readyz HTTP/1.1\r\nHost: t\r\n\r\n").status, 200);
    store(11);
    daemon_->publish("dead.shop", "{}");
    expect_event(first, 11);
    expect_event(second, 11);
    const auto guard = daemon_->lock();
    EXPECT_LT(questions_, 20);
}

// Idea: another host's transaction holds back what one stream has seen already, before it began.
TEST_F(EventStreamsTest, WhatIsHeldBackComesLaterToEachThatHasNotSeenIt) {
    store(10);
    RawClient first = stream("Last-Event-ID: 9\r\n");
    (void)first.read_until("\n\n");
    expect_event(first, 10);
    hold_back_behind(8);
    RawClient second = stream("Last-Event-ID: 6\r\n");
    (void)second.read_until("\n\n");
    expect_event(second, 7);
    expect_event(second, 8);
    RawClient third = stream();
    EXPECT_EQ(third.read_until("\n\n"), "retry: 1000\nid: 8\n\n");
    store(11);
    daemon_->publish("dead.shop", "{}");
    EXPECT_TRUE(eventually([&] {
        const auto guard = daemon_->lock();
        return questions_ > 12;
    })) << "nobody looks again";
    hold_back_behind(UINT64_MAX);  // and nothing is published
    for (RawClient* each : {&second, &third}) {
        expect_event(*each, 9);
        expect_event(*each, 10);
    }
    for (RawClient* each : {&first, &second, &third})
        expect_event(*each, 11);
}

TEST_F(EventStreamsTest, EndsWithItsKey) {
    RawClient client = stream();
    (void)client.read_until("\n\n");
    take_key("all");
    EXPECT_TRUE(client.at_end());
}

TEST_F(EventStreamsTest, RefusesAnIdThatIsNone) {
    EXPECT_EQ(client().ask(request("GET /v1/events", "", "Last-Event-ID: x\r\n")).status, 400);
    EXPECT_EQ(client().ask(request("GET /v1/events?last_event_id=-1")).status, 400);
}

}  // namespace
}  // namespace bgm::test
