// What RFC 8259 does not allow, and what two readers would understand differently, is no JSON for strangers.
#include "schemas/strict_json.hpp"

#include <gtest/gtest.h>

namespace bgm {
namespace {

using nlohmann::json;

JsonFault fault(const std::string& text) {
    auto read = read_strict_json(text, "whole");
    if (const auto* document = std::get_if<json>(&read)) {
        ADD_FAILURE() << text << " was read as " << *document;
        return {};
    }
    return std::get<JsonFault>(std::move(read));
}

TEST(StrictJson, ReadsWhatIsJson) {
    for (const char* text : {"{}", "[]", "7", "null", "\"\"",
                             " {\"a\" : [1, -0.5e3, true, {\"a\": \"\\u0000\\ud83c\\udf0a\"}]}\r\n\t",
                             R"({"a":{"b":1},"c":{"b":2},"d":[{"b":3},{"b":4}]})"}) {
        const auto read = read_strict_json(text, "whole");
        ASSERT_TRUE(std::holds_alternative<json>(read)) << text;
        EXPECT_EQ(std::get<json>(read), json::parse(text));
    }
}

TEST(StrictJson, RefusesWhatIsNone) {
    for (const std::string& text : {std::string(""),
                                    std::string(" "),
                                    std::string("{"),
                                    std::string("{}{}"),
                                    std::string("{} x"),
                                    std::string("{a:1}"),
                                    std::string("{'a':1}"),
                                    std::string("{\"a\":'b'}"),
                                    std::string("{\"a\":1,}"),
                                    std::string("[1,]"),
                                    std::string("[,1]"),
                                    std::string("[1 2]"),
                                    std::string("{\"a\" 1}"),
                                    std::string("{\"a\":}"),
                                    std::string("{\"a\":01}"),
                                    std::string("{\"a\":+1}"),
                                    std::string("{\"a\":1.}"),
                                    std::string("{\"a\":.5}"),
                                    std::string("{\"a\":0x10}"),
                                    std::string("{\"a\":NaN}"),
                                    std::string("{\"a\":Infinity}"),
                                    std::string("{\"a\":True}"),
                                    std::string("{\"a\":\"\n\"}"),
                                    std::string("{\"a\":\"\\x41\"}"),
                                    std::string("{\"a\":\"\\ud800\"}"),
                                    std::string("// no\n{}"),
                                    std::string("{/* no */}"),
                                    std::string("\xEF\xBB\xBF{}"),
                                    std::string("{\"a\":\"\xFF\"}"),
                                    std::string("{}\0", 3),
                                    std::string("{}\0{}", 5),
                                    std::string("{\"a\":\"\0\"}", 9),
                                    std::string("{\"a\":1e999}"),
                                    std::string("{;}"),
                                    std::string("undefined")}) {
        const JsonFault found = fault(text);
        EXPECT_TRUE(found.malformed) << text;
        EXPECT_EQ(found.error.field, "whole") << text;
        EXPECT_FALSE(found.error.message.empty());
    }
}

TEST(StrictJson, SaysWhereAndRepeatsNothing) {
    EXPECT_NE(fault("{\n  \"secret\": sesame\n}").error.message.find("line 2, column 13"), std::string::npos);
    EXPECT_EQ(fault("{\"a\":sesame}").error.message.find("sesame"), std::string::npos);
}

TEST(StrictJson, RefusesANameThatStandsTwiceByItsPath) {
    for (const auto& [text, field] : std::vector<std::pair<std::string, std::string>>{
             {R"({"a":1,"a":1})", "a"},
             {R"({"a":1,"\u0061":2})", "a"},
             {R"({"x":{"b":1,"c":2,"b":3}})", "x.b"},
             {R"({"items":[{"b":1},{"b":2,"b":3}]})", "items[1].b"},
             {R"([[{"b":1}],[7,{"b":2,"b":3}]])", "[1][1].b"},
             {R"({"a":1,"a":2,"b":1,"b":2})", "a"}}) {
        const JsonFault found = fault(text);
        EXPECT_FALSE(found.malformed) << text;
        EXPECT_EQ(found.error.field, field) << text;
        EXPECT_EQ(found.error.message, "stands twice");
    }
    EXPECT_TRUE(fault(R"({"a":1,"a":2)").malformed) << "no JSON is that first of all";
}

TEST(StrictJson, RefusesWhatIsNestedTooDeeply) {
    EXPECT_TRUE(fault(std::string(9, '[') + std::string(9, ']')).malformed);
    EXPECT_TRUE(fault(std::string(1'000'000, '[') + std::string(1'000'000, ']')).malformed);
    EXPECT_TRUE(fault(std::string(1'000'000, '[')).malformed);
    EXPECT_TRUE(
        std::holds_alternative<json>(read_strict_json(std::string(8, '[') + std::string(8, ']'), "whole")));
}

}  // namespace
}  // namespace bgm
