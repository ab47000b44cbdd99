#include "workers/text/language.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "workers/text/clean.hpp"

namespace bgm {
namespace {

// A syllable carries about as much as this many Latin letters.
constexpr float kSyllableWeight = 2.5F;
// The share of Korean from which mixed text ("오늘 meeting 너무 boring") is read as Korean.
constexpr float kKoreanShareMin = 0.25F;

// Word lists, blank-separated. A word of two languages stands in both and decides nothing.
constexpr std::string_view kEnglish =
    "the a an and or but if of to in on at by for with from about into over after before is are was were be "
    "been being "
    "am i you he she it we they me him her us them my your his its our their this that these those not no "
    "yes do does "
    "did done don't doesn't didn't can could can't couldn't will would won't wouldn't should shall may might "
    "must have "
    "has had haven't i'm i've i'll i'd you're you've he's she's it's that's what's there's let's we're "
    "they're isn't "
    "aren't wasn't ain't what who when where why how which all any some every much many more most very "
    "really too so "
    "just only still even ever never always again now then here there up down out off as than because while "
    "until "
    "like love hate good bad great best worst better happy sad angry want need know think feel see look make "
    "get got "
    "go going gonna wanna gotta come say said one two first new old day today tonight tomorrow night morning "
    "time life "
    "people man thing things something nothing everything someone way work home please thanks thank sorry "
    "hello hi hey "
    "bye ok okay yeah yep nope nah wow omg lol lmao lmfao rofl wtf smh tbh imo imho idk ikr irl btw brb thx "
    "pls plz bro "
    "bruh dude fr ngl af asf yolo u ur r im ive dont cant wont didnt doesnt isnt thats whats cuz bc cause "
    "gimme lemme "
    "kinda sorta dunno yall y'all ain fuck fucking shit damn hell crap ass bitch cool nice awesome amazing "
    "beautiful "
    "cute funny weird crazy stupid dumb boring tired sleepy hungry friday monday weekend birthday congrats "
    "miss wish hope "
    "vibes vibe mood feels feeling goals slay lit fire dope sick banger bop cap no cap finna tryna bet "
    "sheesh yikes oof "
    "meh ugh yay woohoo haha hehe xoxo lets god holy yo sup same literally actually honestly seriously "
    "absolutely "
    "can't wait left right back little big long last next never ever us let take give keep stop start try "
    "help";

constexpr std::array<std::string_view, 15> kOthers{
    // French
    "le la les un une des du de et est je tu il elle nous vous ils elles mon ma mes ton ta tes son sa ses "
    "notre votre ce cette "
    "ces que qui quoi dans sur pour par avec sans sous mais ou où donc ne pas plus très trop bien mal c'est "
    "j'ai j'aime "
    "suis es sommes êtes sont était ai as avons avez ont fait faire aller va vais merci bonjour bonsoir "
    "salut oui non "
    "aujourd'hui demain hier toujours jamais rien tout tous toute quand comment pourquoi encore aussi ça "
    "cela moi toi lui "
    "leur au aux d'un d'une qu'il n'est vraiment heureux heureuse triste content journée soir nuit belle "
    "beau mdr ptdr",
    // Spanish
    "el la los las un una unos unas de del y o pero que qué en con por para sin sobre es soy eres somos son "
    "está estoy están "
    "estás fue era ser estar yo tú él ella nosotros ellos ellas usted mi tu su mis tus sus me te se lo le "
    "les nos no sí muy "
    "más menos bien mal como cómo cuando donde porque hoy mañana ayer siempre nunca nada todo todos toda "
    "todas algo gracias "
    "hola buenos buenas días noches tengo tiene tienes hay quiero quiere puedo puede voy va vamos hacer hace "
    "esto esta este "
    "eso esa ese jaja jajaja jaj feliz triste amor vida día noche amigo amigos también estaba tan qué",
    // Portuguese
    "o os as um uma uns umas de do da dos das e ou mas que em no na nos nas com por para sem sobre é sou são "
    "está estou estava "
    "foi era ser eu tu ele ela nós eles elas você vocês meu minha seu sua me te se lhe não sim muito mais "
    "menos bem mal como "
    "quando onde porque hoje amanhã ontem sempre nunca nada tudo todos obrigado obrigada oi olá bom boa dia "
    "noite tenho tem "
    "quero posso vou vai vamos fazer isso isto esta este essa esse também já aqui feliz triste saudade gente "
    "kkk kkkk vc pra",
    // Italian
    "il lo la gli le un uno una di del della dei delle e o ma che chi in nel nella con per senza su sul è "
    "sono sei siamo siete "
    "era essere io tu lui lei noi voi loro mio mia tuo tua suo sua mi ti si ci vi non sì molto più meno bene "
    "male come quando "
    "dove perché oggi domani ieri sempre mai niente tutto tutti grazie ciao buongiorno buonasera ho hai ha "
    "abbiamo hanno "
    "voglio posso vado fare questo questa quello quella anche così felice triste bello bella giornata notte "
    "cosa",
    // German
    "der die das den dem des ein eine einen einem einer und oder aber ist bin bist sind seid war waren sein "
    "ich du er sie es wir "
    "ihr mich mir dich dir uns euch mein meine dein deine sein seine nicht kein keine ja nein sehr mehr auch "
    "noch nur schon "
    "so wie was wer wann wo warum weil wenn dass mit von zu zum zur bei nach aus auf für über unter im am "
    "heute morgen "
    "gestern immer nie nichts alles alle danke bitte hallo guten gut schlecht schön habe hast hat haben "
    "hatte kann will muss "
    "machen geht gehen endlich wieder glücklich traurig müde tag nacht abend jetzt hier dann doch mal ganz "
    "zusammen liebe",
    // Dutch
    "de het een en of maar is ben bent zijn was waren ik jij je hij zij ze wij we jullie mijn jouw niet geen "
    "ja nee heel erg veel "
    "meer ook nog al zo hoe wat wie waar waarom omdat als dat dit deze die met van voor naar bij uit op in "
    "om te vandaag "
    "morgen gisteren altijd nooit niets alles dank hallo goed slecht mooi heb hebt heeft hebben kan wil moet "
    "doen gaan weer "
    "blij verdrietig dag nacht nu hier dan toch leuk lekker gezellig",
    // Indonesian and Malay
    "yang dan di ke dari untuk dengan tidak bukan ini itu ada adalah saya aku kamu dia kami kita mereka nya "
    "akan sudah belum "
    "bisa mau harus juga atau tapi karena jika kalau seperti lebih sangat banget sekali apa siapa kapan "
    "dimana kenapa "
    "bagaimana hari besok kemarin selalu semua terima kasih selamat pagi malam siang sore senang sedih "
    "bahagia cinta "
    "rindu kangen lagi sama aja gak nggak ga ngga udah gue gua lo lu nih sih deh dong kok banyak orang teman "
    "hidup capek "
    "lelah bagus cantik indah sayang wkwk wkwkwk pengen makan tidur kerja pulang tak pun boleh sahaja",
    // Vietnamese, with and without its marks
    "là và của có không được cho với trong này đó một những các người tôi bạn anh em chị mình nó chúng ta "
    "rất quá lắm đã đang sẽ "
    "thì mà nhưng vì nếu khi như gì sao nào đâu ai hôm nay ngày mai vui buồn yêu thương nhớ cảm ơn xin chào "
    "trời ơi "
    "khong duoc cua nhung nguoi toi minh rat qua lam hom nay vui buon yeu nho cam on xin chao troi oi thich "
    "lắm đi về",
    // Filipino
    "ang ng mga sa na at ay ko mo niya kami tayo sila ako ikaw siya hindi oo wala may mayroon ito iyan iyon "
    "dito doon para kung "
    "pero kasi dahil lang din rin pa ba naman talaga sobra ngayon bukas kahapon salamat magandang umaga gabi "
    "mahal kita masaya "
    "malungkot sana nga po opo yung nang kaya gusto tao buhay araw hay naku grabe",
    // Turkish
    "bir ve bu da de için ile çok ne mi mı mu ben sen o biz siz onlar benim senin var yok değil ama gibi "
    "daha en kadar sonra şimdi "
    "bugün yarın dün her hiç şey evet hayır teşekkürler merhaba günaydın iyi kötü güzel mutlu üzgün "
    "seviyorum istiyorum oldu "
    "olan nasıl neden niye artık bana sana aşk hayat gün gece cok guzel degil icin tesekkurler",
    // Polish
    "i w z na do to nie się jest są był była być ja ty on ona my wy oni mnie mi cię ci mój moja twój że co "
    "kto gdzie kiedy jak "
    "dlaczego bo ale lub czy już jeszcze tylko bardzo dziś dzisiaj jutro wczoraj zawsze nigdy nic wszystko "
    "dziękuję cześć dzień "
    "dobry dobranoc mam masz ma mamy chcę mogę szczęśliwy smutny kocham życie tak jestem",
    // Swedish, Norwegian, Danish
    "och att det är som en ett på för med av till inte jag du han hon vi ni de mig dig min mitt din har hade "
    "kan vill ska måste men "
    "om när var hur vad varför mycket också bara idag imorgon igår alltid aldrig allt tack hej god morgon "
    "natt bra dålig glad "
    "ledsen og jeg ikke er det til på vil skal hva hvor hvorfor meget takk tak lykkelig dag nå nu",
    // Finnish, Estonian, Hungarian
    "ja on ei se että en olen olet ovat oli minä sinä hän me te he mutta kun jos niin kuin myös vain tänään "
    "huomenna eilen aina "
    "kiitos hyvää huomenta hyvä paha onnellinen surullinen és a az egy nem van vagy hogy is de ha én te ő mi "
    "ti ők nagyon "
    "ma holnap köszönöm szia jó boldog szomorú szeretlek",
    // Romanian, Czech, Croatian
    "și este sunt nu cu pentru din care mai dar eu tu el ea noi voi foarte azi mâine mulțumesc bună ziua "
    "fericit trist je to se "
    "na že jsem jsi jsou byl byla ale jako tak co kdo kde proč dnes zítra včera děkuji ahoj dobrý den moc "
    "šťastný smutný "
    "sam si smo ste su nije ali kako što danas sutra hvala dobar dan sretan tužan volim te",
    // Swahili, Hausa and others written in Latin letters, and romanised Hindi
    "na ya wa kwa ni za katika hii hiyo mimi wewe yeye sisi asante habari leo kesho sana furaha hai ka ki ke "
    "ko se me main tum "
    "hum aap mera tera kya kyun kaise nahi nahin haan bahut acha accha yaar bhai dil pyar zindagi khushi aaj "
    "kal hoon hain tha thi",
};

using Votes = std::unordered_map<std::u32string_view, std::uint32_t>;

constexpr std::uint32_t kEnglishBit = 1U << 31U;

// Word -> bit set of the languages that have it. The characters live in `storage`, which never moves again.
struct WordLists {
    std::u32string storage;
    Votes votes;

    WordLists() {
        std::size_t bytes = kEnglish.size();
        for (std::string_view list : kOthers)
            bytes += list.size();
        storage.reserve(bytes);
        add(kEnglish, kEnglishBit);
        for (std::size_t i = 0; i < kOthers.size(); ++i)
            add(kOthers[i], 1U << i);
    }

    void add(std::string_view list, std::uint32_t bit) {
        while (!list.empty()) {
            const std::size_t end = std::min(list.find(' '), list.size());
            if (end > 0) {
                const std::u32string word = clean_text(list.substr(0, end));
                const std::size_t begin = storage.size();
                storage += word;
                votes[std::u32string_view(storage).substr(begin)] |= bit;
            }
            list.remove_prefix(std::min(end + 1, list.size()));
        }
    }
};

const WordLists& word_lists() {
    static const WordLists lists;
    return lists;
}

struct Scripts {
    float korean = 0;
    float latin = 0;
    float foreign = 0;         // letters of neither script
    float marked_letters = 0;  // Latin letters that English does not have
};

Scripts count_scripts(const NormalisedText& text) {
    Scripts scripts;
    for (const Token& token : text.tokens) {
        const auto characters = text.characters(token);
        if (token.kind == TokenKind::hangul) {
            scripts.korean += kSyllableWeight * static_cast<float>(characters.size());
        } else if (token.kind == TokenKind::jamo) {
            scripts.korean += static_cast<float>(characters.size());
        } else if (token.kind == TokenKind::word) {
            for (char32_t c : characters) {
                if (c < 0x80) {
                    if (c >= U'a' && c <= U'z') ++scripts.latin;
                } else if (c < 0x250 || (c >= 0x1E00 && c < 0x1F00)) {
                    ++scripts.latin;
                    ++scripts.marked_letters;
                } else if (is_letter(c)) {
                    scripts.foreign += c >= 0x2E80 ? kSyllableWeight : 1.0F;
                }
            }
        }
    }
    return scripts;
}

Language from_hint(std::string_view hint) {
    const auto primary = hint.substr(0, hint.find_first_of("-_"));
    if (primary == "ko") return Language::korean;
    if (primary == "en") return Language::english;
    return primary.empty() ? Language::none : Language::other;
}

LanguageGuess detect_latin(const NormalisedText& text, const Scripts& scripts, std::string_view hint) {
    const WordLists& lists = word_lists();
    float english = 0;
    std::array<float, kOthers.size()> others{};
    int words = 0;
    for (const Token& token : text.tokens) {
        if (token.kind != TokenKind::word) continue;
        ++words;
        const auto found = lists.votes.find(text.characters(token));
        if (found == lists.votes.end()) continue;
        // A word that several languages share says little about which one it is.
        const bool shared = (found->second & kEnglishBit) != 0 && (found->second & ~kEnglishBit) != 0;
        const float vote = shared ? 0.5F : 1.0F;
        if ((found->second & kEnglishBit) != 0) english += vote;
        for (std::size_t i = 0; i < others.size(); ++i) {
            if ((found->second >> i & 1U) != 0) others[i] += vote;
        }
    }
    // "café" and "naïve" are English too: one such letter is a hint, several are proof by their share.
    const float marked_share = scripts.marked_letters / std::max(1.0F, scripts.latin);
    const float marks = scripts.marked_letters < 1.5F ? 0.5F * scripts.marked_letters
                        : marked_share > 0.04F        ? 1.0F + 10.0F * marked_share
                                                      : 0.0F;
    const float other = *std::max_element(others.begin(), others.end()) + marks;
    if (other > english) return {.language = Language::other, .certain = true};
    if (english >= 1.0F && english > other) return {.language = Language::english, .certain = true};
    if (english > 0 && words <= 3) return {.language = Language::english, .certain = false};
    const Language hinted = from_hint(hint);
    return {.language = hinted == Language::none ? Language::english : hinted, .certain = false};
}

}  // namespace

std::string_view name(Language language) {
    switch (language) {
        case Language::korean:
            return "ko";
        case Language::english:
            return "en";
        case Language::other:
        case Language::none:
            break;
    }
    return "other";
}

LanguageGuess detect_language(const NormalisedText& text, std::string_view hint) {
    const Scripts scripts = count_scripts(text);
    const float total = scripts.korean + scripts.latin + scripts.foreign;
    if (total == 0) return {.language = Language::none, .certain = true};
    if (scripts.foreign > scripts.korean && scripts.foreign >= 0.3F * total) {
        return {.language = Language::other, .certain = true};
    }
    if (scripts.korean >= kKoreanShareMin * total) return {.language = Language::korean, .certain = true};
    return detect_latin(text, scripts, hint);
}

}  // namespace bgm
