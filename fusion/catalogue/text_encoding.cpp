#include "fusion/catalogue/text_encoding.hpp"

#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/utf16.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "fusion/catalogue/text_plausibility.hpp"
#include "schemas/ascii.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kSampleBytes = 256 * 1024;
constexpr char16_t kBroken = 0xFFFF;
constexpr double kPlausible = 0.15;
constexpr double kClear = 0.3;  // ahead of the next one by so much

struct Encoding {
    const char* name;       // that people know it by
    const char* converter;  // ICU's
    Script script;
    double handicap = 0;  // of those that no spreadsheet saves by itself any more
};

// Where two are as plausible, the first is taken.
constexpr Encoding kGuessed[] = {
    {"CP949", "windows-949", Script::korean},
    {"windows-1252", "windows-1252", Script::latin},
    {"ISO-8859-15", "ISO-8859-15", Script::latin},
    {"Shift_JIS", "ibm-943_P15A-2003", Script::japanese},
    {"GB18030", "gb18030", Script::simplified_chinese},
    {"Big5", "windows-950-2000", Script::traditional_chinese},
    {"EUC-JP", "euc-jp-2007", Script::japanese, 0.15},
    {"windows-1250", "windows-1250", Script::latin, 0.05},
    {"windows-1251", "windows-1251", Script::cyrillic, 0.05},
    {"KOI8-R", "KOI8-R", Script::cyrillic, 0.15},
    {"macintosh", "macintosh", Script::latin, 0.05},
    {"IBM850", "ibm-850_P100-1995", Script::latin, 0.2},  // Excel's "CSV (MS-DOS)"
};

struct Mark {
    std::string_view bytes;
    const char* name;
};
constexpr Mark kMarks[] = {
    // UTF-32's begins with UTF-16's
    {"\xEF\xBB\xBF"sv, "UTF-8"}, {"\xFF\xFE\0\0"sv, "UTF-32LE"}, {"\0\0\xFE\xFF"sv, "UTF-32BE"},
    {"\xFF\xFE"sv, "UTF-16LE"},  {"\xFE\xFF"sv, "UTF-16BE"},
};

// Where ICU puts the bytes that a Windows code page leaves to its users: controls and private use.
bool never_text(char16_t c) {
    return (c >= 0x80 && c < 0xA0 && c != 0x85) || (c >= 0xE000 && c <= 0xF8FF);
}

struct CloseConverter {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

// Counts what is none of the encoding and leaves a code point that no text has in its place.
void mark_broken(const void* context, UConverterToUnicodeArgs* args, const char*, std::int32_t,
                 UConverterCallbackReason reason, UErrorCode* status) {
    if (reason > UCNV_IRREGULAR) return;
    ++*static_cast<std::size_t*>(const_cast<void*>(context));
    *status = U_ZERO_ERROR;
    const UChar broken = kBroken;
    ucnv_cbToUWriteUChars(args, &broken, 1, 0, status);
}

Converter open_converter(const char* name, std::size_t& broken) {
    UErrorCode status = U_ZERO_ERROR;
    Converter converter(ucnv_open(name, &status));
    if (U_FAILURE(status)) return nullptr;
    ucnv_setToUCallBack(converter.get(), mark_broken, &broken, nullptr, nullptr, &status);
    return U_SUCCESS(status) ? std::move(converter) : nullptr;
}

// Calls `take` with the text piece by piece; false where the converter gives up.
template <typename Take>
bool convert(UConverter* converter, std::string_view bytes, bool whole, const Take& take) {
    std::u16string piece(32 * 1024, u'\0');
    const char* at = bytes.data();
    const char* const end = bytes.data() + bytes.size();
    while (true) {
        UChar* out = piece.data();
        UErrorCode status = U_ZERO_ERROR;
        ucnv_toUnicode(converter, &out, piece.data() + piece.size(), &at, end, nullptr, whole ? 1 : 0,
                       &status);
        take(std::u16string_view(piece.data(), static_cast<std::size_t>(out - piece.data())));
        if (status == U_BUFFER_OVERFLOW_ERROR) continue;
        return U_SUCCESS(status);
    }
}

/// UTF-16 to UTF-8, piece by piece: a surrogate pair may lie across two of them. What is no text becomes
/// 0xFF.
class Utf8Writer {
 public:
    void append(std::u16string_view text) {
        for (const char16_t unit : text) {
            const bool low = unit >= 0xDC00 && unit < 0xE000;
            if (high_ != 0 && low) {
                put(static_cast<char32_t>(U16_GET_SUPPLEMENTARY(high_, unit)));
                high_ = 0;
                continue;
            }
            finish();
            if (unit >= 0xD800 && unit < 0xDC00) {
                high_ = unit;
            } else {
                put(low ? kBroken : unit);
            }
        }
    }
    /// Half a pair that nothing follows is no text either.
    void finish() {
        if (high_ != 0) put(kBroken);
        high_ = 0;
    }

    std::string out;
    std::size_t broken = 0;

 private:
    void put(char32_t c) {
        if (c == kBroken) {
            ++broken;
            out.push_back('\xFF');
        } else {
            append_utf8(out, c);
        }
    }

    char16_t high_ = 0;
};

std::u16string sample_of(std::string_view bytes, const char* converter_name, std::size_t& broken) {
    broken = 0;
    std::u16string sample;
    const auto converter = open_converter(converter_name, broken);
    if (!converter) return sample;
    // Only a whole text may not end in the middle of a character.
    const bool whole = bytes.size() <= kSampleBytes;
    convert(converter.get(), bytes.substr(0, kSampleBytes), whole,
            [&](std::u16string_view piece) { sample.append(piece); });
    return sample;
}

// Sequences of several bytes that are UTF-8, and bytes that are none.
struct Utf8Count {
    std::size_t characters = 0;
    std::size_t broken = 0;
};
Utf8Count count_utf8(std::string_view bytes) {
    Utf8Count count;
    for (std::size_t i = 0; i < bytes.size();) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        if (byte < 0x80) {
            ++i;
            continue;
        }
        const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
        if (i + length <= bytes.size() && valid_utf8(bytes.substr(i, length))) {
            ++count.characters;
            i += length;
        } else {
            ++count.broken;
            ++i;
        }
    }
    return count;
}

/// "UTF-16LE" or "UTF-16BE" where a text with zero bytes is one; a table has commas and line ends, so half of
/// its bytes are zero here and there.
const char* utf16_without_mark(std::string_view bytes) {
    const char* best = nullptr;
    double most = 0.02;  // of all units
    for (const char* name : {"UTF-16LE", "UTF-16BE"}) {
        std::size_t broken = 0;
        const std::u16string sample = sample_of(bytes, name, broken);
        const auto is_plain = [](char16_t c) {
            return c == u'\n' || c == u'\r' || c == u'\t' || (c >= 0x20 && c < 0x7F);
        };
        const auto plain = std::count_if(sample.begin(), sample.end(), is_plain);
        const double share =
            sample.empty() ? 0 : static_cast<double>(plain) / static_cast<double>(sample.size());
        if (broken > sample.size() / 100 || sample.find(u'\0') != std::u16string::npos || share <= most)
            continue;
        most = share;
        best = name;
    }
    return best;
}

bool holds_one_of(std::u16string_view text, std::span<const std::string_view> words) {
    if (words.empty()) return false;
    Utf8Writer writer;
    writer.append(text.substr(0, 4096));
    const std::string& utf8 = writer.out;
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return utf8.find(word) != std::string::npos; });
}

struct Guess {
    const Encoding* encoding = nullptr;
    std::u16string sample;
    double score = 0;
};

/// From the first line that is more than ASCII: a spreadsheet sorts Latin titles before all others, and ASCII
/// says nothing.
std::string_view from_first_telling_line(std::string_view bytes) {
    const auto telling = std::find_if(bytes.begin(), bytes.end(),
                                      [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    const auto ascii = static_cast<std::size_t>(telling - bytes.begin());
    if (ascii <= kSampleBytes / 2) return bytes;  // the header tells, too
    const std::size_t line_end = bytes.substr(0, ascii).find_last_of("\r\n");
    return bytes.substr(line_end == std::string_view::npos ? ascii : line_end + 1);
}

/// The likeliest first.
std::vector<Guess> guesses(std::string_view bytes, std::span<const std::string_view> expected_words) {
    bytes = from_first_telling_line(bytes);
    std::vector<Guess> result;
    for (const Encoding& encoding : kGuessed) {
        std::size_t broken = 0;
        Guess guess{
            .encoding = &encoding, .sample = sample_of(bytes, encoding.converter, broken), .score = 0};
        guess.score = plausibility(guess.sample, encoding.script).score - encoding.handicap;
        if (holds_one_of(guess.sample, expected_words)) guess.score += 1;
        result.push_back(std::move(guess));
    }
    std::stable_sort(result.begin(), result.end(),
                     [](const Guess& left, const Guess& right) { return left.score > right.score; });
    return result;
}

std::string names_of(const std::vector<Guess>& guesses, std::size_t count) {
    std::string names;
    for (std::size_t i = 0; i < std::min(count, guesses.size()); ++i)
        names.append(i == 0 ? "" : ", ").append(guesses[i].encoding->name);
    return names;
}

Error no_text(std::string why) {
    return Error{ErrorCode::corrupt, std::move(why), "encoding"};
}

/// ICU's name; empty for UTF-8, which needs none.
std::string converter_of(std::string_view name) {
    const std::string wanted = ascii_lower(name);
    const auto same = [&](std::string_view known) { return wanted == ascii_lower(known); };
    if (same("utf-8") || same("utf8") || same("ascii")) return {};
    // ICU takes some of these for IBM's cousins of what Windows and Excel mean by them.
    for (const char* korean : {"cp949", "uhc", "euc-kr", "euckr", "ks_c_5601-1987", "949"})
        if (same(korean)) return "windows-949";
    for (const char* latin : {"latin1", "latin-1", "iso-8859-1", "iso8859-1", "cp1252", "1252"})
        if (same(latin)) return "windows-1252";
    for (const Encoding& encoding : kGuessed)
        if (same(encoding.name)) return encoding.converter;
    return std::string(name);
}

struct Found {
    std::string name = "UTF-8";
    std::string converter = {};  // empty: UTF-8
    bool certain = true;
    std::size_t mark_bytes = 0;
};

Result<Found> find_encoding(std::string_view bytes, std::span<const std::string_view> expected_words) {
    for (const Mark& mark : kMarks) {
        if (!bytes.starts_with(mark.bytes)) continue;
        const bool utf8 = &mark == std::begin(kMarks);
        return Found{.name = mark.name, .converter = utf8 ? "" : mark.name, .mark_bytes = mark.bytes.size()};
    }
    const std::string_view sample = bytes.substr(0, kSampleBytes);
    const auto zeros = static_cast<std::size_t>(std::count(sample.begin(), sample.end(), '\0'));
    const bool many_zeros = zeros > sample.size() / 50;  // a stray one costs its row and no more
    if (!many_zeros && valid_utf8(bytes)) return Found{};
    if (zeros > 0) {
        if (const char* utf16 = utf16_without_mark(bytes); utf16 != nullptr)
            return Found{.name = utf16, .converter = utf16};
        if (many_zeros) return no_text("is no text: it holds zero bytes, and is no UTF-16");
    }
    // A few damaged rows do not make it another encoding.
    const Utf8Count count = count_utf8(bytes);
    if (count.characters >= 8 * count.broken) return Found{};
    const std::vector<Guess> likeliest = guesses(bytes, expected_words);
    const Guess& best = likeliest.front();
    if (best.score < kPlausible) {
        // A short text that was cut in the middle of a character.
        if (count.characters >= 2 * count.broken) return Found{};
        return no_text("is neither UTF-8 nor plausible in another encoding (the likeliest are " +
                       names_of(likeliest, 3) + "); say which one it is");
    }
    const auto next = std::find_if(likeliest.begin(), likeliest.end(),
                                   [&](const Guess& guess) { return guess.sample != best.sample; });
    return Found{.name = best.encoding->name,
                 .converter = best.encoding->converter,
                 .certain = next == likeliest.end() || best.score - next->score >= kClear};
}

}  // namespace

Result<DecodedText> decode_text(std::string_view bytes, std::string_view encoding,
                                std::span<const std::string_view> expected_words) {
    DecodedText decoded;
    std::string converter_name;
    if (encoding.empty()) {
        auto found = find_encoding(bytes, expected_words);
        if (!found) return found.error();
        decoded.encoding = found->name;
        decoded.certain = found->certain;
        converter_name = found->converter;
        bytes.remove_prefix(found->mark_bytes);
    } else {
        decoded.encoding = encoding;
        converter_name = converter_of(encoding);
        if (converter_name.empty() && bytes.starts_with(kMarks[0].bytes)) bytes.remove_prefix(3);
    }
    if (converter_name.empty()) {
        decoded.borrowed_ = bytes;
        if (!valid_utf8(bytes)) decoded.damaged_places = count_utf8(bytes).broken;
        return decoded;
    }
    if (bytes.size() > kConvertedBytesMax) {
        return Error{ErrorCode::too_large,
                     "more than " + std::to_string(kConvertedBytesMax >> 20U) + " MiB in " +
                         decoded.encoding + "; convert it to UTF-8 first",
                     "encoding"};
    }
    std::size_t broken = 0;  // counted below, with what the converter lets pass
    const auto converter = open_converter(converter_name.c_str(), broken);
    if (!converter) {
        return Error{ErrorCode::invalid_argument, "there is no encoding '" + std::string(encoding) + "'",
                     "encoding"};
    }
    decoded.converted_ = true;
    Utf8Writer writer;
    writer.out.reserve(bytes.size() + bytes.size() / 2);
    const bool unicode = converter_name.starts_with("UTF-") || converter_name.starts_with("utf-");
    const bool done = convert(converter.get(), bytes, true, [&](std::u16string_view piece) {
        std::u16string clean(piece);
        for (char16_t& c : clean)
            if (!unicode && never_text(c)) c = kBroken;
        writer.append(clean);
    });
    writer.finish();
    decoded.own_ = std::move(writer.out);
    decoded.damaged_places = writer.broken;
    if (!done) return no_text("cannot be converted from " + decoded.encoding);
    return decoded;
}

}  // namespace bgm
