// The table of modalities is whole: each modality and each kind of asset has one row, and each row its own
// limit.
#include "schemas/modality_traits.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace bgm {
namespace {

TEST(ModalityTraits, EveryModalityHasItsRow) {
    for (const Modality modality : kModalities) {
        SCOPED_TRACE(name(modality));
        EXPECT_EQ(traits(modality).modality, modality);
        EXPECT_EQ(modality_from_name(name(modality)), modality);
    }
}

TEST(ModalityTraits, EveryKindOfAssetHasOneModalityAndOneLimit) {
    const auto* const kinds = v1::Asset::Kind_descriptor();
    std::size_t own = 1;
    PostLimits limits;
    for (const ModalityTraits& each : kModalityTraits)
        limits.*each.bytes_max = own++;
    for (int i = 0; i < kinds->value_count(); ++i) {
        SCOPED_TRACE(kinds->value(i)->name());
        const auto kind = static_cast<v1::Asset::Kind>(kinds->value(i)->number());
        const auto rows = std::ranges::count(kModalityTraits, kind, &ModalityTraits::asset);
        EXPECT_EQ(rows, kind == v1::Asset::KIND_UNSPECIFIED ? 0 : 1);
        const std::size_t row = rows == 0 ? 0 : static_cast<std::size_t>(traits(kind)->modality) + 1;
        EXPECT_EQ(asset_bytes_max(kind, limits), row);
    }
}

}  // namespace
}  // namespace bgm
