#include "fusion/context/moment_table.hpp"

#include <array>

namespace bgm {
namespace {

using enum MomentPart;

constexpr std::string_view kGolder = "Golder & Macy 2011";      // hours and weekdays, 509 million messages
constexpr std::string_view kPark = "Park et al. 2019";          // the hours of 765 million plays of music
constexpr std::string_view kStone = "Stone et al. 2012";        // weekdays, 340,000 interviews
constexpr std::string_view kBaylis = "Baylis et al. 2018";      // weather, 3.5 billion posts
constexpr std::string_view kDenissen = "Denissen et al. 2008";  // weather, diaries
constexpr std::string_view kZheng = "Zheng et al. 2019";        // air, 210 million messages
constexpr std::string_view kMappiness = "MacKerron & Mourato 2013";  // places, a million answers on the way
constexpr std::string_view kBryson = "Bryson & MacKerron 2017";      // activities, the same
constexpr std::string_view kKahneman = "Kahneman et al. 2004";       // activities, days reconstructed
constexpr std::string_view kKarageorghis = "Karageorghis & Priest 2012";  // music while moving
constexpr std::string_view kByHand = "by hand";

constexpr std::array kEffects{
    MomentEffect{hour, "late at night", {0, -0.6F}, kPark, {}},
    MomentEffect{hour, "early in the morning", {0.1F, -0.3F}, kGolder, {}},
    MomentEffect{hour, "in the evening", {0.1F, 0.2F}, kPark, {}},
    MomentEffect{weekday, "at the weekend", {0.2F, 0}, kStone, {}},

    MomentEffect{weather,
                 "sunshine",
                 {0.3F, 0.1F},
                 kBaylis,
                 U"clear|sunny|sun|sunshine|fine|bright|blue sky|clear "
                 U"sky|맑*|화창*|햇살*|햇빛*|햇볕*|쾌청*|청명*|파란 하늘|날씨 좋*|날씨가 좋*|좋은 날씨"},
    MomentEffect{weather,
                 "rain",
                 {-0.2F, -0.3F},
                 kBaylis,
                 U"rain*|drizzl*|shower|showers|wet|비|비가|비도|비오*|비 오*|비내리*|비 "
                 U"내리*|빗*|봄비|가을비|겨울비|장마*|이슬비|보슬비|가랑비|소나기*|우중"},
    MomentEffect{
        weather,
        "storm",
        {-0.3F, 0.2F},
        kBaylis,
        U"storm*|thunder*|lightning|hurricane|typhoon|gale|폭풍*|천둥*|번개*|태풍*|폭우*|뇌우*|호우*|강풍*"},
    MomentEffect{weather,
                 "snow",
                 {0.1F, -0.3F},
                 kByHand,
                 U"snow*|flurries|눈|눈이|눈오*|눈 오*|눈내리*|눈 내리*|첫눈*|함박눈*|설경*|폭설*|눈발*"},
    MomentEffect{weather,
                 "clouds",
                 {-0.2F, -0.2F},
                 kBaylis,
                 U"cloud*|overcast|grey|gray|gloomy|dull|흐린*|흐림*|흐리*|구름*|우중충*|먹구름*|꾸물*"},
    MomentEffect{weather, "fog", {-0.1F, -0.3F}, kByHand, U"fog*|mist|misty|haze|hazy|안개*|뿌연*|뿌옇*"},
    MomentEffect{weather,
                 "heat",
                 {-0.3F, 0.1F},
                 kBaylis,
                 U"hot|heat|heatwave|heat "
                 U"wave|scorching|sweltering|더운*|더위*|더워*|덥*|폭염*|무더*|열대야*|찜통*|땡볕*"},
    MomentEffect{weather,
                 "sultry air",
                 {-0.3F, -0.1F},
                 kBaylis,
                 U"humid*|muggy|sticky|습한*|습하*|습도*|후덥지근*|눅눅*|꿉꿉*"},
    MomentEffect{weather,
                 "cold",
                 {-0.2F, -0.1F},
                 kDenissen,
                 U"cold|freezing|frost*|icy|chilly|추운*|추위*|추워*|춥*|한파*|쌀쌀*|영하*|꽁꽁*|칼바람*"},
    MomentEffect{weather,
                 "wind",
                 {-0.1F, 0.1F},
                 kDenissen,
                 U"wind|windy|breezy|바람|바람이|바람 부*|바람부*|강바람*|바닷바람*"},
    MomentEffect{weather,
                 "bad air",
                 {-0.4F, -0.1F},
                 kZheng,
                 U"smog*|dust|dusty|polluted|pollution|fine dust|미세먼지*|초미세먼지*|황사*|스모그*|매연*"},

    MomentEffect{place,
                 "by the sea",
                 {0.4F, -0.1F},
                 kMappiness,
                 U"beach|beaches|sea|seaside|ocean|coast*|shore*|island|바다*|바닷가*|해변*|해수욕장*|해안*|"
                 U"섬|제주*|해운대*|광안리*|강릉*"},
    MomentEffect{place,
                 "in the open",
                 {0.3F, -0.2F},
                 kMappiness,
                 U"park|forest|woods|mountain*|hill|hills|lake*|river*|riverside|garden*|field|fields|meadow|"
                 U"valley|countryside|nature|campsite|"
                 U"공원*|숲*|산|산에*|산속*|산 "
                 U"속*|산책로*|호수*|강|강가*|강변*|한강*|정원*|들판*|계곡*|시골*|자연*|수목원*|캠핑장*|"
                 U"올레길*|둘레길*"},
    MomentEffect{place,
                 "at home",
                 {0.1F, -0.3F},
                 kMappiness,
                 U"home|house|bedroom|bed|room|living "
                 U"room|sofa|couch|bathtub|bath|집|집에*|집안*|방|방에*|방구석*|침대*|거실*|이불*|소파*|욕조*"
                 U"|자취방*|침실*"},
    MomentEffect{place,
                 "at work",
                 {-0.3F, 0},
                 kBryson,
                 U"office|work|workplace|desk|meeting "
                 U"room|factory|cubicle|사무실*|회사*|직장*|회의실*|공장*|일터*|책상*"},
    MomentEffect{place,
                 "at school",
                 {-0.2F, -0.1F},
                 kBryson,
                 U"school|classroom|campus|university|college|lecture "
                 U"hall|academy|학교*|교실*|강의실*|캠퍼스*|대학*|학원*|독서실*"},
    MomentEffect{place,
                 "in a quiet room",
                 {0, -0.5F},
                 kByHand,
                 U"library|study room|museum|gallery|temple|church|cathedral|spa|도서관*|스터디카페*|스터디 "
                 U"카페*|박물관*|미술관*|갤러리*|전시회*|전시장*|절|절에*|사찰*|"
                 U"교회*|성당*|찜질방*|온천*|스파|템플스테이*"},
    MomentEffect{place,
                 "in a café",
                 {0.2F, -0.2F},
                 kByHand,
                 U"cafe|cafes|café|coffee "
                 U"shop|coffeehouse|tearoom|bakery|bookstore|bookshop|카페*|까페*|커피숍*|찻집*|빵집*|서점*|"
                 U"책방*|브런치*"},
    MomentEffect{place,
                 "in a restaurant",
                 {0.2F, 0.1F},
                 kByHand,
                 U"restaurant|diner|bistro|식당*|레스토랑*|맛집*|고깃집*|분식집*|포장마차*"},
    MomentEffect{place,
                 "at a party",
                 {0.3F, 0.6F},
                 kByHand,
                 U"club|clubs|nightclub|bar|pub|disco|karaoke|rooftop|rooftop "
                 U"bar|클럽*|술집*|바에*|펍|펍에*|호프집*|노래방*|코노*|루프탑*|나이트클럽*"},
    MomentEffect{place,
                 "at the gym",
                 {0.2F, 0.7F},
                 kKarageorghis,
                 U"gym|fitness|weight room|running track|swimming pool|ice "
                 U"rink|헬스장*|체육관*|피트니스*|수영장*|운동장*|농구장*|축구장*|풋살장*|스케이트장*|암장*"},
    MomentEffect{place,
                 "in a crowd",
                 {0.4F, 0.7F},
                 kByHand,
                 U"stadium|arena|festival|concert hall|amusement park|theme "
                 U"park|fair|carnival|parade|경기장*|야구장*|콘서트장*|공연장*|페스티벌*|축제*|놀이공원*|"
                 U"놀이동산*|롯데월드*|에버랜드*|광장*"},
    MomentEffect{place,
                 "on the way",
                 {-0.3F, 0},
                 kKahneman,
                 U"subway|metro|bus|bus stop|traffic|traffic jam|commuter "
                 U"train|station|지하철*|버스*|정류장*|만원*|교통체증*|출근길*|퇴근길*|막히는 길|꽉 막힌*"},
    MomentEffect{place,
                 "away from home",
                 {0.3F, 0.3F},
                 kByHand,
                 U"airport|hotel|resort|plane|train|abroad|paris|tokyo|공항*|호텔*|리조트*|비행기*|기차*|"
                 U"해외*|여행지*|휴양지*|ktx"},
    MomentEffect{place,
                 "in a hospital",
                 {-0.5F, 0},
                 kByHand,
                 U"hospital|clinic|waiting room|emergency room|병원*|병실*|응급실*|진료실*|대기실*"},
    MomentEffect{place,
                 "at a grave",
                 {-0.6F, -0.5F},
                 kByHand,
                 U"cemetery|graveyard|funeral|funeral "
                 U"home|memorial|장례식*|묘지*|산소에*|납골당*|추모공원*|현충원*|빈소*"},

    MomentEffect{activity,
                 "exercise",
                 {0.3F, 0.8F},
                 kKarageorghis,
                 U"run|runs|running|jog|jogging|workout|work out|working "
                 U"out|exercise|exercising|gym|training|lifting|crossfit|cycling|bike|biking|spinning|"
                 U"swim|swimming|climbing|football|soccer|basketball|tennis|boxing|surfing|skiing|"
                 U"snowboarding|marathon|운동*|러닝*|런닝*|달리기*|달리*|조깅*|헬스*|"
                 U"웨이트*|크로스핏*|자전거*|라이딩*|수영*|클라이밍*|축구*|농구*|테니스*|배드민턴*|복싱*|"
                 U"서핑*|스키*|보드 타*|마라톤*|홈트*|줄넘기*"},
    MomentEffect{activity,
                 "dance and party",
                 {0.5F, 0.8F},
                 kBryson,
                 U"dance|dancing|party|partying|clubbing|celebrat*|birthday|prom|rave|concert|gig|festival|"
                 U"춤*|댄스*|파티*|생일*|축하*|클러빙*|회식*|콘서트*|공연*|페스티벌*|"
                 U"잔치*|응원*|불금*|뒤풀이*"},
    MomentEffect{activity,
                 "company",
                 {0.4F, 0.2F},
                 kBryson,
                 U"date|friends|hanging out|hang "
                 U"out|chatting|picnic|barbecue|bbq|wedding|reunion|drinking|drinks|wine|beer|데이트*|친구*|"
                 U"수다*|피크닉*|소풍*|바베큐*|"
                 U"결혼식*|동창회*|술|술 마시*|술마시*|와인*|맥주*|치맥*|혼술*|모임*"},
    MomentEffect{activity,
                 "a journey",
                 {0.3F, 0.4F},
                 kByHand,
                 U"drive|driving|road "
                 U"trip|roadtrip|travel|travelling|traveling|trip|vacation|holiday|sightseeing|flight|"
                 U"드라이브*|운전*|여행*|로드트립*|휴가*|관광*|나들이*|"
                 U"바캉스*|호캉스*"},
    MomentEffect{activity,
                 "a walk",
                 {0.3F, -0.1F},
                 kBryson,
                 U"walk|walks|walking|stroll*|hike|hiking|trekking|camping|fishing|gardening|dog "
                 U"walk|산책*|걷기*|걷는*|걸으*|걸을*|등산*|하이킹*|트레킹*|캠핑*|낚시*|"
                 U"차박*|불멍*|물멍*|꽃구경*|벚꽃*|단풍*"},
    MomentEffect{activity,
                 "hobbies",
                 {0.2F, 0},
                 kBryson,
                 U"cook|cooking|baking|painting|drawing|knitting|crafts|photography|shopping|gaming|game|"
                 U"games|요리*|베이킹*|그림*|뜨개질*|사진 찍*|쇼핑*|게임*|만들기*|"
                 U"공예*|피아노 치*"},
    MomentEffect{activity,
                 "a meal",
                 {0.2F, 0},
                 kKahneman,
                 U"eat|eating|breakfast|lunch|dinner|brunch|coffee|tea|meal|식사*|밥|밥 먹*|밥먹*|아침 "
                 U"먹*|점심*|저녁 먹*|저녁 식사|브런치*|커피*|차 마시*|디저트*|간식*"},
    MomentEffect{activity,
                 "thinking work",
                 {-0.1F, -0.4F},
                 kByHand,
                 U"study|studying|studies|homework|exam|exams|reading|read|book|coding|programming|writing|"
                 U"focus|focusing|concentrat*|공부*|시험*|과제*|독서*|책|책 읽*|"
                 U"책읽*|코딩*|개발*|글쓰기*|글 쓰*|집중*|논문*|필기*"},
    MomentEffect{activity,
                 "work",
                 {-0.3F, 0},
                 kBryson,
                 U"work|working|meeting|meetings|overtime|deadline|emails|presentation|일하*|업무*|근무*|"
                 U"회의*|야근*|마감*|발표*|출장*|보고서*|알바*"},
    MomentEffect{activity,
                 "chores and queues",
                 {-0.3F, -0.1F},
                 kBryson,
                 U"commute|commuting|housework|cleaning|chores|laundry|dishes|waiting|queue|queueing|moving "
                 U"house|출근*|퇴근*|통근*|통학*|등교*|집안일*|청소*|빨래*|"
                 U"설거지*|기다리*|대기*|줄 서*|줄서*|이사*"},
    MomentEffect{activity,
                 "rest",
                 {0.2F, -0.6F},
                 kByHand,
                 U"rest|resting|relax*|nap|napping|yoga|meditat*|bath|bathing|unwind*|chilling|lounging|"
                 U"massage|stretching|휴식*|쉬는*|쉬기*|쉬고*|쉴|낮잠*|요가*|명상*|"
                 U"목욕*|반신욕*|힐링*|멍때리*|멍 때리*|뒹굴*|스트레칭*|마사지*"},
    MomentEffect{
        activity,
        "sleep",
        {0, -0.8F},
        kByHand,
        U"sleep|sleeping|sleepy|bedtime|falling asleep|fall asleep|go to "
        U"bed|insomnia|lullaby|수면*|잠|잠들*|잠이*|잘 때|잘때|자기 전*|자기전*|자는*|취침*|자장가*|잠 안*|"
        U"불면*|꿀잠*"},
    MomentEffect{activity,
                 "being ill",
                 {-0.6F, -0.4F},
                 kBryson,
                 U"sick|ill|sick in bed|hospitalized|hospitalised|cold and "
                 U"fever|아프*|아픈*|아파서*|앓*|입원*|몸살*|감기*|병간호*"},
    MomentEffect{activity,
                 "mourning",
                 {-0.7F, -0.5F},
                 kByHand,
                 U"funeral|mourning|memorial service|장례*|조문*|추모*|성묘*"},
};

}  // namespace

std::span<const MomentEffect> moment_effects() {
    return kEffects;
}

const PhraseIndex& moment_index() {
    static const PhraseIndex kIndex = [] {
        PhraseIndex index;
        for (std::size_t row = 0; row < kEffects.size(); ++row)
            index.add(kEffects.at(row).words, row);
        return index;
    }();
    return kIndex;
}

}  // namespace bgm
