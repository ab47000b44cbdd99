#include "workers/text/emoticons.hpp"

#include <array>

namespace bgm {
namespace {

struct Spelling {
    std::u32string_view text;
    std::u32string_view name;
    bool alone;  // only as a word of its own
};

// Names are spelled so that no token of a real post can be equal to one.
constexpr std::u32string_view kSmile = U"<smile>";
constexpr std::u32string_view kSad = U"<sad>";
constexpr std::u32string_view kCry = U"😢";  // ㅠ_ㅠ alone is a face, too
constexpr std::u32string_view kLaugh = U"<laugh>";
constexpr std::u32string_view kWink = U"<wink>";
constexpr std::u32string_view kTongue = U"<tongue>";
constexpr std::u32string_view kUneasy = U"<uneasy>";
constexpr std::u32string_view kShock = U"<shock>";
constexpr std::u32string_view kAngry = U"<angry>";
constexpr std::u32string_view kStare = U"<stare>";
constexpr std::u32string_view kHeart = U"❤";
constexpr std::u32string_view kBroken = U"💔";

constexpr std::array kSpellings{
    Spelling{U":)", kSmile, false},    Spelling{U":-)", kSmile, false},    Spelling{U"=)", kSmile, false},
    Spelling{U":]", kSmile, false},    Spelling{U"(:", kSmile, true},      Spelling{U"^^", kSmile, false},
    Spelling{U"^_^", kSmile, false},   Spelling{U"^-^", kSmile, false},    Spelling{U"^.^", kSmile, false},
    Spelling{U"^ㅡ^", kSmile, false},  Spelling{U"^o^", kSmile, false},    Spelling{U"n_n", kSmile, true},
    Spelling{U"ʘ‿ʘ", kSmile, false},   Spelling{U"uwu", kSmile, true},     Spelling{U":3", kSmile, true},
    Spelling{U":D", kLaugh, false},    Spelling{U":-D", kLaugh, false},    Spelling{U"=D", kLaugh, false},
    Spelling{U"xD", kLaugh, true},     Spelling{U"XD", kLaugh, true},      Spelling{U"xd", kLaugh, true},
    Spelling{U"xDD", kLaugh, true},    Spelling{U"XDD", kLaugh, true},     Spelling{U":'D", kLaugh, false},
    Spelling{U":(", kSad, false},      Spelling{U":-(", kSad, false},      Spelling{U"=(", kSad, false},
    Spelling{U":[", kSad, false},      Spelling{U"):", kSad, true},        Spelling{U":c", kSad, true},
    Spelling{U":'(", kCry, false},     Spelling{U";_;", kCry, false},      Spelling{U";;_;;", kCry, false},
    Spelling{U"T_T", kCry, true},      Spelling{U"TT", kCry, true},        Spelling{U"T.T", kCry, true},
    Spelling{U"TㅁT", kCry, true},     Spelling{U"TT_TT", kCry, true},     Spelling{U"TTT", kCry, true},
    Spelling{U"QQ", kCry, true},       Spelling{U"ㅠ_ㅠ", kCry, false},    Spelling{U"ㅜ_ㅜ", kCry, false},
    Spelling{U"ㅠ.ㅠ", kCry, false},   Spelling{U"ㅜ.ㅜ", kCry, false},    Spelling{U"ㅠㅁㅠ", kCry, false},
    Spelling{U"ㅜㅁㅜ", kCry, false},  Spelling{U";)", kWink, false},      Spelling{U";-)", kWink, false},
    Spelling{U";D", kWink, true},      Spelling{U":P", kTongue, true},     Spelling{U":-P", kTongue, true},
    Spelling{U":p", kTongue, true},    Spelling{U":-p", kTongue, true},    Spelling{U"XP", kTongue, true},
    Spelling{U":/", kUneasy, true},    Spelling{U":-/", kUneasy, false},   Spelling{U":\\", kUneasy, true},
    Spelling{U":|", kUneasy, true},    Spelling{U":-|", kUneasy, false},   Spelling{U"=/", kUneasy, true},
    Spelling{U":S", kUneasy, true},    Spelling{U":O", kShock, true},      Spelling{U":o", kShock, true},
    Spelling{U":-O", kShock, true},    Spelling{U"O_O", kShock, true},     Spelling{U"o_o", kShock, true},
    Spelling{U"o_O", kShock, true},    Spelling{U"O_o", kShock, true},     Spelling{U"O.O", kShock, true},
    Spelling{U"o.o", kShock, true},    Spelling{U"ㅇㅁㅇ", kShock, false}, Spelling{U"ㅇㅅㅇ", kShock, false},
    Spelling{U"ㅇ_ㅇ", kShock, false}, Spelling{U"ㄷㄷ", kShock, false},   Spelling{U">:(", kAngry, false},
    Spelling{U">:-(", kAngry, false},  Spelling{U">_<", kAngry, true},     Spelling{U"><", kAngry, true},
    Spelling{U"-_-", kStare, false},   Spelling{U"-.-", kStare, false},    Spelling{U"-__-", kStare, false},
    Spelling{U"ㅡㅡ", kStare, false},  Spelling{U"ㅡ_ㅡ", kStare, false},  Spelling{U"=_=", kStare, false},
    Spelling{U"ㅡ.ㅡ", kStare, false}, Spelling{U"ㅡㅅㅡ", kStare, false}, Spelling{U"<3", kHeart, false},
    Spelling{U"</3", kBroken, false},
};

bool is_ascii_word(char32_t c) {
    return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || (c >= U'0' && c <= U'9');
}

// Whether a spelling can start with `c`: the table is only walked for those few characters.
bool can_start(char32_t c) {
    switch (c) {
        case U':':
        case U'=':
        case U'(':
        case U')':
        case U'^':
        case U'n':
        case U'u':
        case U'x':
        case U'X':
        case U'T':
        case U'Q':
        case U';':
        case U'O':
        case U'o':
        case U'>':
        case U'<':
        case U'-':
        case U'ㅠ':
        case U'ㅜ':
        case U'ㅇ':
        case U'ㄷ':
        case U'ㅡ':
        case U'ʘ':
            return true;
        default:
            return false;
    }
}

}  // namespace

EmoticonMatch match_emoticon(std::u32string_view text, bool at_boundary) {
    EmoticonMatch best;
    if (text.size() < 2 || !can_start(text.front())) return best;
    for (const Spelling& spelling : kSpellings) {
        if (spelling.text.size() <= best.length || !text.starts_with(spelling.text)) continue;
        if (spelling.alone) {
            const bool ends =
                text.size() == spelling.text.size() || !is_ascii_word(text[spelling.text.size()]);
            // ":/" starts the tail of every "http://": a slash must not follow.
            const bool slash = text.size() > spelling.text.size() && text[spelling.text.size()] == U'/';
            if (!at_boundary || !ends || slash) continue;
        }
        best = {.length = spelling.text.size(), .name = spelling.name};
    }
    // A mouth may be repeated: :)))) is one smile.
    while (best.length > 0 && best.length < text.size() && text[best.length] == text[best.length - 1] &&
           !is_ascii_word(text[best.length])) {
        ++best.length;
    }
    return best;
}

}  // namespace bgm
