#include "fusion/text_plausibility.hpp"

#include <unicode/uchar.h>

#include <algorithm>
#include <string>

namespace bgm {
namespace {

constexpr double kBroken = -5;     // not of the encoding
constexpr double kNeverText = -3;  // private use, controls, nothing

// The most frequent characters; half of what people write is among them.
constexpr std::u16string_view kKorean =
    u"이다는가의을에하고지로사한를대기인그은나어자리수시해정도일라아전서부제장상비보게오주마스원우여구있들연"
    u"면소거조치무너없내안"
    u"계모문물동신회공국관개용와과것만성위중세생각말람음악랑별밤달꽃눈봄날바늘길집곡앨범르목분노래행복슬픔행"
    u"운운전화요속심김박최유"
    u"선미진영민희경준현연애추억향드크타카코레로브러피포파데이터트니키메미디온블루핑크러블리송버즈커잔잔신남";
constexpr std::u16string_view kJapaneseHan =
    u"日一国人年大十二本中長出三時行見月分後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名"
    u"川千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨曲歌手音楽恋愛夜空花雪海夢心君";
constexpr std::u16string_view kSimplified =
    u"的一是不了人我在有他这中大来上个国和到说们为子你地出道也时年得就那要下以生会自着去之过家学对可她里后小"
    u"么心多天而能好都然没日于起"
    u"还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把"
    u"法此实回二理美点月明其种"
    u"声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世"
    u"气信北少关并内加化由却代"
    u"军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感"
    u"金何更反合放做系计或司利"
    u"受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百"
    u"吃歌曲专辑艺词唱标题星梦夜"
    u"花雪雨空泪";
constexpr std::u16string_view kTraditional =
    u"的一是不了人我在有他這中大來上個國和到說們為子你地出道也時年得就那要下以生會自著去之過家學對可她裡後小"
    u"麼心多天而能好都然沒日於起"
    u"還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進把"
    u"法此實回二理美點月明其種"
    u"聲全工己話兒者向情部正名定女問力機給等幾很業最間新什打便位因重被走電四第門相次東政海口使教西再平真聽世"
    u"氣信北少關並內加化由卻代"
    u"軍產入先山五太水萬市眼體別處總才場師書比住員九笑性通目華報立馬命張活難神數件安表原車白應路期叫死常提感"
    u"金何更反合放做系計或司利"
    u"受光王果親界及今京務制解各任至清物台象記邊共風戰干接它許八特覺望直服毛林題建南度統色字請交愛讓認算論百"
    u"吃歌曲專輯藝詞唱標題星夢夜"
    u"花雪雨空淚";

bool among(std::u16string_view characters, char16_t c) {
    return characters.find(c) != std::u16string_view::npos;
}
bool is_hangul(char16_t c) {
    return c >= 0xAC00 && c <= 0xD7A3;
}
bool is_kana(char16_t c) {
    return c >= 0x3041 && c <= 0x30FE;
}
bool is_han(char16_t c) {
    return c >= 0x4E00 && c <= 0x9FFF;
}
bool is_wide_punctuation(char16_t c) {
    return (c >= 0x3000 && c <= 0x303F) || (c >= 0xFF01 && c <= 0xFF5E) || c == u'·' ||
           (c >= 0x2010 && c <= 0x2026);
}
bool never_text(char16_t c) {
    return (c >= 0x80 && c < 0xA0) || (c >= 0xE000 && c <= 0xF8FF) || u_charType(c) == U_UNASSIGNED;
}

double of_east_asia(char16_t c, Script script) {
    if (c == 0xFFFF) return kBroken;
    if (never_text(c)) return kNeverText;
    if (is_wide_punctuation(c)) return 0.2;
    if (c >= 0xFF61 && c <= 0xFF9F) return script == Script::japanese ? -0.7 : -1;  // half-width kana
    if (is_hangul(c)) return script != Script::korean ? -1 : among(kKorean, c) ? 1 : 0.25;
    if (is_kana(c)) return script == Script::japanese ? 1 : -0.5;
    if (is_han(c)) {
        switch (script) {
            case Script::japanese:
                return among(kJapaneseHan, c) ? 0.8 : 0;
            case Script::simplified_chinese:
                return among(kSimplified, c) ? 1 : -0.2;
            case Script::traditional_chinese:
                return among(kTraditional, c) ? 1 : -0.2;
            default:
                return -0.6;
        }
    }
    return -0.8;  // Greek, Cyrillic, frames, loose jamo: in every one of these encodings, and in hardly any
                  // text
}

bool typographic(char16_t c) {
    return (c >= 0x2010 && c <= 0x2026) || c == 0xA0 || c == u'«' || c == u'»' || c == u'¡' || c == u'¿' ||
           c == u'°' || c == u'·' || c == u'€' || c == u'£' || c == u'©' || c == u'®' || c == u'™' ||
           c == u'&' || c == u'º' || c == u'ª' || c == u'½' || c == u'´';
}

// A letter of an alphabet, by its neighbours: "é" in "café" is plausible, "ÀÌ" and "»ç¶û" are not.
double of_alphabet(std::u16string_view text, std::size_t i, Script script) {
    const char16_t c = text[i];
    if (c == 0xFFFF) return kBroken;
    if (never_text(c)) return kNeverText;
    const char16_t before = i > 0 ? text[i - 1] : u' ';
    const char16_t after = i + 1 < text.size() ? text[i + 1] : u' ';
    const bool touches = u_isalpha(before) || u_isalpha(after);
    if (!u_isalpha(c) || c == u'º' || c == u'ª') {
        const bool inside = u_isalpha(before) && u_isalpha(after) && c != 0x2019 && c != 0x2013 && c != u'·';
        if (!typographic(c) || inside) return -1;
        return before < 0x80 && after < 0x80 ? 0.8 : 0.1;
    }
    // A capital behind a small letter is what a small letter of another code page looks like.
    if (u_isupper(c) && u_islower(before)) return -1;
    if (script == Script::cyrillic) {
        if (c < 0x400 || c > 0x4FF || (before < 0x80 && u_isalpha(before)) ||
            (after < 0x80 && u_isalpha(after)))
            return -1;
        return u_isupper(before) && u_islower(c) && u_isupper(after) ? -1 : 0.5;
    }
    if (c >= 0x250) return -1;
    std::size_t run = 1;  // of such letters side by side
    for (std::size_t k = i; k > 0 && text[k - 1] >= 0xA0; --k)
        ++run;
    for (std::size_t k = i + 1; k < text.size() && text[k] >= 0xA0; ++k)
        ++run;
    if (run >= 3) return -1;
    if (run == 2) return 0.2;
    return touches ? 0.8 : 0.3;  // a lone "à"
}

}  // namespace

Plausibility plausibility(std::u16string_view text, Script script) {
    Plausibility result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] < 0x80) continue;
        ++result.seen;
        result.score += script == Script::latin || script == Script::cyrillic ? of_alphabet(text, i, script)
                                                                              : of_east_asia(text[i], script);
    }
    if (result.seen > 0) result.score /= static_cast<double>(result.seen);
    return result;
}

}  // namespace bgm
