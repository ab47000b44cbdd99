#include "schemas/word_pattern.hpp"

#include <algorithm>
#include <unordered_set>

namespace bgm {
namespace {

// What may stand behind a Korean noun without changing what it names.
constexpr Word kParticles =
    U"이|가|은|는|을|를|의|도|와|과|랑|이랑|께|께서|께선|께서는|에게|한테|에|에서|에서는|에는|로|으로|만|"
    U"까지|부터|마저|조차|들|들이|"
    U"들은|들을|들의|들도|들에게|님|님이|님께서|님은|야|아|이야|이라|라|이다|이었다|였다|입니다|이에요|예요|"
    U"래요|이래요|라고|이라고|란|"
    U"이란|처럼|보다|이나|나|하고|풍|풍의|용";

bool is_syllable(char32_t c) {
    return c >= U'가' && c <= U'힣';
}

bool is_particle(Word word) {
    static const std::unordered_set<Word> kSet = [] {
        const auto all = split_at(kParticles, U'|');
        return std::unordered_set<Word>(all.begin(), all.end());
    }();
    return kSet.contains(word);
}

}  // namespace

std::vector<Word> split_at(Word text, char32_t mark) {
    std::vector<Word> parts;
    while (true) {
        const std::size_t end = std::min(text.find(mark), text.size());
        parts.push_back(text.substr(0, end));
        if (end == text.size()) return parts;
        text.remove_prefix(end + 1);
    }
}

bool word_matches(Word wanted, Word said) {
    if (wanted.ends_with(U'*')) return said.starts_with(wanted.substr(0, wanted.size() - 1));
    if (!said.starts_with(wanted)) return false;
    const Word rest = said.substr(wanted.size());
    return rest.empty() || rest == U"'s" || (is_syllable(wanted.back()) && is_particle(rest));
}

}  // namespace bgm
