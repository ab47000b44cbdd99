#include "fusion/wish/wish_words.hpp"

namespace bgm {
namespace {

using enum WishField;
using enum Mood;

constexpr WishWords moods(Word words, std::array<WishShare, 3> shares, WishField field = mood) {
    return {.field = field, .words = words, .moods = shares};
}
constexpr WishWords names(WishField field, std::string_view value, Word words) {
    return {.field = field, .words = words, .value = value};
}
constexpr WishWords range(WishField field, std::uint32_t from, std::uint32_t to, Word words) {
    return {.field = field, .words = words, .from = from, .to = to};
}

constexpr std::array kWords{
    moods(U"calm|calming|chill|chilled|chillout|relax|relaxed|relaxing|mellow|soothing|peaceful|quiet|gentle|"
          U"soft|tranquil|serene|laid back|easy "
          U"listening|잔잔*|차분*|편안*|편한|조용*|고요*|평온*|평화*|나른*|릴렉스*|릴랙스*|은은*|부드러*|"
          U"부드럽*|칠한|느긋*|여유로*",
          {{{calm, 0.8F}, {beautiful, 0.2F}}}),
    moods(U"beautiful|pretty|lovely|gorgeous|elegant|lyrical|아름다*|아름답*|예쁜|예쁘*|서정적*|우아*|감미로*"
          U"|감성적*|감성",
          {{{beautiful, 0.8F}, {calm, 0.2F}}}),
    moods(U"dreamy|ethereal|hazy|floating|atmospheric|ambient mood|몽환*|꿈꾸*|꿈같*|몽글*|신비로*",
          {{{dreamy, 0.9F}, {calm, 0.1F}}}),
    moods(U"energetic|energizing|energising|energy|upbeat|pumped|pump|pumping|hype|hyped|powerful|lively|"
          U"banger|bangers|intense|driving beat|high "
          U"energy|danceable|신나*|신남|신명*|활기*|활력*|에너지*|에너제틱*|힘차*|힘찬|강렬*|파워풀*|업템포|"
          U"텐션*|빡센|빡세*|흥겨*|흥나*|흥이",
          {{{energizing, 0.7F}, {joyful, 0.3F}}}),
    moods(U"happy|happier|joyful|joyous|cheerful|cheery|fun|bright|feel good|feelgood|sunny "
          U"mood|carefree|uplifting|positive|행복*|즐거*|즐겁*|기쁜|기쁘*|밝은|밝게|밝고|밝지|경쾌*|"
          U"상큼*|발랄*|명랑*|유쾌*|청량*",
          {{{joyful, 0.8F}, {energizing, 0.2F}}}),
    moods(U"sad|sadder|sadness|melancholy|melancholic|heartbreak|heartbroken|gloomy|tearful|tearjerker|"
          U"depressing|"
          U"lonely|sorrowful|weepy|cry|cry to|crying|sob|mournful|슬픈|슬프*|슬퍼*|우울*|눈물*|쓸쓸*|"
          U"외로*|외롭*|이별*|서글프*|서글픈|처량*|애절*|구슬픈|울고 싶*",
          {{{sad, 0.9F}, {beautiful, 0.1F}}}),
    moods(U"tense|suspenseful|anxious|nervous|restless|긴장감*|긴장되*|긴박*|불안*|초조*", {{{anxious, 1}}}),
    moods(U"scary|spooky|creepy|eerie|haunting|horror|halloween|무서*|무섭*|오싹*|공포*|으스스*|섬뜩*|할로윈*"
          U"|핼러윈*",
          {{{scary, 0.9F}, {anxious, 0.1F}}}),
    moods(U"triumphant|epic|heroic|victorious|majestic|grand|anthemic|motivational|motivating|inspiring|"
          U"empowering|웅장*|장엄*|벅찬|벅차*|승리*|영웅*|비장*|희망찬|희망적*|"
          U"희망*|용기*|동기부여*",
          {{{triumphant, 0.8F}, {energizing, 0.2F}}}),
    moods(U"sexy|erotic|sensual|seductive|sultry|섹시*|관능*|끈적*|농염*|야한",
          {{{erotic, 0.9F}, {beautiful, 0.1F}}}),
    moods(U"funny|amusing|silly|goofy|playful|quirky|humorous|comic|comical|웃긴|웃기*|재밌는|재미있는|코믹*|"
          U"장난스*|"
          U"익살*|엉뚱*|병맛*",
          {{{amusing, 0.9F}, {joyful, 0.1F}}}),
    moods(U"angry|indignant|furious|rage|defiant|rebellious|분노*|화난|화나*|반항*", {{{indignant, 1}}}),
    moods(U"loud|annoying|noisy|harsh|abrasive|heavy|aggressive|시끄러*|시끄럽*|정신없*|소란*|요란*",
          {{{energizing, 0.5F}, {annoying, 0.5F}}}),
    moods(U"romantic|love song|love songs|lovey dovey|sweet|로맨틱*|달달*|달콤*|사랑 "
          U"노래*|사랑노래*|사랑스러*|설레*|설렘*|두근*",
          {{{beautiful, 0.5F}, {joyful, 0.25F}, {dreamy, 0.25F}}}),
    moods(U"nostalgic|nostalgia|wistful|bittersweet|longing|추억*|그리운|그리움*|아련*|향수*|애틋*",
          {{{dreamy, 0.4F}, {sad, 0.3F}, {beautiful, 0.3F}}}),
    moods(U"groovy|groove|funky|bouncy|그루브*|그루비*|리듬감*|둠칫*|통통 튀는",
          {{{energizing, 0.5F}, {joyful, 0.5F}}}),
    moods(U"dark|darker|brooding|moody|어두운|어둡*|다크*|음산*|음침*",
          {{{sad, 0.4F}, {scary, 0.3F}, {anxious, 0.3F}}}),
    moods(U"warm|cozy|cosy|comfy|포근*|따뜻*|따스*|아늑*|훈훈*", {{{calm, 0.5F}, {beautiful, 0.5F}}}),

    moods(U"comfort|comforting|console|consoling|heal|healing|stress relief|calm me down|calm down|feel "
          U"better|위로*|힐링*|다독*|토닥*|위안*|마음을 달래*|달래*|진정*",
          {{{calm, 0.5F}, {beautiful, 0.5F}}}, remedy),
    moods(U"cheer me up|cheer up|lift my mood|lift my spirits|pick me up|boost my mood|mood booster|wake me "
          U"up|기분 전환*|기분전환*|스트레스 풀*|스트레스 풀리*|스트레스 해소*|스트레스 "
          U"날*|기분 좋아지*|기분좋아지*|기분 풀리*|기분이 풀리*|기분 풀어*|기분을 풀*|기운 나*|기운나*|힘 "
          U"나는|힘나는|힘이 나*|잠 깨*|잠깨*",
          {{{joyful, 0.7F}, {energizing, 0.3F}}}, remedy),

    range(tempo, 0, 90, U"slow|slower|slow tempo|slowly|느린|느리*|느릿*|천천히|슬로우*|느긋한 템포"),
    range(tempo, 120, 0,
          U"fast|faster|fast paced|fast tempo|quick|speedy|rapid|빠른|빠르*|빨라*|빠릿*|속도감*|질주감*"),
    range(tempo, 90, 120,
          U"mid tempo|midtempo|medium tempo|moderate tempo|medium paced|미디엄 템포|미디움 "
          U"템포|미드템포|중간 템포|중간 빠르기|적당한 빠르기|적당한 템포"),

    names(instrument, "piano", U"piano|pianos|grand piano|solo piano|피아노*"),
    names(instrument, "guitar",
          U"guitar|guitars|acoustic guitar|electric guitar|spanish guitar|flamenco guitar|classical "
          U"guitar|기타|통기타*|어쿠스틱 기타*|일렉 기타*|일렉기타*"),
    names(instrument, "bass", U"bass|bass guitar|베이스*"),
    names(instrument, "drums", U"drum|drums|percussion|드럼*|타악기*|장구*|북소리*"),
    names(instrument, "violin", U"violin|violins|fiddle|바이올린*"),
    names(instrument, "cello", U"cello|cellos|첼로*"),
    names(instrument, "strings",
          U"strings|string quartet|orchestra|orchestral|현악*|스트링*|오케스트라*|관현악*"),
    names(instrument, "flute", U"flute|flutes|플루트*|플룻*|대금*|단소*"),
    names(instrument, "saxophone", U"sax|saxophone|색소폰*|섹소폰*"),
    names(instrument, "trumpet", U"trumpet|trumpets|brass|horns|트럼펫*|금관*|나팔*"),
    names(instrument, "clarinet", U"clarinet|oboe|woodwinds|클라리넷*|오보에*|목관*"),
    names(instrument, "harp", U"harp|harps|하프|하프로"),
    names(instrument, "synthesizer", U"synth|synths|synthesizer|synthesisers|신디*|신스"),
    names(instrument, "ukulele", U"ukulele|banjo|mandolin|우쿨렐레*|만돌린*"),
    names(instrument, "gayageum", U"gayageum|geomungo|haegeum|가야금*|거문고*|해금*|아쟁*"),
    names(instrument, "organ", U"organ|accordion|harmonica|오르간*|아코디언*|하모니카*"),
    names(instrument, "music box", U"music box|오르골*"),
    names(instrument, "acoustic instruments", U"acoustic|unplugged|어쿠스틱*|언플러그드*"),

    names(voice, "a woman's voice",
          U"female vocal*|female voice*|female singer*|woman singing|women singing|girl group*|여자 "
          U"보컬*|여성 보컬*|여자 가수*|여자 목소리*|여성 목소리*|여가수*|여보컬*|걸그룹*"),
    names(voice, "a man's voice",
          U"male vocal*|male voice*|male singer*|man singing|boy band*|남자 보컬*|남성 보컬*|남자 가수*|남자 "
          U"목소리*|남성 목소리*|남가수*|남보컬*|보이그룹*"),
    names(voice, "a choir", U"choir|choral|chorus|합창*|코러스*|성가대*"),
    names(
        words, "",
        U"vocal|vocals|singing|singer|singers|voice|voices|human voice|보컬*|목소리*|노래 소리*|사람 소리*"),
    names(words, "what is sung in it", U"lyric|lyrics|words|가사*|노랫말*"),
    names(wordless, "",
          U"instrumental|instrumentals|wordless|노래 없는|노래 없이|노래가 없는|연주곡*|연주 "
          U"음악*|연주음악*|연주만|경음악*|인스트루멘탈*|인스트*|반주만"),

    names(genre, "pop", U"pop|pop music|팝|팝송*|팝 음악|팝음악"),
    names(genre, "kpop", U"k pop|kpop|케이팝*|아이돌 노래*|아이돌 음악*"),
    names(genre, "jpop", U"j pop|jpop|제이팝*"),
    names(genre, "rock|alternative rock|indie rock|hard rock|classic rock|punk rock",
          U"rock|rock music|rock songs|soft rock|hard rock|indie rock|classic rock|alternative rock|punk "
          U"rock songs|rock n roll|rock and roll|락|록|락음악|락 음악|록음악|록 음악|로큰롤*"),
    names(genre, "metal|heavy metal", U"metal|heavy metal|메탈*|헤비메탈*"),
    names(genre, "punk|punk rock", U"punk|punk rock|펑크록|펑크락|펑크 록"),
    names(genre, "indie|indie rock|indie pop", U"indie|indie music|인디|인디음악|인디 음악"),
    names(genre, "hip hop|rap",
          U"hip hop|hiphop|rap|raps|rapping|trap|boom bap|힙합*|랩|래퍼*|랩음악|랩 음악|트랩*"),
    names(genre, "r&b|rnb|soul", U"r b|rnb|soul|soul music|알앤비*|소울*"),
    names(genre, "electronic|edm|house|techno|dance",
          U"electronic|electronica|edm|techno|house music|deep house|tech house|house tracks|house "
          U"beats|house songs|trance|club music|dance "
          U"music|일렉트로닉*|이디엠*|테크노*|하우스 음악|전자음악*|전자 음악*|댄스곡*|댄스 음악*|댄스음악*"),
    names(genre, "funk", U"funk|훵크*"),
    names(genre, "disco", U"disco|디스코*"),
    names(genre, "jazz", U"jazz|jazzy|swing|bebop|재즈*|스윙*"),
    names(genre, "bossa nova", U"bossa nova|bossa|보사노바*|보사*"),
    names(genre, "blues", U"blues|블루스*"),
    names(genre, "classical",
          U"classical|classical music|classic music|sonata|symphony|concerto|클래식*|고전음악*|고전 "
          U"음악*|교향곡*|협주곡*|소나타*"),
    names(genre, "ambient", U"ambient|앰비언트*|앰비언스*"),
    names(genre, "lo-fi|lofi|lo-fi hip hop", U"lo fi|lofi|로파이*"),
    names(genre, "folk", U"folk|folk music|singer songwriter|포크|포크송*|포크 음악"),
    names(genre, "country", U"country|country music|컨트리*"),
    names(genre, "reggae", U"reggae|ska|레게*"),
    names(genre, "latin|salsa", U"latin|salsa|라틴*|살사*"),
    names(genre, "tango", U"tango|탱고*"),
    names(genre, "trot", U"trot|트로트*|뽕짝*"),
    names(genre, "ballad", U"ballad|ballads|발라드*"),
    names(genre, "korean traditional", U"korean traditional|gugak|pansori|국악*|판소리*|민요*"),
    names(genre, "soundtrack",
          U"soundtrack|soundtracks|film score|movie score|ost|영화 음악*|영화음악*|사운드트랙*|오에스티*"),
    names(genre, "ragtime", U"ragtime|래그타임*"),
    names(genre, "march", U"march music|marches|행진곡*"),
    names(genre, "gospel|spiritual|hymn", U"gospel|hymn|hymns|ccm|가스펠*|찬송가*"),
    names(genre, "chiptune", U"chiptune|8 bit|칩튠*"),
    names(genre, "children", U"children's songs|kids songs|nursery rhymes|동요*"),
    names(genre, "new age", U"new age|newage|뉴에이지*"),
    names(genre, "synthwave", U"synthwave|retrowave|신스웨이브*"),
    names(genre, "city pop", U"city pop|citypop|시티팝*|시티 팝*"),
    names(genre, "carol|christmas", U"carol|carols|christmas songs|christmas music|캐럴*|캐롤*"),

    names(language, "ko",
          U"korean|in korean|korean songs|korean music|korean lyrics|한국어*|한국 노래*|한국노래*|한국 "
          U"음악*|한국어 가사*|한글 가사*|한국 가요*|우리말*|우리나라 노래*|국내 음악*|국내 가요*|국내 "
          U"노래*|가요|가요로"),
    names(
        language, "en",
        U"english|in english|english songs|english lyrics|영어*|영어 노래*|영어로 된*|영어 가사*|영문 가사*"),
    names(language, "ja", U"japanese|in japanese|일본어*|일본 노래*|일본노래*|일본 음악*|일본어 가사*"),
    names(language, "zh", U"chinese|mandarin|cantonese|중국어*|중국 노래*|중국노래*"),
    names(language, "es", U"spanish|in spanish|스페인어*|스페인 노래*"),
    names(language, "fr", U"french|in french|chanson|chansons|프랑스어*|불어*|프랑스 노래*|샹송*"),
    names(language, "de", U"german|in german|독일어*|독일 노래*"),
    names(language, "it", U"italian|in italian|이탈리아어*|이탈리아 노래*|칸초네*"),
    names(language, "pt", U"portuguese|brazilian|포르투갈어*|브라질 노래*"),
    names(language, "ru", U"russian|러시아어*|러시아 노래*"),

    range(era, 1950, 1959, U"fifties"),
    range(era, 1960, 1969, U"sixties"),
    range(era, 1970, 1979, U"seventies|칠십년대*"),
    range(era, 1980, 1989, U"eighties|팔십년대*"),
    range(era, 1990, 1999, U"nineties|구십년대*"),
    range(era, 2000, 2009, U"noughties|two thousands|이천년대*"),
    range(era, 1970, 1989, U"7080*"),
    range(era, 1980, 1999, U"8090*"),
    range(
        era, 0, 1989,
        U"oldies|oldie|golden oldies|올드팝*|올드 팝*|옛날 노래*|옛날노래*|옛날 음악*|옛 노래*|흘러간 노래*"),
    names(vague, "what counts as new is not known: name a year",
          U"recent|latest|newest|new releases|current hits|modern|these days|최신*|요즘*|최근*|신곡*"),
    names(vague, "how popular a track is is not known",
          U"popular|famous|hit songs|top hits|trending|viral|hits|chart|유명한|인기*|차트*|히트곡*|뜨는"),
    names(vague, "which tracks few people know is not known",
          U"underrated|hidden gem|hidden gems|obscure|숨은 명곡*|숨겨진*|남들이 모르*"),

    names(clean, "",
          U"clean lyrics|clean version|clean|family friendly|kid friendly|kids friendly|safe for kids|non "
          U"explicit|건전한*|건전*|아이들과 같이 들*|아이랑 듣*|아이랑 들*|아이와 들*"),
    names(rude, "",
          U"explicit|swearing|swear words|curse|curse words|cursing|profanity|bad words|bad "
          U"language|욕|욕설*|비속어*|19금*|선정적*"),

    names(denial_before, "",
          U"not|no|non|without|never|don't|dont|do "
          U"not|doesn't|doesnt|isn't|isnt|aren't|nothing|avoid|avoiding|except|except "
          U"for|excluding|exclude|skip|minus|anything "
          U"but|instead of|rather than|other than|hate|can't stand|cannot stand|sick of|tired of|less|no "
          U"more|free of|nor|nothing too|not too|안"),
    names(denial_behind, "",
          U"안 돼*|안돼*|안 되*|안되*|안 됨|안 됩니다|말고|말고는|빼고|빼줘*|빼 "
          U"줘*|빼주*|빼|제외*|없이|없는|없고|없었*|없으면*|없게|않은|않는|않게|않고|않았*|않으면*|아닌|"
          U"아니고|아니었*|아니면*|싫*|질렸*|질려*|말아*|마세요|금지|노노|들어가지"),
    range(hour, 23, 0,
          U"night|nights|tonight|late night|midnight|night "
          U"time|nighttime|밤|밤에|밤중*|한밤*|심야*|오밤중*|오늘밤|밤 시간"),
    range(hour, 4, 0, U"dawn|before sunrise|새벽*|동틀*"),
    range(hour, 7, 0, U"morning|mornings|sunrise|아침|아침에|아침마다|이른 아침"),
    range(hour, 14, 0, U"afternoon|afternoons|noon|midday|daytime|오후*|한낮*|대낮*|낮에"),
    range(hour, 19, 0, U"evening|evenings|sunset|dusk|저녁|저녁에|노을*|석양*|해질*|해 질*"),
    range(weekday, 5, 0, U"weekend|weekends|saturday|saturdays|주말*|토요일*"),
    range(weekday, 6, 0, U"sunday|sundays|일요일*"),
    range(weekday, 4, 0, U"friday night|friday nights|불금*|금요일 밤*"),
    range(weekday, 0, 0, U"monday|mondays|월요일*"),

    names(filler, "",
          U"how about|what about|old school|new school|grand total|to date|will work|that works|of course|no "
          U"problem|no matter|why "
          U"not|not only|no idea|can't wait|don't know|road trip music|rest of|top 40 no|안녕*|안부"),
};

}  // namespace

std::span<const WishWords> wish_words() {
    return kWords;
}

}  // namespace bgm
