// Letters as most texts write them: one sign for each, where file names of a Mac have a letter and its marks
// apart.
#pragma once

#include <string>
#include <string_view>

namespace bgm {

/// UTF-8 in Unicode's normal form C, in which "바다" and "é" are the same bytes whoever wrote them. What is
/// no UTF-8 comes back as it is. Pure; the tables are ICU's.
std::string composed(std::string_view text);

}  // namespace bgm
