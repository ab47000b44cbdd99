#include "fusion/catalogue/text_plausibility.hpp"

#include <unicode/uchar.h>

#include <algorithm>
#include <string>

namespace bgm {
namespace {

constexpr double kBroken = -5;     // not of the encoding
constexpr double kNeverText = -3;  // private use, controls, nothing

// The most frequent characters. Of Korean reviews nine syllables in ten are among these, in the order of
// their number.
constexpr std::u16string_view kKorean =
    u"이다는고지화영가하도아에기나한어보만의은리로게라을요서니들인그재시스무없데미정대있마사면해말네점진를음"
    u"자연내수감주거으전"
    u"우좋작장너안드오상었여까생야짜적것제봤부더최간일같했구개성동과소중밌건런모평본신비았않되와배분할러각려"
    u"운히때공치유던습잘"
    u"용실세랑국남토레래저루터못난함느반디명람듯독입겠조왜알봐르애볼원막임든심쓰싶역편물악준바별걸금력많예단"
    u"버처타년현노냥름좀"
    u"포당위문였뭐번두트망선렇추끝체냐완관억결매발코션살줄품후속참출울질박웃불설극긴프된잼직린경죽계차절워눈"
    u"잔넘메깝따답식님강"
    u"른교행릴액합머방김길청엔초피판크군천날럽빠허족회민짱몰먹호또파온친란증슨근돈멋표티슬순씨올즈받낌특움괜"
    u"학목집겨엄캐글등맞"
    u"달끼언얼닌새맨귀찮키뭔급복돌형색져필뻔며카외누류존록태테산졸케혀왔밋갈론슴잡꼭충흥담통열희렸욕힘럼굿낮"
    u"뿐녀딩약림양릭격몇"
    u"솔술높훈종봉찍씬탄환브쉬황쳐웠능찾투늘엇떨혼놀놓범죠쁘딱밖패싸베블랜쉽승병손왕될송팅석립엉큼즘삼법졌쾌"
    u"접떠창떻링퍼뜻맛변";
constexpr std::u16string_view kKoreanLetters = u"ㅋㅎㅠㅜ";  // laughter and tears
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
bool is_ornament(char16_t c) {
    return among(u"★☆♥♡♪♬♩♭※○●◎◇◆□■△▲▽▼→←↑↓♠♣♀♂", c);
}
bool never_text(char16_t c) {
    return (c >= 0x80 && c < 0xA0) || (c >= 0xE000 && c <= 0xF8FF) || u_charType(c) == U_UNASSIGNED;
}

double of_east_asia(char16_t c, Script script) {
    if (c == 0xFFFF) return kBroken;
    if (never_text(c)) return kNeverText;
    if (is_wide_punctuation(c)) return 0.2;
    if (is_ornament(c)) return 0.1;
    if (c >= 0xFF61 && c <= 0xFF9F) return script == Script::japanese ? -0.7 : -1;  // half-width kana
    if (is_hangul(c)) return script != Script::korean ? -1 : among(kKorean, c) ? 1 : 0.25;
    if (c >= 0x3131 && c <= 0x318E && script == Script::korean) return among(kKoreanLetters, c) ? 0.6 : 0;
    if (is_kana(c)) return script == Script::japanese ? 1 : -0.5;
    if (is_han(c)) {
        switch (script) {
            case Script::japanese:
                return among(kJapaneseHan, c) ? 0.8 : -0.1;
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
        if (u_isupper(before) && u_islower(c) && u_isupper(after)) return -1;
        // Ukrainian, Serbian and others have few of these; half of the Korean syllables would begin with one.
        const bool common = (c >= 0x410 && c <= 0x44F) || c == 0x401 || c == 0x451;
        return common ? 0.5 : 0;
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
