// Which catalogue a post's tracks come from.
//
// Immutable once shared, and replaced as a whole, so that one post never sees two states of it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "fusion/catalogue/catalogue.hpp"

namespace bgm {

struct CatalogueSet {
    std::shared_ptr<const Catalogue> common;                                              // never null
    std::map<std::string, std::shared_ptr<const Catalogue>, std::less<>> of_tenant = {};  // in place of it

    const Catalogue& serving(std::string_view tenant) const {
        const auto own = of_tenant.find(tenant);
        return own == of_tenant.end() ? *common : *own->second;
    }
};

}  // namespace bgm
