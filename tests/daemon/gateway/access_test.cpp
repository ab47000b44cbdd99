// Who may do what: made of the table of routes, so that no call can be forgotten.
#include "daemon/base/clock.hpp"
#include "daemon/gateway/openapi.hpp"
#include "tests/daemon/gateway/gateway_fixture.hpp"

namespace bgm::test {
namespace {

using gateway::Access;
using gateway::BodyKind;
using gateway::Route;

class AccessTest : public GatewayTest {
 protected:
    static std::string line(const Route& route) {
        std::string path(route.pattern);
        for (std::size_t at = 0; (at = path.find('{')) != std::string::npos;)
            path.replace(at, path.find('}') - at + 1, "x");
        return std::string(route.method) + " " + path;
    }
    HttpAnswer call(const Route& route, const std::string& word, const std::string& fields = "") {
        const bool body = route.body != BodyKind::none;
        return client().ask(request(line(route), body ? "{}" : "",
                                    fields + (body ? "Content-Type: application/json\r\n" : ""), word));
    }
};

TEST_F(AccessTest, EveryCallThatNeedsAKeyRefusesWhoHasNone) {
    give_key("expired", "shop", {"post", "read", "feedback", "admin"}, now_ms() - 1000);
    for (const Route& route : gateway::routes()) {
        if (route.access == Access::anybody) continue;
        for (const std::string& fields : {std::string(), std::string("Authorization: Basic x\r\n"),
                                          std::string("Authorization: Bearer bgm_short\r\n"),
                                          "Authorization: Bearer " + key_text("forged") + "\r\n"}) {
            const auto answer = call(route, "", fields);
            EXPECT_EQ(answer.status, 401) << line(route) << fields;
            EXPECT_EQ(answer.fields.at("www-authenticate"), "Bearer");
            EXPECT_EQ(json::parse(answer.body)["field"], "Authorization");
        }
        EXPECT_EQ(client().ask(request(line(route) + "?key=" + key_text("all"), "", "", "")).status, 401)
            << "no key in a URL";
    }
    EXPECT_EQ(daemon_->posts().size(), 1U) << "but the one that said that the way is open";
}

TEST_F(AccessTest, EveryCallRefusesAKeyWithoutItsScope) {
    for (const Route& route : gateway::routes()) {
        if (route.access != Access::scope) continue;
        std::vector<std::string> others;
        for (const Scope scope : kScopes) {
            if (scope != route.scope) others.emplace_back(name(scope));
        }
        const std::string word = "no" + std::string(name(route.scope));
        give_key(word, "shop", others);
        const auto answer = call(route, word);
        EXPECT_EQ(answer.status, 403) << line(route);
        EXPECT_EQ(json::parse(answer.body)["code"], "forbidden");
    }
}

TEST_F(AccessTest, ARevokedKeyIsRefusedSoonAndANewOneIsTaken) {
    const Route& route = *std::find_if(gateway::routes().begin(), gateway::routes().end(),
                                       [](const Route& each) { return each.access == Access::any_key; });
    EXPECT_EQ(call(route, "all").status, 200);
    take_key("all");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (call(route, "all").status == 200 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    EXPECT_EQ(call(route, "all").status, 401);
    give_key("fresh", "shop", {"read"});
    EXPECT_EQ(call(route, "fresh").status, 200);
}

TEST_F(AccessTest, OtherMethodsAreRefusedWithThoseThatThereAre) {
    for (const Route& route : gateway::routes()) {
        std::string path = line(route);
        path = path.substr(path.find(' '));
        const auto answer = client().ask(request("PATCH" + path));
        EXPECT_EQ(answer.status, 405) << path;
        EXPECT_THAT(answer.fields.at("allow"), ::testing::HasSubstr(std::string(route.method)));
    }
    EXPECT_EQ(client().ask(request("GET /nothing")).status, 404);
    EXPECT_EQ(client().ask(request("GET /page/..%2fmain.cpp")).status, 404);
    EXPECT_EQ(client().ask(request("GET /page/%2e%2e/main.cpp")).status, 400);
}

TEST_F(AccessTest, AParameterThatACallDoesNotKnowIsRefusedByItsName) {
    for (const Route& route : gateway::routes()) {
        if (route.access == Access::anybody) continue;
        const auto answer = client().ask(request(line(route) + "?surprise=1"));
        EXPECT_EQ(answer.status, gateway::status_of("invalid_argument", route)) << line(route);
        const json problem = json::parse(answer.body);
        EXPECT_EQ(problem.value("field", ""), "surprise") << line(route);
        EXPECT_EQ(problem.value("in", ""), "query") << line(route);
    }
    EXPECT_EQ(client().ask(request("GET /healthz?surprise=1")).status, 200)
        << "what a link adds harms nobody";
    const json twice = json::parse(client().ask(request("GET /v1/tracks?limit=1&limit=2")).body);
    EXPECT_EQ(twice["field"], "limit");
    EXPECT_EQ(twice["in"], "query");
}

// What a client is told to expect of a code it gets, whichever call it makes.
TEST_F(AccessTest, ACodeHasOneStatusWithACall) {
    const json document = json::parse(client().ask(request("GET /openapi.json", "", "", "")).body);
    for (const Route& route : gateway::routes()) {
        std::string method(route.method);
        for (char& c : method)
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        const json& responses = document["paths"][std::string(route.pattern)][method]["responses"];
        for (const gateway::ProblemKind& kind : gateway::problem_kinds()) {
            std::vector<std::string> statuses;
            for (const auto& [status, response] : responses.items()) {
                const std::string when = response["description"];
                if (when.find("`" + std::string(kind.code) + "`") != std::string::npos)
                    statuses.push_back(status);
            }
            EXPECT_LE(statuses.size(), 1U) << route.name << " " << kind.code;
            if (!statuses.empty()) {
                EXPECT_EQ(statuses.front(), std::to_string(gateway::status_of(kind.code, route)))
                    << route.name;
            }
        }
    }
    // A refusal of bgmd's, with a call that has no body.
    {
        const auto guard = daemon_->lock();
        daemon_->operations["dead.retry"] = [](const json&) {
            return json{{"code", "unsupported"}, {"field", "post_id"}};
        };
    }
    EXPECT_EQ(client().ask(request("POST /v1/dead/p/retry")).status, 422);
    const std::string docs = client().ask(request("GET /docs", "", "", "")).body;
    EXPECT_THAT(docs, ::testing::HasSubstr("<td>422; 400 with calls that take no body</td>"));
}

TEST_F(AccessTest, TheDescriptionHoldsEveryRouteAndEveryCode) {
    const json document = json::parse(client().ask(request("GET /openapi.json", "", "", "")).body);
    EXPECT_EQ(document["openapi"], "3.1.0");
    std::size_t operations = 0;
    for (const auto& [path, methods] : document["paths"].items())
        operations += methods.size();
    EXPECT_EQ(operations, gateway::routes().size());
    const json& codes = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"];
    EXPECT_EQ(codes.size(), gateway::problem_kinds().size());
    const json& fields = document["components"]["schemas"]["Post"]["properties"];
    EXPECT_EQ(fields.size(), static_cast<std::size_t>(v1::Post::descriptor()->field_count()));
    for (const Route& route : gateway::routes()) {
        std::string method(route.method);
        for (char& c : method)
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        const json& operation = document["paths"][std::string(route.pattern)][method];
        EXPECT_EQ(operation["operationId"], route.name);
        EXPECT_EQ(operation.value("parameters", json::array()).size(), route.parameters.size());
        EXPECT_EQ(operation["responses"].contains("401"), route.access != Access::anybody) << route.name;
        for (const std::string_view code : route.problems)
            EXPECT_NE(
                std::find_if(codes.begin(), codes.end(), [&](const json& each) { return each == code; }),
                codes.end())
                << code;
    }
    EXPECT_THAT(client().ask(request("GET /docs", "", "", "")).body,
                ::testing::HasSubstr("/v1/posts/{post_id}"));
}

}  // namespace
}  // namespace bgm::test
