#include "workers/text/grave_words.hpp"

#include <array>

namespace bgm {
namespace {

using enum GraveRole;

constexpr std::u32string_view kKin =
    U"mom|mum|mother|mama|mommy|dad|daddy|father|papa|grandma|grandmother|grandpa|grandfather|granny|"
    U"gran|nana|brother|sister|son|daughter|baby|wife|husband|uncle|aunt|auntie|cousin|friend|friends|"
    U"grandad|granddad|grandparents|mam|fiance|fiancee|sis|bro|bestie|toddler|newborn|girls|mates|mate|"
    U"nephew|niece|child|children|kid|kids|family|families|neighbor|neighbour|parents|twin|partner|"
    U"boyfriend|girlfriend|student|students|teacher|coach|colleague|classmate|patient|patients|dog|"
    U"cat|puppy|kitten|pup|hamster|rabbit|horse|pet|엄마|아빠|어머니|아버지|어머님|아버님|할머니|할아버지|"
    U"엄빠|아가|막내|남동생|여동생|외삼촌|아저씨|애들|애|친정엄마|시어머니|장모님|단짝|베프|아이들이|"
    U"외할머니|외할아버지|할매|할배|"
    U"오빠|형|형님|누나|언니|동생|아들|딸|남편|아내|와이프|신랑|삼촌|이모|고모|조카|사촌|친구|친구들|아이|"
    U"아이들|아기|애기|부모님|가족|강아지|고양이|냥이|댕댕이|반려견|"
    U"반려묘|학생|학생들|선생님|스승님|은사님|동료|어르신|유가족";

constexpr std::u32string_view kPeople =
    U"girl|boy|man|woman|men|women|people|person|he|she|him|her|someone|somebody|everyone|passengers|"
    U"workers|soldiers|civilians|residents|사람|사람들|시민|주민|환자|승객|선원|그분|그이|피해자|they|them";

constexpr std::u32string_view kThing =
    U"phone|battery|laptop|computer|wifi|internet|diet|wallet|plant|plants|fern|cactus|houseplants|hairstyle|"
    U"account|"
    U"stocks|"
    U"휴대폰|핸드폰|폰|배터리|노트북|컴퓨터|컴|통장|지갑|계좌|주식|다이어트|월급|텅장|와이파이|멘탈|체력|"
    U"잔고|카드";

constexpr std::u32string_view kPet =
    U"dog|cat|puppy|kitten|pup|pups|puppies|kittens|hamster|rabbit|bunny|horse|pony|parrot|pet|dogs|cats|"
    U"pets|강아지|고양이|냥이|댕댕이|반려견|반려묘|길고양이|길냥이|토끼|햄스터|앵무새|개를|고양이를";

constexpr std::u32string_view kWarPlace =
    U"ukraine|kharkiv|kyiv|kiev|mariupol|bakhmut|odesa|odessa|kherson|donetsk|donbas|gaza|rafah|palestine|"
    U"lebanon|beirut|syria|aleppo|idlib|damascus|yemen|sudan|khartoum|darfur|afghanistan|kabul|myanmar|iraq|"
    U"mosul|baghdad|congo|goma|haiti|somalia|tigray|우크라이나|키이우|하르키우|마리우폴|가자지구|팔레스타인|"
    U"레바논|시리아|예멘|수단의|아프간|아프가니스탄|미얀마|이라크|바그다드";

constexpr std::array kWords{
    // What only sounds grave.
    GraveWords{mask, 0, 0,
               U"dead tired|dead serious|dead inside|dead on|dead heat|dead end|dead body am i|drop dead "
               U"gorgeous|i'm dead|im dead|i am "
               U"dead|i'm dying|im dying|dying to|dying for|to die for|die for|died laughing|dying "
               U"laughing|die laughing|dead from "
               U"laughing|died inside|die of laughter|to death|till death|death by chocolate|death "
               U"metal|death star|death note|death row "
               U"meal|do or die|die hard|never say die|deadline*|deadlift*|deadpan|drop dead|dying my "
               U"hair|dying her hair|dying his hair|"
               U"hair dying|tie dying|kill for|kill me|killing me|killed me|kills me|killing it|killed "
               U"it|kill it|killin it|killer|killing "
               U"time|kill time|kill bill|kill joy|killjoy|dressed to kill|you killed|she killed|he "
               U"killed|knock 'em dead|knock em dead|"
               U"murder a|could murder|was murder|is murder|murdered that|murdering my|murder "
               U"mystery|slay*|sick of|sick beat*|sick "
               U"drop|sick move*|so sick|lovesick|homesick|sick and tired|sick day|love sick|sick shot|sick "
               U"riff|the bomb|da bomb|bath "
               U"bomb*|bombed my|bombed the|bombed that|photobomb*|photo bomb*|bomb ass|f "
               U"bomb|bombshell|sugar bomb|shoot* our|shoot* "
               U"my|photo shoot*|photoshoot*|video shoot*|film shoot*|shooting a|shooting the|shooting "
               U"star*|shooting for|shooting "
               U"hoops|shot my best|shots fired|heart attack|cancer season|cancer zodiac|cancer sun|cancer "
               U"moon|cancer rising|cancers|"
               U"attack on|attack on titan|panic at|fever dream|saturday night fever|cabin fever|wedding "
               U"fever|spring fever|dance "
               U"fever|baby fever|bieber fever|fire mixtape|on fire|straight fire|fire pit|fire track|is "
               U"fire|so fire|flood of|flooded "
               U"with|drowning in|storm of|brainstorm*|by storm|taken by storm|a disaster|disaster zone|hot "
               U"mess|total massacre|massacre on|"
               U"got destroyed|destroyed in|destroyed them|destroyed me|crush on|man crush|crushed "
               U"it|crushed them|blew up|blowing up|"
               U"earthquake in my|train wreck|break a leg|fight for your|fight for my|fight for our|fighting "
               U"for my dream*|fighting "
               U"spirit|food fight|pillow fight|snowball fight|food coma|sugar coma|war of|star wars|god of "
               U"war|civil war movie|infinity "
               U"war|tug of war|war paint|price war|over my dead|graveyard shift|grave mistake|dig my own "
               U"grave|skeleton costume|"
               U"ghosted|suicide squad|suicide doors|stabbed me in the back|back stab*|backstab*|a stab "
               U"at|stab at|beat the|beats|drop* the "
               U"beat|blood orange|blood sugar|blood moon|bloody mary|bloody good|blood sweat|buried "
               U"in|buried under|buried every|rip "
               U"my|rip to my|rip off|rip current"},
    GraveWords{mask, 0, 0,
               U"죽을 만큼|죽을만큼|죽도록|죽을 듯|죽겠*|죽을 것 같이|죽는 줄|죽을 "
               U"뻔|죽을뻔|죽여준*|죽여주*|죽인다|죽이네|죽이는데|죽이지|"
               U"죽을 때까지|죽을때까지|죽기 전에|죽기전에|죽어도|죽어라|죽마고우|죽 한|죽을 먹*|죽 "
               U"먹*|호박죽|전복죽|죽어나*|죽었어 이제|"
               U"기죽*|풀 죽*|풀죽*|숨죽*|죽치*|죽이 맞*|죽음의 조|죽이 잘|웃겨 죽*|귀여워 죽*|배고파 "
               U"죽*|심심해 죽*|좋아 죽*|더워 죽*|추워 죽*|"
               U"졸려 죽*|웃겨서 죽*|보고 싶어 죽*|보고싶어 죽*|예뻐 죽*|미워 죽*|부러워 죽*|힘들어 "
               U"죽*|피곤해 죽*|아까워 죽*|궁금해 죽*|"
               U"못 살아|못살아|살인미소|살인적*|살인 미소|살인 더위|살인 물가|심장마비 올*|심장 마비 "
               U"올*|심쿵*|심장 폭격|심장 아프게|심장 어택|"
               U"폭탄 세일|폭탄세일|폭탄 할인|폭탄주|폭탄머리|세금 폭탄|물폭탄|꿀폭탄|폭탄 맞은|폭풍 "
               U"먹*|폭풍 성장|폭풍성장|폭풍 흡입|폭풍흡입|폭풍 "
               U"감동|폭풍 칭찬|폭풍 공감|폭풍 눈물|댓글 폭격|카톡 폭격|하트 폭격|눈물 홍수|정보의 "
               U"홍수|홍수처럼|재난 수준|재앙 수준|폭발 떡볶이|매력 폭발|인기 "
               U"폭발|귀여움 폭발|웃음 폭발|감성 폭발|매운맛 폭발|텐션 폭발|기대 폭발|총알배송|총알 "
               U"배송|총알택시|총알 택시|총알 장전|전쟁 같은|전쟁같은|육아 "
               U"전쟁|육아전쟁|입시 전쟁|입시전쟁|취업 전쟁|취업전쟁|출근 전쟁|출근전쟁|수강신청 전쟁|티켓팅 "
               U"전쟁|연애 전쟁|전쟁 뚫*|피 터지게|피터지게|피 튀기는|피땀|피 땀|"
               U"피 말리*|피 마르*|월요병|상사병|중2병|공주병|왕자병|도끼병|결정장애|선택장애|향수병|명절 "
               U"증후군|사고 싶*|사고싶*|사고 친*|사고 쳤*|사고치*|"
               U"사고뭉치|사고방식|사고력|암 그렇*|암튼|암만|암호|암벽|암막|암기*|눈에 넣어도|배 아파 낳*|뼈 "
               U"때리*|뼈때리*|뼈맞*|팩트 폭격|팩트폭격|팩트폭행|팩폭|"
               U"장례식장 분위기 ㅋ*|유산소*|유산균|유산 상속|문화유산*|세계유산*|세계 유산|문화 "
               U"유산|자연유산|실신각|기절각|사망각|사망 플래그|사망플래그|총 맞은 것처럼|"
               U"총 쏘는 게임|칼답|칼퇴*|칼군무|칼국수*|칼칼*|칼바람|공격수|공격 축구|폭력적으로 "
               U"맛*|폭력적인 맛|무너지는 텐션"},
    // Death.
    GraveWords{subject, kGraveDeath, 6,
               U"pass* away|passed peacefully|passed on peacefully|rest in peace|rest easy|rip "
               U"to|condolence*|in loving memory|memorial "
               U"service|obituary|gained an angel|got an angel|put _ to sleep|took his own life|took her own "
               U"life|took their own "
               U"life|taken his own life|lost his life|lost her life|lost their lives|lost their "
               U"life|stillborn|stillbirth|scatter* _ "
               U"ashes|the @kin we lost|baby we lost|died peacefully|died by suicide|committed suicide|laid "
               U"to rest|last breath|on life "
               U"support|death anniversary|anniversary of his death|anniversary of her death|anniversary of "
               U"_ death|celebration of "
               U"life|passing of|no longer with us|in lieu of flowers|gone too soon|rainbow bridge|time of "
               U"death|his passing|her passing"},
    GraveWords{subject, kGraveDeath, 4,
               U"rip|funeral*|eulogy|casket|coffin|cemetery|mourn*|grieving|grief|bereave*|deceased|widow*|"
               U"orphaned|suicide|in heaven|"
               U"was killed|were killed|been killed|killed in|found dead|lost my @kin|lost our @kin|lost his "
               U"@kin|lost her @kin|we lost "
               U"@kin|i lost @kin|losing my @kin|losing @kin|loss of @kin|loss of my @kin|loss of our "
               U"@kin|shot dead|dead at|dead after|dozens dead|"
               U"people dead|hundreds dead|thousands dead|burial|autopsy|coroner|never wake up again|without "
               U"you here|my late @kin|his "
               U"late @kin|her late @kin"},
    GraveWords{subject, kGraveDeath, 2,
               U"died|dies|dying|die|dead|death|deaths|grave|graves|ashes|buried|killed|we lost|gone "
               U"forever|coma|tomb|urn"},
    GraveWords{
        subject, kGraveDeath, 6,
        U"명복*|고인의|고인이|고인을|삼가|부고*|별세*|타계*|작고*|소천*|선종*|돌아가셨*|돌아가신*|돌아가시*|"
        U"세상을 떠*|세상 떠*|세상을 등*|세상을 "
        U"뜨*|하늘나라*|하늘로 떠*|하늘로 보*|하늘의 별이|별이 되*|별이 된*|무지개다리*|무지개 다리*|목숨을 "
        U"끊*|목숨을 잃*|목숨 잃*|극단적 선택*|극단적인 "
        U"선택*|떠나보냈*|떠나보내*|떠나 보내*|떠나 "
        U"보냈*|발인*|빈소*|조문*|문상*|영정*|입관*|납골당*|봉안당*|유골*|화장터*|추모공원*|임종*|운명하셨*|"
        U"숨을 "
        U"거두*|숨을 "
        U"거뒀*|숨졌*|숨진*|숨지*|순직*|전사자*|고독사*|유족*|상주로|부친상|모친상|조부상|조모상|장인상|"
        U"장모상|빙부상|빙모상|향년|"
        U"생을 마감*|유명을 달리*|기일|기일이*|산소에|성묘*|49재*|사십구재|삼우제|추도*|장지는|삼일장|먼저 "
        U"떠난|먼저 보낸"},
    GraveWords{subject, kGraveDeath, 4,
               U"장례*|사망*|추모*|국화 한|@kin 잃*|을 잃었|를 잃었|동생을 잃*|아들을 잃*|딸을 잃*|친구를 "
               U"잃*|가족을 잃*|엄마를 잃*|아빠를 잃*|자살*|유서*|"
               U"투신*|시신*|주검*|희생자*|유가족*|묘지*|무덤*|수의를|상복*|조의*|애도*|사산*"},
    GraveWords{subject, kGraveDeath, 2,
               U"죽었*|죽은|죽어*|죽음*|죽고|죽는*|죽이*|죽인*|떠난 지|떠나신 지|잃었*|잃은|곁을 "
               U"떠*|관에|상을 당*|상 치*|상을 치*"},
    // Illness, of the kind that is no everyday ailment.
    GraveWords{subject, kGraveIllness, 4,
               U"diagnosed "
               U"with|terminal*|cancer|tumor*|tumour*|malignant|metasta*|leukemia|leukaemia|lymphoma|chemo|"
               U"chemotherapy|"
               U"radiation therapy|icu|intensive care|life support|ventilator|intubat*|a stroke|had a "
               U"stroke|dementia|alzheimer*|"
               U"parkinson*|huntington*|hospice|palliative|miscarriage*|miscarried|suicidal|self "
               U"harm*|depression|bipolar|ptsd|eating "
               U"disorder|anorexia|bulimia|panic attack*|relapse*|overdose*|seizure*|epilepsy|sepsis|organ "
               U"failure|kidney failure|liver "
               U"failure|heart failure|dialysis|transplant|biopsy|stage four|stage 4|stage iv|stage "
               U"three|operating room|open heart|heart "
               U"surgery|brain surgery|emergency surgery|paralysed|paralyzed|amputat*|in a coma|nothing more "
               U"to do|days left|months to live|"
               U"weeks to live|chronic pain|cystic fibrosis|multiple sclerosis|schizophrenia|want to "
               U"die|wants to die|end it all|don't "
               U"want to live|psych ward|aneurysm|meningitis|ambulance|emergency room|life "
               U"threatening|critical condition"},
    GraveWords{subject, kGraveIllness, 2,
               U"hospital|hospitali*|surgery|ward|er|stroke|tests|illness|ill|sick|disease|symptoms|doctor|"
               U"doctors|medication|scans|"
               U"pneumonia|infection|fever|injured|wounded|heart attack|collapsed"},
    GraveWords{subject, kGraveIllness, 4,
               U"유방암*|위암*|폐암*|간암*|대장암*|췌장암*|갑상선암*|혈액암*|자궁암*|난소암*|전립선암*|"
               U"뇌종양*|종양*|암이|암에|암을|암으로|암 진단*|암 투병*|암세포*|말기암*|"
               U"말기 암*|암병동*|백혈병*|림프종*|항암*|방사선 "
               U"치료*|뇌졸중*|뇌출혈*|뇌경색*|심근경색*|심정지*|심폐소생*|중환자실*|치매*|알츠하이머*|"
               U"파킨슨*|루게릭*|"
               U"시한부*|투병*|호스피스*|전이되*|전이됐*|전이가|악성*|유산했*|유산이*|유산을 "
               U"겪*|계류유산*|조산*|우울증*|조울증*|공황장애*|공황 장애*|공황발작*|"
               U"거식증*|폭식증*|조현병*|불안장애*|외상후*|죽고 싶*|죽고싶*|살고 싶지 않*|살고싶지 "
               U"않*|사라지고 싶*|자해*|혼수상태*|의식이 없*|의식을 잃*|의식불명*|"
               U"인공호흡기*|산소호흡기*|위독*|수술실*|수술대*|응급수술*|응급 "
               U"수술*|응급실*|구급차*|앰뷸런스*|투석*|이식 수술*|이식을 기다*|골수 이식*|장기 이식*|간이식*|"
               U"패혈증*|마비가*|마비되*|하반신 "
               U"마비*|난치병*|희귀병*|불치병*|희귀질환*|병상*|병동*|정신과*|병세가*|쓰러지셨*|병마*|뇌사*|"
               U"식물인간*|경련*"},
    GraveWords{subject, kGraveIllness, 2,
               U"입원*|병원*|수술*|진단*|아프다*|아프시*|아파서*|병이*|병에*|병을*|앓*|쓰러졌*|쓰러져*|검사 "
               U"결과*|유산|부상*|중상*|다쳤*|다치*|증상*|의사*|고열*"},
    // Disaster.
    GraveWords{subject, kGraveDisaster, 4,
               U"earthquake*|aftershock*|hurricane*|typhoon*|tornado*|tsunami*|wildfire*|bushfire*|landslide*"
               U"|mudslide*|avalanche*|"
               U"flash flood*|flood waters|floodwater*|flooding|house burned down|home burned down|burned to "
               U"the ground|burned down|plane "
               U"crash*|plane crashed|helicopter crash*|train crash*|car crash|bus "
               U"crash*|derail*|shipwreck|ferry sank|boat capsized|"
               U"capsized|building collapse*|collapsed and|building collapsed|bridge "
               U"collapsed|rescuers|survivors|no survivors|death "
               U"toll|casualties|evacuat*|state of emergency|famine|refugee*|homes are gone|lost "
               U"everything|missing persons|feared "
               U"dead|feared trapped|trapped under|house fire|apartment fire|gas explosion|nuclear "
               U"accident|drought|volcanic eruption|"
               U"search and rescue|aid workers|relief camp|stampede|crowd crush"},
    GraveWords{subject, kGraveDisaster, 2,
               U"flood*|fire|explosion|crash|crashed|sank|collapsed|missing|rubble|disaster|catastrophe|"
               U"accident|shelter|storm"},
    GraveWords{subject, kGraveDisaster, 4,
               U"지진*|여진*|홍수*|수해*|산사태*|산불*|화재*|쓰나미*|해일*|태풍*|이재민*|수재민*|참사*|"
               U"세월호*|붕괴*|매몰*|침몰*|전복 사고*|추락해*|추락 "
               U"사고*|추락사고*|추락했*|탈선*|실종자*|실종됐*|실종되*|대피소*|대피 "
               U"중*|대피중*|대피했*|대피령*|피난*|난민*|가스 폭발*|가스폭발*|폭발 사고*|"
               U"압사*|사상자*|인명 피해*|인명피해*|생존자*|구조대*|수색 작업*|수색 중*|갇혀 "
               U"있*|갇힌*|휩쓸려*|휩쓸어*|다 타버*|전소*|불에 타*|잠기고|잠겼*|물에 "
               U"잠*|무너져 내*|기근*|가뭄*|재난 지역*|특별재난*|교통사고*|집이 무너*|마을이 "
               U"무너*|폭우로*|물난리*|전복*"},
    GraveWords{subject, kGraveDisaster, 2,
               U"사고로|사고가|사고를|무너졌*|무너진*|무너져*|실종*|폭발*|추락*|재난*|재해*|재앙*|불이 "
               U"나*|불이 났*|불길*|피해*"},
    // Violence.
    GraveWords{
        subject, kGraveViolence, 4,
        U"mass shooting*|school shooting*|a shooting at|shooting at|gunman|gunmen|gunfire|opened fire|shot "
        U"and killed|was shot|"
        U"were shot|got shot|stabbed|stabbing|murder|murdered|homicide|massacre*|genocide|terrorist*|terror "
        U"attack*|terrorism|bombing|"
        U"bombings|bombs fell|bombs are falling|bombed the city|air strike*|airstrike*|missile*|shelling|the "
        U"war|war crime*|war in|"
        U"war zone|invasion|raped|rape|rapist|sexual* assault*|sexual abuse|assaulted|molested|domestic "
        U"violence|domestic abuse|abusive "
        U"relationship|abusive husband|being beaten|beaten to|beat her|beat me|beats me|beats her|broke my "
        U"jaw|broke my ribs|broke "
        U"her jaw|hit me again|kidnapped|abducted|hostage*|tortured|lynch*|hate crime*|child "
        U"abuse|abused|gang violence|police "
        U"brutality|attacked the|was attacked|were attacked|shootings|executed|human trafficking|her body "
        U"in|his body in|body was found|bullied "
        U"me|being bullied|vigil"},
    GraveWords{subject, kGraveViolence, 2,
               U"shooting|shot|shots|attack|attacked|war|violence|violent|bomb|bombs|gun|guns|knife|weapon|"
               U"soldiers|beaten|abuse|"
               U"threatened|victims|victim|crime"},
    GraveWords{subject, kGraveViolence, 4,
               U"살인 사건*|살인사건*|살인범*|살인마*|살해*|피살*|총기*|총격*|총에 "
               U"맞*|총상*|난사*|흉기*|칼에 찔*|칼부림*|찔린*|찔렸*|묻지마*|테러*|폭격*|공습*|미사일*|"
               U"포격*|학살*|전쟁으로*|전쟁이*|전쟁에*|전쟁터*|전쟁을*|전쟁 "
               U"중*|내전*|침공*|발포*|학교폭력*|학교 폭력*|학폭*|가정폭력*|가정 폭력*|데이트폭력*|데이트 "
               U"폭력*|성폭행*|성폭력*|강간*|성추행*|성범죄*|강제추행*|폭행*|구타*|맞으며 산*|맞고 "
               U"살*|때려서*|때렸다|아동학대*|아동 학대*|학대*|동물학대*|스토킹*|납치*|"
               U"감금*|인질*|고문을*|고문당*|왕따*|집단 괴롭힘*|디지털성범죄*|불법촬영*|계엄군*|위안부*"},
    GraveWords{subject, kGraveViolence, 2,
               U"폭력*|살인*|전쟁*|총을|총으로|칼로|칼을|피해자*|괴롭힘*|때리*|맞았*|군인*|범인*|공격*"},
    // Who it is about, and grief.
    GraveWords{beside, kGraveAny, 2, U"@kin|@pet"},
    GraveWords{beside, kGraveAny, 1, U"@people"},
    GraveWords{beside, kGraveAny, 2,
               U"pray for|praying for|prayers|pray|thoughts and prayers|miss you|i "
               U"miss|heartbroken|heartbreaking|devastated|no words|crying|cried|"
               U"tears|can't speak|still can't believe|cruel|unbearable|tragic|tragedy|heavy heart*|numb|so "
               U"young|years old|years ago|forever in|"
               U"in my arms|they don't know why|don't know why|no change|taken everything|destroyed "
               U"half|three people|hundreds on board|town|village|city|neighbourhood|neighborhood|"
               U"기도*|눈물*|울었*|울고|오열*|보고 싶*|보고싶*|그립*|가슴이 무너*|가슴이 아프*|마음이 "
               U"무너*|마음이 아프*|슬프*|슬픔*|비통*|허망*|먹먹*|멍하*|실감이*|"
               U"안타깝*|위로*|열 명*|명이|명을|두 명*|세 명*|여러 명*|ㅠㅠ|뉴스*|마을*|동네*|십 년을|년을 "
               U"함께|원인을|연락을 받*|나이에|아무 말도"},
    // What makes light of it: laughter, games, fiction, things that cannot die; and, of illness, that it is
    // over.
    GraveWords{
        beside, kGraveAny, -4,
        U"lol|lmao|lmfao|rofl|haha*|hahaha*|hehe*|ㅋㅋ*|ㅎㅎ*|😂|🤣|😆|💀|xd|gg|@thing|영차|"
        U"개웃*"
        U"|"
        U"웃겨*"
        U"|웃김*|웃기*|꿀잼*|party|party!|costume|halloween|할로윈*|핼러윈*"},
    GraveWords{
        beside, kGraveAny, -6,
        U"movie*|film|films|episode*|season "
        U"finale|finale|anime|manga|webtoon*|novel|thriller|podcast|plot|plot twist|character*|boss|final "
        U"boss|respawn*|ranked|gameplay|game|games|video game|gaming|ps5|xbox|zombie*|netflix|sitcom|drama "
        U"series|k drama|kdrama|heist|horror|"
        U"fiction|escape "
        U"room|영화*|드라마*|웹툰*|소설*|만화*|애니*|게임*|보스*|레이드*|좀비*|주인공*|등장인물*|작가님*|"
        U"스포*|최종화*|막화*|회차*|넷플*|"
        U"배그*|롤 하*|롤에서*|오버워치*|배틀그라운드*|방탈출*|연극*|뮤지컬*|시즌 2*|추리*"},
    GraveWords{beside, kGraveIllness, -8,
               U"cancer free|in remission|remission|survivor|survivors|all clear|cured|fully "
               U"recovered|recovered|recovery went|recovering well|discharged|"
               U"going home|going home today|benign|negative|beat cancer|last chemo|rang the bell|baby girl "
               U"at|baby boy at|welcomed our|"
               U"gave birth|was born|new job|nurse at|nurse "
               U"school|nursing|volunteer*|graduated|완치*|퇴원*|회복*|이상 무|이상 없*|이상없*|음성*|양성 "
               U"종양|다행*|합격*|"
               U"태어났*|태어난*|출산*|순산*|건강하게*|건강검진*|호전*|나았*|다 나*|취업*|봉사*|실습*"},
    GraveWords{beside, kGraveAny, -2,
               U"haul|birthday|happy|excited|congrats|congratulations|yay|delicious|wedding|champion*|goal|"
               U"goals|concert|gig|dance|dancing|"
               U"파이팅*|화이팅*|맥주*|치맥*|치킨*|축하*|신나*|행복*|맛있*|맛집*|최고|대박*|꿀맛*|즐거*|재밌*"
               U"|재미있*"},
};

}  // namespace

std::span<const GraveWords> grave_words() {
    return kWords;
}

std::u32string_view grave_word_class(std::u32string_view name) {
    if (name == U"kin") return kKin;
    if (name == U"people") return kPeople;
    if (name == U"thing") return kThing;
    if (name == U"pet") return kPet;
    if (name == U"warplace") return kWarPlace;
    return {};
}

}  // namespace bgm
