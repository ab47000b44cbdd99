// The value that a script exports is read without running anything; what is no plain value is refused.
#include "workers/networks/script_literal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace bgm;

std::string module_of(const std::string& value) {
    return R"(!function(t){if("object"==typeof exports)module.exports=t();else{self.x=t()}}(function(){return )"
           R"(({1:[function(t,e,a){e.exports=)" +
           value + "},{}]},{},[1])(1)});";
}

TEST(ScriptLiteral, BecomesJson) {
    const auto json = read_script_json(
        module_of(R"({a:[1,-.5,.25,1e-3],"b:0":!0,c:!1,$d_1:null,e:{},f:[],g:"x\"y",h:true,i:false})"));
    ASSERT_TRUE(json) << json.error().to_string();
    EXPECT_EQ(
        *json,
        R"({"a":[1,-0.5,0.25,1e-3],"b:0":true,"c":false,"$d_1":null,"e":{},"f":[],"g":"x\"y","h":true,"i":false})");
}

TEST(ScriptLiteral, IsRefusedWhereItIsNone) {
    for (const char* value : {"{a:f()}", "{a:1", "[1,2", "{a}", "{:1}", "{a:1,}", R"({a:"x)", R"({a:"x\)",
                              "{a:!2}", "{a:-}", "{a:nul}", "[`x`]", "[1;2]"}) {
        EXPECT_FALSE(read_script_json(std::string("a.exports=") + value)) << value;
    }
    EXPECT_FALSE(read_script_json(""));
    EXPECT_FALSE(read_script_json("module.exports=t()"));
    EXPECT_FALSE(read_script_json(".exports="));
    EXPECT_FALSE(read_script_json("e.exports=" + std::string(100'000, '['))) << "nested without end";
    EXPECT_TRUE(read_script_json("e.exports=" + std::string(32, '[') + std::string(32, ']')));
}

TEST(ScriptLiteral, MayBeBytesInBase64) {
    const auto text = [](const std::string& value) -> std::string {
        const auto read = read_script_bytes(module_of("\"" + value + "\""));
        if (!read) return "refused";
        return {reinterpret_cast<const char*>(read->data()), read->size()};
    };
    EXPECT_EQ(text(""), "");
    EXPECT_EQ(text("Zg=="), "f");
    EXPECT_EQ(text("Zm8="), "fo");
    EXPECT_EQ(text("Zm9v"), "foo");
    EXPECT_EQ(text("+/+/"), "\xFB\xFF\xBF");
    for (const char* wrong :
         {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zm9v=", "Zm 9", "Zm9\\", "Z=9v", "Zm9v\n"})
        EXPECT_EQ(text(wrong), "refused") << wrong;
    EXPECT_FALSE(read_script_bytes(module_of("{a:1}")));
    EXPECT_FALSE(read_script_bytes("e.exports=\"Zm9v")) << "does not end";
}

}  // namespace
