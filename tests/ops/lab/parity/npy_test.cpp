// NumPy's file format: what NumPy writes is read, what a broken or hostile file claims is refused by name.
#include "ops/lab/parity/npy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/ops/lab/parity/npy_file.hpp"

namespace bgm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using test::header_of;
using test::npy;
using test::raw;

Result<NpyArray> parse(const std::string& file) {
    return parse_npy(std::as_bytes(std::span(file)), "a.npy");
}

std::string error_of(const std::string& file) {
    const auto array = parse(file);
    return array ? "no error" : array.error().message;
}

TEST(Npy, ReadsEachTypeWithItsShape) {
    const auto floats = parse(npy(header_of("<f4", "(2, 2)"), raw<float>({1, -2, 0.5F, 4})));
    ASSERT_TRUE(floats.ok());
    EXPECT_EQ(floats->type, NpyType::f4);
    EXPECT_THAT(floats->shape, ElementsAre(2, 2));
    EXPECT_EQ(floats->shape_text(), "2x2");
    EXPECT_THAT(floats->values<float>(), ElementsAre(1, -2, 0.5F, 4));
    EXPECT_TRUE(floats->values<double>().empty());

    const auto doubles = parse(npy(header_of("<f8", "(1,)"), raw<double>({0.1})));
    ASSERT_TRUE(doubles.ok());
    EXPECT_THAT(doubles->values<double>(), ElementsAre(0.1));
    EXPECT_THAT(doubles->to_float(), ElementsAre(0.1F));

    const auto ids = parse(npy(header_of("<i8", "(3,)"), raw<std::int64_t>({-1, 0, 49407})));
    ASSERT_TRUE(ids.ok());
    EXPECT_THAT(*ids->to_int64(), ElementsAre(-1, 0, 49407));
    EXPECT_THAT(ids->to_float(), ElementsAre(-1, 0, 49407));

    const auto bytes = parse(npy(header_of("|u1", "(1, 2)"), raw<std::uint8_t>({7, 255})));
    ASSERT_TRUE(bytes.ok());
    EXPECT_THAT(*bytes->to_int64(), ElementsAre(7, 255));

    const auto flags = parse(npy(header_of("|b1", "(2,)"), raw<std::uint8_t>({1, 0})));
    ASSERT_TRUE(flags.ok());
    EXPECT_EQ(flags->type, NpyType::b1);
    EXPECT_THAT(*flags->to_int64(), ElementsAre(1, 0));
}

TEST(Npy, ReadsScalarsEmptyArraysAndNewerVersions) {
    const auto scalar = parse(npy(header_of("<f4", "()"), raw<float>({3})));
    ASSERT_TRUE(scalar.ok());
    EXPECT_EQ(scalar->shape_text(), "scalar");
    EXPECT_EQ(scalar->size(), 1U);
    const auto empty = parse(npy(header_of("<i8", "(0, 5)"), ""));
    ASSERT_TRUE(empty.ok());
    EXPECT_EQ(empty->size(), 0U);
    for (const char version : {2, 3})
        EXPECT_TRUE(parse(npy(header_of("<f4", "(1,)"), raw<float>({3}), version)).ok());
}

TEST(Npy, DoesNotTurnFloatsIntoIds) {
    const auto floats = parse(npy(header_of("<f4", "(1,)"), raw<float>({1})));
    ASSERT_TRUE(floats.ok());
    EXPECT_FALSE(floats->to_int64().ok());
}

TEST(Npy, RefusesOtherTypesAndLayouts) {
    for (const std::string type : {">f4", "<f2", "<U8", "|O", "<c16"})
        EXPECT_THAT(error_of(npy(header_of(type, "(0,)"), "")), HasSubstr("a.npy: type '" + type + "'"));
    EXPECT_THAT(error_of(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (0,), }", "")),
                HasSubstr("Fortran"));
    EXPECT_THAT(error_of(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (0,), }", "")),
                HasSubstr("descr"));
    EXPECT_THAT(error_of(npy(header_of("<f4", "(0,)"), "", 9)), HasSubstr("version 9"));
}

TEST(Npy, RefusesAShapeThatDoesNotMatchTheBytes) {
    for (const std::string shape : {"(2,)", "(0,)", "()", "(1, 4611686018427387905)",
                                    "(4294967296, 4294967296)", "(9223372036854775807, 3, 3)"}) {
        EXPECT_THAT(error_of(npy(header_of("<f4", shape), raw<float>({1, 2, 3}))), HasSubstr("account"))
            << shape;
    }
    EXPECT_THAT(error_of(npy(header_of("|u1", "(1,)"), "ab")), HasSubstr("account"));
    EXPECT_THAT(error_of(npy(header_of("|b1", "(1,)"), "a")), HasSubstr("truth value"));
}

TEST(Npy, RefusesABrokenHeader) {
    EXPECT_THAT(error_of(""), HasSubstr("not a .npy"));
    EXPECT_THAT(error_of("\x93NUMPX\x01\x00\x00\x00"), HasSubstr("not a .npy"));
    const std::string good = npy(header_of("<f4", "(1,)"), raw<float>({1}));
    for (std::size_t length = 0; length < good.size(); ++length)
        EXPECT_FALSE(parse(good.substr(0, length)).ok()) << length;
    for (const std::string dictionary :
         {"", "{", "{}", "{'descr'", "{'descr': '<f4}", "{'descr': '<f4', 'fortran_order': 0, 'shape': ()}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (1, x)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': ()} import os",
          "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}",
          "{'descr': '<f4', 'fortran_order': False, 'other': 1, 'shape': ()}"}) {
        EXPECT_FALSE(parse(npy(dictionary, raw<float>({1}))).ok()) << dictionary;
    }
}

TEST(Npy, ReadsAFileAndNamesOneThatIsNotThere) {
    const auto path = std::filesystem::path(testing::TempDir()) / "npy_test_a.npy";
    std::ofstream(path, std::ios::binary) << npy(header_of("<f4", "(1,)"), raw<float>({3}));
    const auto array = read_npy(path);
    std::filesystem::remove(path);
    ASSERT_TRUE(array.ok());
    EXPECT_THAT(array->values<float>(), ElementsAre(3));
    const auto missing = read_npy(path);
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
    EXPECT_THAT(missing.error().message, HasSubstr("npy_test_a.npy"));
    EXPECT_FALSE(read_npy(testing::TempDir()).ok());
}

}  // namespace
}  // namespace bgm
