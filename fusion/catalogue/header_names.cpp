#include "fusion/catalogue/header_names.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace bgm {
namespace {

struct HeaderName {
    std::string_view name;  // small letters, without spaces and punctuation
    TrackField field;
};

constexpr HeaderName kNames[] = {
    {"곡id", TrackField::track_id},
    {"트랙id", TrackField::track_id},
    {"음원id", TrackField::track_id},
    {"trackid", TrackField::track_id},
    {"songid", TrackField::track_id},
    {"제목", TrackField::title},
    {"곡명", TrackField::title},
    {"곡제목", TrackField::title},
    {"노래제목", TrackField::title},
    {"노래", TrackField::title},
    {"노래명", TrackField::title},
    {"음악제목", TrackField::title},
    {"음악명", TrackField::title},
    {"트랙", TrackField::title},
    {"트랙명", TrackField::title},
    {"타이틀", TrackField::title},
    {"곡", TrackField::title},
    {"title", TrackField::title},
    {"song", TrackField::title},
    {"songtitle", TrackField::title},
    {"songname", TrackField::title},
    {"track", TrackField::title},
    {"tracktitle", TrackField::title},
    {"trackname", TrackField::title},
    {"titel", TrackField::title},
    {"titre", TrackField::title},
    {"titolo", TrackField::title},
    {"título", TrackField::title},
    {"titulo", TrackField::title},
    {"tytuł", TrackField::title},
    {"название", TrackField::title},
    {"タイトル", TrackField::title},
    {"曲名", TrackField::title},
    {"楽曲名", TrackField::title},
    {"标题", TrackField::title},
    {"歌名", TrackField::title},
    {"歌曲", TrackField::title},
    {"歌曲名", TrackField::title},
    {"標題", TrackField::title},
    {"曲目", TrackField::title},
    {"음악", TrackField::title},
    {"음원명", TrackField::title},
    {"곡이름", TrackField::title},
    {"노래이름", TrackField::title},
    {"songtitel", TrackField::title},
    {"liedtitel", TrackField::title},
    {"musiktitel", TrackField::title},
    {"lied", TrackField::title},
    {"stück", TrackField::title},
    {"titrechanson", TrackField::title},
    {"titredelachanson", TrackField::title},
    {"chanson", TrackField::title},
    {"morceau", TrackField::title},
    {"canción", TrackField::title},
    {"cancion", TrackField::title},
    {"canzone", TrackField::title},
    {"brano", TrackField::title},
    {"utwór", TrackField::title},
    {"песня", TrackField::title},
    {"трек", TrackField::title},
    {"композиция", TrackField::title},
    {"композиции", TrackField::title},
    {"トラック名", TrackField::title},
    {"題名", TrackField::title},
    {"楽曲", TrackField::title},
    {"曲", TrackField::title},
    {"歌", TrackField::title},
    {"歌曲名称", TrackField::title},
    {"曲目名称", TrackField::title},
    {"가수", TrackField::artist},
    {"가수명", TrackField::artist},
    {"아티스트", TrackField::artist},
    {"아티스트명", TrackField::artist},
    {"음악가", TrackField::artist},
    {"뮤지션", TrackField::artist},
    {"연주자", TrackField::artist},
    {"artist", TrackField::artist},
    {"artistname", TrackField::artist},
    {"singer", TrackField::artist},
    {"performer", TrackField::artist},
    {"künstler", TrackField::artist},
    {"kuenstler", TrackField::artist},
    {"interpret", TrackField::artist},
    {"artiste", TrackField::artist},
    {"interprète", TrackField::artist},
    {"interprete", TrackField::artist},
    {"artista", TrackField::artist},
    {"wykonawca", TrackField::artist},
    {"исполнитель", TrackField::artist},
    {"アーティスト", TrackField::artist},
    {"アーティスト名", TrackField::artist},
    {"歌手", TrackField::artist},
    {"歌手名", TrackField::artist},
    {"艺人", TrackField::artist},
    {"艺术家", TrackField::artist},
    {"藝人", TrackField::artist},
    {"가수이름", TrackField::artist},
    {"아티스트이름", TrackField::artist},
    {"작곡가", TrackField::artist},
    {"artistnames", TrackField::artist},
    {"artists", TrackField::artist},
    {"albumartist", TrackField::artist},
    {"composer", TrackField::artist},
    {"künstlername", TrackField::artist},
    {"künstlerin", TrackField::artist},
    {"sänger", TrackField::artist},
    {"sängerin", TrackField::artist},
    {"saenger", TrackField::artist},
    {"komponist", TrackField::artist},
    {"band", TrackField::artist},
    {"chanteur", TrackField::artist},
    {"chanteuse", TrackField::artist},
    {"compositeur", TrackField::artist},
    {"cantante", TrackField::artist},
    {"compositor", TrackField::artist},
    {"intérprete", TrackField::artist},
    {"compositore", TrackField::artist},
    {"zespół", TrackField::artist},
    {"артист", TrackField::artist},
    {"певец", TrackField::artist},
    {"композитор", TrackField::artist},
    {"группа", TrackField::artist},
    {"演奏者", TrackField::artist},
    {"作曲者", TrackField::artist},
    {"作曲家", TrackField::artist},
    {"アーチスト", TrackField::artist},
    {"歌手名称", TrackField::artist},
    {"演唱者", TrackField::artist},
    {"表演者", TrackField::artist},
    {"앨범", TrackField::album},
    {"앨범명", TrackField::album},
    {"음반", TrackField::album},
    {"음반명", TrackField::album},
    {"album", TrackField::album},
    {"albumtitle", TrackField::album},
    {"albumname", TrackField::album},
    {"álbum", TrackField::album},
    {"アルバム", TrackField::album},
    {"アルバム名", TrackField::album},
    {"专辑", TrackField::album},
    {"專輯", TrackField::album},
    {"альбом", TrackField::album},
    {"álbumes", TrackField::album},
    {"唱片", TrackField::album},
    {"장르", TrackField::genre},
    {"genre", TrackField::genre},
    {"género", TrackField::genre},
    {"genero", TrackField::genre},
    {"gênero", TrackField::genre},
    {"genere", TrackField::genre},
    {"gatunek", TrackField::genre},
    {"жанр", TrackField::genre},
    {"ジャンル", TrackField::genre},
    {"流派", TrackField::genre},
    {"曲风", TrackField::genre},
    {"曲風", TrackField::genre},
    {"언어", TrackField::language},
    {"language", TrackField::language},
    {"sprache", TrackField::language},
    {"langue", TrackField::language},
    {"idioma", TrackField::language},
    {"lingua", TrackField::language},
    {"재생시간", TrackField::duration_s},
    {"재생시간초", TrackField::duration_s},
    {"길이", TrackField::duration_s},
    {"길이초", TrackField::duration_s},
    {"곡길이", TrackField::duration_s},
    {"재생길이초", TrackField::duration_s},
    {"시간초", TrackField::duration_s},
    {"durationseconds", TrackField::duration_s},
    {"lengthseconds", TrackField::duration_s},
    {"dauer", TrackField::duration_s},
    {"dauers", TrackField::duration_s},
    {"durée", TrackField::duration_s},
    {"durées", TrackField::duration_s},
    {"duración", TrackField::duration_s},
    {"duracións", TrackField::duration_s},
    {"durata", TrackField::duration_s},
    {"durações", TrackField::duration_s},
    {"длительность", TrackField::duration_s},
    {"길이ms", TrackField::duration_ms},
    {"재생시간ms", TrackField::duration_ms},
    {"길이밀리초", TrackField::duration_ms},
    {"재생시간밀리초", TrackField::duration_ms},
    {"durationms", TrackField::duration_ms},
    {"trackdurationms", TrackField::duration_ms},
    {"템포", TrackField::tempo_bpm},
    {"템포bpm", TrackField::tempo_bpm},
    {"빠르기", TrackField::tempo_bpm},
    {"bpm", TrackField::tempo_bpm},
    {"tempobpm", TrackField::tempo_bpm},
    {"발매연도", TrackField::year},
    {"발매년도", TrackField::year},
    {"연도", TrackField::year},
    {"년도", TrackField::year},
    {"year", TrackField::year},
    {"releaseyear", TrackField::year},
    {"yearreleased", TrackField::year},
    {"jahr", TrackField::year},
    {"erscheinungsjahr", TrackField::year},
    {"année", TrackField::year},
    {"annee", TrackField::year},
    {"anno", TrackField::year},
    {"año", TrackField::year},
    {"год", TrackField::year},
    {"発売年", TrackField::year},
    {"年份", TrackField::year},
    {"19금", TrackField::is_explicit},
    {"성인", TrackField::is_explicit},
    {"성인물", TrackField::is_explicit},
    {"성인용", TrackField::is_explicit},
    {"explicit", TrackField::is_explicit},
    {"주소", TrackField::uri},
    {"링크", TrackField::uri},
    {"음원주소", TrackField::uri},
    {"uri", TrackField::uri},
    {"url", TrackField::uri},
    {"link", TrackField::uri},
    {"라이선스", TrackField::license},
    {"라이센스", TrackField::license},
    {"license", TrackField::license},
    {"licence", TrackField::license},
    {"lizenz", TrackField::license},
    {"licencia", TrackField::license},
    {"licenza", TrackField::license},
    {"licença", TrackField::license},
    {"moods", TrackField::moods},
    {"기분", TrackField::mood},
    {"분위기", TrackField::mood},
    {"무드", TrackField::mood},
    {"감정", TrackField::mood},
    {"감성", TrackField::mood},
    {"느낌", TrackField::mood},
    {"mood", TrackField::mood},
    {"stimmung", TrackField::mood},
    {"humeur", TrackField::mood},
    {"ambiance", TrackField::mood},
    {"ánimo", TrackField::mood},
    {"estado", TrackField::mood},
    {"umore", TrackField::mood},
    {"humor", TrackField::mood},
    {"ムード", TrackField::mood},
    {"気分", TrackField::mood},
    {"雰囲気", TrackField::mood},
    {"心情", TrackField::mood},
    {"情绪", TrackField::mood},
    {"情緒", TrackField::mood},
    {"настроение", TrackField::mood},
    {"nastrój", TrackField::mood},
    {"moodconfidence", TrackField::mood_confidence},
    {"정서가", TrackField::valence},
    {"valence", TrackField::valence},
    {"valenz", TrackField::valence},
    {"각성도", TrackField::arousal},
    {"arousal", TrackField::arousal},
    {"출처", TrackField::source},
    {"source", TrackField::source},
    {"quelle", TrackField::source},
    {"fuente", TrackField::source},
    {"fonte", TrackField::source},
    {"active", TrackField::active},
};

constexpr std::array<std::string_view, 24> kForeign{
    "제목",   "곡명",         "노래제목", "가수",     "아티스트", "앨범", "장르", "기분",
    "분위기", "재생시간",     "템포",     "가사",     "언어",     "길이", "곡명", "タイトル",
    "曲名",   "アーティスト", "ジャンル", "アルバム", "标题",     "歌手", "專輯", "künstler"};

// Capital letters of Latin-1 as UTF-8: 0xC3 0x80 to 0xC3 0x9E, but the multiplication sign.
bool latin_capital(unsigned char first, unsigned char second) {
    return first == 0xC3 && second >= 0x80 && second <= 0x9E && second != 0x97;
}

// Capital letters of Cyrillic (А to Я) as UTF-8; the small letter, or nothing.
std::string small_cyrillic(unsigned char first, unsigned char second) {
    if (first != 0xD0 || second < 0x90 || second > 0xAF) return {};
    if (second < 0xA0) return {static_cast<char>(first), static_cast<char>(second + 0x20)};
    return {static_cast<char>(first + 1), static_cast<char>(second - 0x20)};
}

std::string folded(std::string_view header) {
    std::string name;
    for (std::size_t i = 0; i < header.size(); ++i) {
        const char c = header[i];
        if (c >= 'A' && c <= 'Z') {
            name += static_cast<char>(c - 'A' + 'a');
        } else if (std::string_view(" \t\r\n_-.()[]/*:#").find(c) != std::string_view::npos) {
            continue;
        } else if (header.substr(i).starts_with("\xC2\xA0")) {  // a no-break space
            ++i;
        } else if (i > 0 &&
                   latin_capital(static_cast<unsigned char>(header[i - 1]), static_cast<unsigned char>(c))) {
            name += static_cast<char>(c + 0x20);
        } else if (const std::string small = i + 1 < header.size()
                                                 ? small_cyrillic(static_cast<unsigned char>(c),
                                                                  static_cast<unsigned char>(header[i + 1]))
                                                 : std::string();
                   !small.empty()) {
            name += small;
            ++i;
        } else {
            name += c;
        }
    }
    return name;
}

}  // namespace

std::optional<TrackField> field_of_header(std::string_view header) {
    if (const auto own = track_field_from_name(header)) return own;
    const std::string name = folded(header);
    const auto* found = std::find_if(std::begin(kNames), std::end(kNames),
                                     [&](const HeaderName& row) { return row.name == name; });
    if (found == std::end(kNames)) return std::nullopt;
    return found->field;
}

std::span<const std::string_view> foreign_header_names() {
    return kForeign;
}

}  // namespace bgm
