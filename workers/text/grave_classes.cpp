#include "workers/text/grave_classes.hpp"

#include <array>
#include <cstddef>
#include <unordered_map>
#include <vector>

#include "schemas/word_pattern.hpp"

namespace bgm {
namespace {

constexpr std::size_t kEndingMax = 3;  // syllables of a Korean particle: 케이크한테는

struct WordKind {
    Word name;
    Word members;  // separated by '|'
};

constexpr std::array kKinds{
    WordKind{
        U"food",
        U"pizza|taco|tacos|burger|burgers|cake|cheesecake|brownie|brownies|cookie|cookies|pie|ramen|noodles|"
        U"noodle|sushi|pasta|lasagna|curry|soup|stew|broth|steak|ribs|brisket|bacon|sandwich|sandwiches|"
        U"burrito|burritos|nachos|nacho|cheese|fries|chips|donut|donuts|croissant|croissants|bread|"
        U"sourdough|toast|pancake|pancakes|waffle|waffles|syrup|chocolate|cocoa|coffee|latte|espresso|tea|"
        U"matcha|beer|wine|tequila|margarita|cocktail|smoothie|juice|lemonade|ice-cream|icecream|gelato|"
        U"dumpling|dumplings|kimchi|salad|chili|sauce|wasabi|salsa|guacamole|wings|chicken|turkey|shrimp|"
        U"lobster|oysters|eggs|omelette|cereal|popcorn|marshmallows|marshmallow|candy|muffin|muffins|"
        U"cupcake|cupcakes|tiramisu|tart|pudding|pickle|pickles|snack|snacks|dessert|leftovers|barbecue|bbq"},
    WordKind{
        U"things",
        U"laptop|computer|printer|keyboard|charger|battery|airpods|headphones|earbuds|camera|tv|console|"
        U"playstation|xbox|router|wifi|app|code|inbox|spreadsheet|mug|cup|plate|vase|couch|sofa|toaster|"
        U"microwave|oven|blender|fridge|dishwasher|vacuum|lamp|wardrobe|mattress|curtain|curtains|tractor|"
        U"mower|scooter|skateboard|bicycle|corolla|civic|wallet|purse|handbag|umbrella|sneakers|shoes|shoe|"
        U"sock|socks|jeans|dress|hoodie|wig|lipstick|mascara|eyeliner|houseplant|houseplants|monstera|fern|"
        U"cactus|orchid|basil|succulent|balloon|balloons|piñata|snowman|sandcastle|lego|puzzle|crossword"},
    WordKind{U"show",
             U"concert|gig|festival|encore|album|song|songs|track|single|remix|mixtape|playlist|chorus|hook|"
             U"verse|riff|solo|bassline|bass|beat|drop|drums|guitar|dj|band|choir|orchestra|karaoke|"
             U"choreography|dance|recital|musical|theatre|theater|play|comedian|standup|podcast|movie|film|"
             U"series|episode|season|finale|trailer|anime|manga|novel|thriller|sitcom|cosplay|costume|meme|"
             U"rewatch|binge|spoilers|whodunit|matinee|premiere|callback|fringe|hamlet|macbeth|titanic|jaws|"
             U"poirot|sherlock|hamilton|wicked|netflix|hbo|a24|scorsese|tarantino|metal|punk|shoegaze|"
             U"moshpit|setlist|soundcheck"},
    WordKind{
        U"game",
        U"boss|raid|dungeon|quest|lobby|ranked|headshot|respawn|loot|minecraft|fortnite|valorant|overwatch|"
        U"zelda|mario|pokemon|tetris|chess|uno|bingo|trivia|paintball|dodgeball|bowling|darts|poker|"
        U"monopoly|scrabble|goal|goals|penalty|derby|playoffs|league|halftime|quarterback|striker|"
        U"goalkeeper|touchdown|homerun|dunk|rebound|innings|hattrick|marathon|5k|10k|workout|gym|squats|"
        U"yoga|pilates|spin|"
        U"catan|risk|jenga|clue|battleship|codenames|mahjong|cribbage|pickleball|foosball|pingpong|"
        U"elden|malenia|souls|doom|gta|skyrim|sims|hades|apex|helldivers|xcom|dnd|lan|speedrun|hp|npc|"
        U"arcade|cricket|rugby|hockey|golf|tennis|crossfit|burpees|deadlifts|scorecard|rematch|overtime|ref|"
        U"keeper"},
    WordKind{U"vehicle",
             U"car|truck|lorry|van|bus|minibus|taxi|tram|train|subway|metro|motorcycle|motorbike|plane|jet|"
             U"helicopter|ferry|boat|ship|trawler|tanker|yacht|raft|dinghy|suv|pickup|ambulance|convoy"},
    WordKind{
        U"illness",
        U"cancer|leukemia|leukaemia|lymphoma|melanoma|sarcoma|glioblastoma|tumor|tumour|tumors|tumours|"
        U"als|parkinson's|parkinsons|alzheimer's|alzheimers|dementia|huntington's|ms|lupus|sepsis|"
        U"meningitis|cirrhosis|hepatitis|tuberculosis|cholera|ebola|malaria|aids|hiv|stroke|aneurysm|"
        U"embolism|epilepsy|encephalitis|emphysema|copd|fibrosis|anorexia|bulimia|schizophrenia|overdose"},
    WordKind{U"catastrophe",
             U"earthquake|quake|tsunami|landslide|mudslide|rockslide|avalanche|hurricane|typhoon|cyclone|"
             U"tornado|wildfire|bushfire|flood|floods|floodwater|inferno|blaze|famine|drought|eruption|"
             U"stampede|derailment|shipwreck|collapse"},
    WordKind{
        U"victims",
        U"migrants|refugees|asylum-seekers|workers|miners|passengers|civilians|villagers|residents|"
        U"tourists|hikers|climbers|fishermen|sailors|soldiers|firefighters|paramedics|nurses|pilgrims|"
        U"worshippers|students|pupils|schoolchildren|toddlers|babies|infants|teens|teenagers|protesters|"
        U"journalists|farmers|commuters|motorists|pedestrians|prisoners|hostages|orphans|evacuees|bodies"},
    WordKind{
        U"perish",
        U"perished|suffocated|drowned|drown|asphyxiated|starved|froze|burned|burnt|bled|choked|died|dies|"
        U"expired|succumbed|killed|slain|electrocuted|incinerated|trapped|entombed|buried|swept|crushed|"
        U"missing|stranded|unaccounted"},
    WordKind{U"assault",
             U"stabbed|shot|beaten|raped|molested|groped|strangled|choked|punched|kicked|slapped|tortured|"
             U"kidnapped|abducted|ambushed|lynched|executed|beheaded|bombed|shelled|gunned|mugged|robbed|"
             U"trafficked|stalked|threatened|abused|assaulted|attacked|murdered|massacred|slaughtered"},
    WordKind{U"organ",
             U"liver|kidney|kidneys|lung|lungs|pancreas|spine|bones|colon|stomach|throat|breast|bladder|"
             U"prostate|ovary|ovaries|uterus|lymph|marrow|spleen|intestine|bowel|skull|thyroid"},
    WordKind{
        U"0",
        U"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
        U"seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|dozens|hundreds"},
    WordKind{
        U"firstname",
        U"tom|ben|sam|max|leo|jake|john|james|david|daniel|michael|chris|peter|paul|luke|noah|liam|ethan|"
        U"oliver|henry|arthur|george|harry|jamal|carlos|miguel|omar|ali|kenji|raj|anna|ana|maria|mia|emma|"
        U"lily|lucy|sofia|sophie|olivia|chloe|zoe|ella|maya|nina|elena|sara|sarah|laura|julia|kate|emily|"
        U"gus|gerald|doris|walter|theo|molly|bella|charlie|rocky|biscuit|luna|oscar|milo|daisy"},
    WordKind{
        U"음식",
        U"치킨|피자|라면|떡볶이|삼겹살|갈비|국밥|김치찌개|된장찌개|찌개|김치|만두|족발|보쌈|곱창|마라탕|"
        U"탕수육|짜장면|짬뽕|냉면|칼국수|비빔밥|볶음밥|김밥|초밥|연어|회덮밥|돈까스|파스타|스테이크|햄버거|"
        U"버거|샐러드|케이크|쿠키|도넛|빵|식빵|소금빵|마카롱|초콜릿|젤리|아이스크림|빙수|푸딩|커피|"
        U"아메리카노|라떼|에스프레소|맥주|소주|막걸리|와인|칵테일|치맥|제육|불닭|닭발|닭갈비|닭다리|"
        U"샤브샤브|전골|파전|순대|어묵|호떡|붕어빵|군고구마|귤|수박|딸기|간식|야식|반찬|소스|와사비|겨자"},
    WordKind{
        U"물건",
        U"노트북|컴퓨터|프린터|키보드|충전기|배터리|에어팟|이어폰|헤드폰|카메라|티비|플스|닌텐도|와이파이|"
        U"공유기|코드|머그컵|컵|접시|소파|전자레인지|에어컨|냉장고|청소기|세탁기|옷장|매트리스|트랙터|킥보드|"
        U"자전거|지갑|통장|가방|우산|운동화|신발|구두|양말|청바지|드레스|원피스|후드|가발|립스틱|화분|"
        U"몬스테라|"
        U"다육이|바질|풍선|눈사람|모래성|레고|퍼즐|과제|리포트|코딩|다이어트|텐트|굿즈"},
    WordKind{
        U"공연",
        U"콘서트|공연|페스티벌|락페|앵콜|앨범|노래|신곡|타이틀곡|수록곡|리믹스|플레이리스트|후렴|훅|가사|"
        U"랩|리프|솔로|베이스|비트|드럼|기타|디제이|밴드|합창단|오케스트라|노래방|코노|안무|칼군무|춤선|직캠|"
        U"뮤지컬|연극|개그맨|개그|팟캐스트|영화|드라마|시리즈|예능|웹툰|애니|소설|추리소설|스릴러|시트콤|"
        U"코스프레|분장|짤|밈|무대|팬미팅|컴백|"
        U"파묘|곡성|킹덤|햄릿|데스노트|코난|셜록|타이타닉|사극|재난영화|공포영화|전쟁영화|추리물|좀비물|"
        U"정주행|본방|결말|남주|여주|작가님|배우들|넘버|회전문|티저|떼창|입덕|최애"},
    WordKind{
        U"게임",
        U"보스|보스전|레이드|던전|퀘스트|랭크|헤드샷|배그|롤|발로란트|오버워치|메이플|피파|마크|젤다|마리오|"
        U"카트|카트라이더|체스|오목|고스톱|루미큐브|윷놀이|방탈출|서바이벌|물총|눈싸움|볼링|다트|야구|축구|"
        U"농구|배구|한일전|더비|결승|준결승|승부차기|역전골|해트트릭|홈런|투수|타자|골키퍼|마라톤|등산|"
        U"헬스장|"
        U"하체|스쿼트|요가|필라테스|스피닝|"
        U"카탄|젠가|할리갈리|부루마블|피구|탁구|당구|닭싸움|팔씨름|포커|장기|철권|스타|서든|심즈|엘든링|"
        U"다크소울|수강신청|티켓팅|체육대회|운동회|워터밤|술게임|눈치게임|벌칙|승급전|데스"},
    WordKind{
        U"탈것",
        U"자동차|승용차|트럭|화물차|승합차|버스|통학버스|택시|전철|지하철|열차|기차|오토바이|비행기|여객기|"
        U"헬기|여객선|어선|유람선|보트|뗏목|구급차"},
    WordKind{
        U"병명",
        U"유방암|위암|폐암|간암|대장암|췌장암|식도암|담도암|난소암|자궁암|혈액암|갑상선암|전립선암|신장암|"
        U"피부암|구강암|뇌종양|골육종|육종|백혈병|림프종|흑색종|루게릭|루게릭병|파킨슨|파킨슨병|알츠하이머|"
        U"치매|루푸스|패혈증|뇌수막염|간경화|간염|결핵|콜레라|에볼라|말라리아|뇌졸중|뇌출혈|뇌경색|"
        U"심근경색|심부전|신부전|폐섬유증|뇌전증|거식증|조현병|다발성경화증"},
    WordKind{
        U"재해",
        U"지진|강진|여진|쓰나미|해일|산사태|눈사태|태풍|토네이도|허리케인|산불|홍수|수해|물난리|가뭄|기근|"
        U"붕괴|침몰|탈선|추락|압사|폭발|화재|대형화재|참사"},
    WordKind{
        U"피해자들",
        U"이주민|난민|노동자|근로자|광부|승객|탑승객|민간인|주민|관광객|등산객|어민|선원|군인|장병|소방관|"
        U"구급대원|간호사|신도|학생들|초등학생|중학생|고등학생|아이들|영아|시위대|기자|농민|보행자|인질|"
        U"고아|이재민|시신|어르신|일가족|청년"},
    WordKind{
        U"장기",
        U"간|폐|신장|콩팥|췌장|척추|뼈|대장|위장|자궁|난소|전립선|방광|골수|림프절|갑상선|식도|담도|쓸개"},
    WordKind{
        U"glad",
        U"amazing|awesome|great|fantastic|wonderful|perfect|best|love|loved|loving|adorable|cute|cutest|"
        U"delicious|tasty|yummy|hilarious|funny|fun|happy|happiest|excited|thrilled|proud|grateful|blessed|"
        U"yay|woohoo|hooray|congrats|congratulations|epic|legendary|glorious|magical|gorgeous|stunning|"
        U"brilliant|superb|incredible|obsessed|winner|win|won|champion|champions|victory|medal|party|"
        U"celebrate|celebrating|birthday|wedding|vacation|holiday|weekend|worth|giggled|giggling|grinning|"
        U"cozy|cosy|iconic|banger|bangers|lit|slaps|vibes|bliss|paradise|unreal"},
    WordKind{U"laughs",
             U"lol|lmao|lmfao|rofl|haha|hahaha|hahahaha|hehe|omg|"
             U"😂|🤣|💀|😆|😹|ㅋㅋ|ㅋㅋㅋ|ㅋㅋㅋㅋ|ㅎㅎ|ㅎㅎㅎ"},
    WordKind{U"bodypart",
             U"legs|leg|feet|calves|thighs|abs|arms|knees|ankles|ankle|back|ears|eardrums|eyes|jaw|cheeks|"
             U"fingers|thumbs|toes|shoulders|butt|hips|soul|brain|ego|dignity|pride|voice"},
    WordKind{U"medic",
             U"doctor|doctors|doc|nurse|surgeon|surgeons|oncologist|cardiologist|neurologist|radiologist|"
             U"midwife|medic|medics|physician|specialist|consultant|vet|dentist|therapist|technician"},
    WordKind{U"chore",
             U"exam|exams|finals|midterm|quiz|homework|essay|thesis|interview|presentation|audition|deadline|"
             U"deadlines|meeting|meetings|assignment|chores|laundry|dishes|traffic|commute|taxes|emails|"
             U"spreadsheets|monday|mondays|overtime|shift"},
    WordKind{
        U"monster",
        U"ghost|ghosts|zombie|zombies|vampire|vampires|dracula|skeleton|skeletons|witch|monster|monsters|"
        U"dragon|dragons|halloween|horror|slasher|haunted|spooky|villain|villains|pirate|pirates|wizard|"
        U"orc|orcs|goblin|kaiju|godzilla|alien|aliens|frankenstein|reaper|demon"},
    WordKind{
        U"mourning",
        U"funeral|burial|wake|memorial|eulogy|obituary|coffin|casket|urn|ashes|grave|graveside|headstone|"
        U"tombstone|cremation|crematorium|cemetery|graveyard|hearse|condolences|mourning|vigil|morgue|"
        U"mortuary|autopsy|widow|widower"},
    WordKind{
        U"weapon",
        U"gun|guns|rifle|knife|machete|pistol|grenade|bomb|bombs|missile|missiles|rocket|rockets|shell|"
        U"shells|shelling|drone|drones|bullet|bullets|shrapnel|mortar|airstrike|airstrikes|artillery|acid"},
    WordKind{U"attacker",
             U"gunman|gunmen|shooter|attacker|attackers|terrorist|terrorists|militia|cartel|gang|kidnappers|"
             U"rapist|killer|murderer|bomber|troops|insurgents|stalker|burglar"},
    WordKind{
        U"ward",
        U"hospital|hospice|icu|nicu|ward|clinic|er|palliative|chemo|chemotherapy|dialysis|ventilator|"
        U"radiation|morphine|oncology|transplant|biopsy|scan|mri|ct|ultrasound|surgery|operation|stitches"},
    WordKind{
        U"기쁨",
        U"최고|대박|행복|사랑|귀여워|귀엽|예뻐|예쁘다|맛있다|맛있어|맛있음|꿀맛|꿀잼|재밌다|재밌어|재밌음|"
        U"재미|"
        U"신나|신남|신난다|즐거|기뻐|축하|감동|뿌듯|자랑|설레|레전드|역대급|미쳤다|감사|만세|우승|금메달|"
        U"일등|"
        U"합격|승진|결혼|생일|여행|휴가|소풍|파티|완판|득템|개이득|성공|완료|클리어|낭만|힐링|추천|천국"},
    WordKind{
        U"몸",
        U"다리|허리|팔|무릎|종아리|허벅지|복근|귀|고막|눈|손가락|발|발바닥|엉덩이|어깨|턱|볼살|영혼|멘탈|뇌|"
        U"체력|성대|목소리|체면|자존심"},
    WordKind{U"의료진",
             U"의사|의사쌤|의사선생님|주치의|간호사|간호사쌤|의료진|수의사|교수님|원장님|치과의사|물리치료사|"
             U"응급구조사"},
    WordKind{U"일과",
             U"시험|기말|중간고사|수능|숙제|논문|면접|발표|오디션|마감|회의|야근|출근|퇴근|월요일|빨래|"
             U"설거지|청소|"
             U"김장|이사|정산|수강신청|티켓팅|조별과제|팀플|토익|개강"},
    WordKind{U"괴물",
             U"귀신|좀비|뱀파이어|드라큘라|해골|마녀|괴물|용|드래곤|할로윈|공포|저승사자|악당|빌런|해적|"
             U"마법사|오크|"
             U"고블린|고질라|외계인|도깨비|악마|처녀귀신"},
    WordKind{
        U"상례",
        U"장례|장례식|장례식장|발인|빈소|영정|입관|화장|화장터|화장장|납골당|봉안당|유골|유골함|산소|묘|묘지|"
        U"무덤|비석|제사|제사상|기일|조문|조의|부고|분향소|추모|추모식|애도|고인|국화|국화꽃|상주|상복|유품|"
        U"유서|영안실|안치소|수목장|장지|삼우제|임종|임종실|임종방"},
    WordKind{U"무기",
             U"총|칼|흉기|권총|소총|폭탄|미사일|로켓|포탄|포격|폭격|공습|드론|총알|총성|총소리|수류탄|염산|"
             U"둔기|몽둥이"},
    WordKind{U"가해자",
             U"괴한|강도|범인|살인범|테러범|총격범|스토커|가해자|납치범|방화범|조폭|반군|계부|의붓아버지|"
             U"전남편|전남친"},
    WordKind{
        U"병실",
        U"병원|응급실|중환자실|병동|병실|호스피스|요양병원|요양원|암병동|수술실|수술|수술대|항암|투석|방사선|"
        U"인공호흡기|산소호흡기|산소마스크|모르핀|조직검사|검사|초음파|엠알아이|씨티|이식|재활|링거|"
        U"인큐베이터"},
};

class Kinds {
 public:
    Kinds() {
        for (const WordKind& kind : kKinds) {
            for (const Word member : split_at(kind.members, U'|'))
                names_.emplace(member, kind.name);
        }
    }

    struct Found {
        Word name;
        std::size_t taken = 0;
    };

    /// The longest member that `word` is, which in Korean may have a particle behind it; none: nothing taken.
    Found find(Word word, bool korean) const {
        const std::size_t shortest =
            korean && word.size() > 2 ? std::max<std::size_t>(2, least(word)) : word.size();
        for (std::size_t size = word.size(); size >= shortest && size > 0; --size) {
            const auto found = names_.find(word.substr(0, size));
            if (found != names_.end()) return {found->second, size};
        }
        return {};
    }

 private:
    static std::size_t least(Word word) { return word.size() > kEndingMax ? word.size() - kEndingMax : 1; }

    std::unordered_map<Word, Word> names_;
};

}  // namespace

NormalisedText with_kinds(const NormalisedText& text) {
    static const Kinds kNames;
    NormalisedText folded;
    for (Token token : text.tokens) {
        const Word characters = text.characters(token);
        const bool korean = token.kind == TokenKind::hangul;
        token.begin = static_cast<std::uint32_t>(folded.text.size());
        Kinds::Found found;
        if (token.kind != TokenKind::punctuation) found = kNames.find(characters, korean);
        folded.text += found.name;
        folded.text += characters.substr(found.taken);
        token.end = static_cast<std::uint32_t>(folded.text.size());
        folded.tokens.push_back(token);
    }
    return folded;
}

}  // namespace bgm
