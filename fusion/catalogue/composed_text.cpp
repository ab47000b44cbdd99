#include "fusion/catalogue/composed_text.hpp"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include "schemas/utf8.hpp"

namespace bgm {

std::string composed(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* form = icu::Normalizer2::getNFCInstance(status);
    if (U_FAILURE(status) || !valid_utf8(text)) return std::string(text);
    std::string result;
    icu::StringByteSink<std::string> sink(&result);
    form->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink,
                        nullptr, status);
    return U_SUCCESS(status) ? result : std::string(text);
}

}  // namespace bgm
