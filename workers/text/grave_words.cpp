#include "workers/text/grave_words.hpp"

#include <array>

namespace bgm {
namespace {

using enum GraveRole;

constexpr std::u32string_view kKin =
    U"mom|mum|mother|mama|mommy|dad|daddy|father|papa|grandma|grandmother|grandpa|grandfather|granny|gran|"
    U"nana|brother|sister|son|daughter|baby|wife|husband|uncle|aunt|auntie|cousin|friend|friends|grandad|"
    U"granddad|grandparents|mam|fiance|fiancee|sis|bro|bestie|toddler|newborn|girls|mates|mate|nephew|niece|"
    U"child|children|kid|kids|family|families|neighbor|neighbour|parents|twin|partner|boyfriend|girlfriend|"
    U"student|students|teacher|coach|colleague|classmate|patient|patients|dog|cat|puppy|kitten|pup|hamster|"
    U"rabbit|horse|pet|엄마|아빠|어머니|아버지|어머님|아버님|할머니|할아버지|엄빠|아가|막내|남동생|여동생|"
    U"외삼촌|아저씨|애들|애|친정엄마|시어머니|장모님|단짝|베프|아이들이|외할머니|외할아버지|할매|할배|오빠|"
    U"형|형님|누나|언니|동생|아들|딸|남편|아내|와이프|신랑|삼촌|이모|고모|조카|사촌|친구|친구들|아이|아이들|"
    U"아기|애기|부모님|가족|강아지|고양이|냥이|댕댕이|반려견|반려묘|학생|학생들|선생님|스승님|은사님|동료|"
    U"어르신|유가족";

constexpr std::u32string_view kPeople =
    U"girl|boy|man|woman|men|women|people|person|he|she|him|her|someone|somebody|everyone|passengers|workers|"
    U"soldiers|civilians|residents|teenagers|teens|teen|teenager|pupils|pupil|tourists|tourist|hikers|hiker|"
    U"climbers|pedestrian|cyclist|motorcyclist|infant|villagers|refugees|miners|sailors|crew|pilot|"
    U"firefighters|10대|초등생|중학생|고교생|여고생|관광객|등산객|보행자|운전자|근로자|노동자|조종사|아동|"
    U"영아|노인|사람|사람들|시민|주민|환자|승객|선원|그분|그이|피해자|they|them";

constexpr std::u32string_view kThing =
    U"phone|battery|laptop|computer|wifi|internet|diet|wallet|plant|plants|fern|cactus|houseplants|hairstyle|"
    U"account|stocks|휴대폰|핸드폰|폰|배터리|노트북|컴퓨터|컴|통장|지갑|계좌|주식|다이어트|월급|텅장|"
    U"와이파이|멘탈|체력|잔고|카드";

constexpr std::u32string_view kPet =
    U"dog|cat|puppy|kitten|pup|pups|puppies|kittens|hamster|rabbit|bunny|horse|pony|parrot|pet|dogs|cats|"
    U"pets|강아지|고양이|냥이|댕댕이|반려견|반려묘|길고양이|고양이들|강아지들|길고양이들|금붕어|goldfish|"
    U"길냥이|토끼|햄스터|앵무새|개를|고양이를";

constexpr std::u32string_view kWarPlace =
    U"ukraine|kharkiv|kyiv|kiev|mariupol|bakhmut|odesa|odessa|kherson|donetsk|donbas|gaza|rafah|palestine|"
    U"lebanon|beirut|syria|aleppo|idlib|damascus|yemen|sudan|khartoum|darfur|afghanistan|kabul|myanmar|iraq|"
    U"mosul|baghdad|congo|goma|haiti|somalia|tigray|우크라이나|키이우|하르키우|마리우폴|가자지구|팔레스타인|"
    U"레바논|시리아|예멘|수단의|아프간|아프가니스탄|미얀마|알레포|다마스쿠스|라파|베이루트|하르툼|카불|양곤|"
    U"모술|헤르손|도네츠크|오데사|이라크|바그다드";

constexpr std::u32string_view kHome =
    U"house|home|houses|homes|town|village|school|building|church|apartment|neighbourhood|neighborhood|block|"
    U"roof|bridge|tower|hotel|factory|mine|stadium|farm|barn|dam|집이|집도|동네|마을|학교|건물|교회|아파트|"
    U"지붕|공장|상가|시장|병원|호텔|주택|농장|축사|비닐하우스";

constexpr std::u32string_view kRuin =
    U"burned|burnt|burns|burning|collapsed|collapses|destroyed|flattened|flooded|crumbled|caved|exploded|"
    U"탔다|탔어*|탔습*|타버*|불탔*|불타*|무너졌*|무너져*|무너진*|무너질*|무너지*|무너*|잠겼*|잠긴*|잠겨*|"
    U"쓸려*|떠내려*|침수*|붕괴*|전소*";

constexpr std::u32string_view kMan =
    U"he|boyfriend|husband|father|dad|stepdad|stepfather|mom|mum|mother|stepmother|ex|boss|wife|girlfriend|"
    U"uncle|brother|coach|teacher|they|someone|somebody|man|partner|landlord|stranger|guy|cop|cops|police|"
    U"neighbour|neighbor|classmates|kids|boys|girls|she";

constexpr std::u32string_view kHurt =
    U"hit|hits|beat|beats|punched|punches|slapped|slaps|kicked|kicks|choked|chokes|shoved|shoves|pushed|"
    U"pushes|strangled|dragged|grabbed|grabs|raped|molested|groped|drugged|assaulted|attacked|stabbed|"
    U"threatened|cornered|mugged|robbed|hurts|whipped|burned";

constexpr std::u32string_view kHarm =
    U"burned|burnt|beat|beats|beating|kicked|kicking|poisoned|poisoning|shot|killed|tortured|starved|drowned|"
    U"abused|hanged|dumped|strangled|stabbed|skinned|hangs|chained|beats|kicks|whips|mutilated|abandoned";

constexpr std::u32string_view kNum =
    U"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|twenty|thirty|"
    U"forty|fifty|dozen|dozens|hundreds|scores|thousands|several";

constexpr std::array kWords{
    // What only sounds grave.
    GraveWords{
        mask, 0, 0,
        U"dead tired|dead serious|dead inside|dead on|dead heat|dead end|dead body am i|drop dead "
        U"gorgeous|i'm dead|im dead|i am dead|i'm dying|im dying|dying to|dying for|to die for|die for|died "
        U"laughing|dying laughing|die laughing|dead from laughing|died inside|die of laughter|to death|till "
        U"death|death by chocolate|death metal|death star|death note|death row meal|do or die|die hard|never "
        U"say die|deadline*|deadlift*|deadpan|drop dead|dying my hair|dying her hair|dying his hair|hair "
        U"dying|tie dying|kill for|kill me|killing me|killed me|kills me|killing it|killed it|kill it|killin "
        U"it|killer|killing time|kill time|kill bill|kill joy|killjoy|dressed to kill|you killed|she "
        U"killed|he killed|knock 'em dead|knock em dead|murder a|could murder|was murder|is murder|murdered "
        U"that|murdering my|murder mystery|slay*|sick of|sick beat*|sick drop|sick move*|so "
        U"sick|lovesick|homesick|sick and tired|sick day|love sick|sick shot|sick riff|the bomb|da bomb|bath "
        U"bomb*|bombed my|bombed the|bombed that|photobomb*|photo bomb*|bomb ass|f bomb|bombshell|sugar "
        U"bomb|shoot* our|shoot* my|photo shoot*|photoshoot*|video shoot*|film shoot*|shooting a|shooting "
        U"the|shooting star*|shooting for|shooting hoops|shot my best|shots fired|heart attack|cancer "
        U"season|cancer zodiac|cancer sun|cancer moon|cancer rising|cancers|attack on titan|panic at|fever "
        U"dream|saturday night fever|cabin fever|wedding fever|spring fever|dance fever|baby fever|bieber "
        U"fever|fire mixtape|on fire|straight fire|fire pit|fire track|is fire|so fire|flood of|flooded "
        U"with|drowning in|storm of|brainstorm*|by storm|taken by storm|a disaster|disaster zone|hot "
        U"mess|total massacre|massacre on|got destroyed|destroyed in|destroyed them|destroyed me|crush "
        U"on|man crush|crushed it|crushed them|blew up|blowing up|earthquake in my|train wreck|break a "
        U"leg|fight for your|fight for my|fight for our|fighting for my dream*|fighting spirit|food "
        U"fight|pillow fight|snowball fight|food coma|sugar coma|war of|star wars|god of war|civil war "
        U"movie|infinity war|tug of war|war paint|price war|over my dead|graveyard shift|grave mistake|dig "
        U"my own grave|skeleton costume|ghosted|suicide squad|suicide doors|stabbed me in the back|back "
        U"stab*|backstab*|a stab at|stab at|beat the|beats|drop* the beat|blood orange|blood sugar|blood "
        U"moon|bloody mary|bloody good|blood sweat|buried in|buried under|buried every|rip my|rip to my|rip "
        U"off|rip current"},
    GraveWords{
        mask, 0, 0,
        U"죽을 만큼|죽을만큼|죽도록|죽을 듯|죽겠*|죽을 것 같이|죽는 줄|죽을 "
        U"뻔|죽을뻔|죽여준*|죽여주*|죽인다|죽이네|죽이는데|죽이지|죽을 때까지|죽을때까지|죽기 "
        U"전에|죽기전에|죽어도|죽어라|죽마고우|죽 한|죽을 먹*|죽 먹*|호박죽|전복죽|죽어나*|죽었어 "
        U"이제|기죽*|풀 죽*|풀죽*|숨죽*|죽치*|죽이 맞*|죽음의 조|죽이 잘|웃겨 죽*|귀여워 죽*|배고파 "
        U"죽*|심심해 죽*|좋아 죽*|더워 죽*|추워 죽*|졸려 죽*|웃겨서 죽*|보고 싶어 죽*|보고싶어 죽*|예뻐 "
        U"죽*|미워 죽*|부러워 죽*|힘들어 죽*|피곤해 죽*|아까워 죽*|궁금해 죽*|못 "
        U"살아|못살아|살인미소|살인적*|살인 미소|살인 더위|살인 물가|심장마비 올*|심장 마비 올*|심쿵*|심장 "
        U"폭격|심장 아프게|심장 어택|폭탄 세일|폭탄세일|폭탄 할인|폭탄주|폭탄머리|세금 "
        U"폭탄|물폭탄|꿀폭탄|폭탄 맞은|폭풍 먹*|폭풍 성장|폭풍성장|폭풍 흡입|폭풍흡입|폭풍 감동|폭풍 "
        U"칭찬|폭풍 공감|폭풍 눈물|댓글 폭격|카톡 폭격|하트 폭격|눈물 홍수|정보의 홍수|홍수처럼|재난 "
        U"수준|재앙 수준|폭발 떡볶이|매력 폭발|인기 폭발|귀여움 폭발|웃음 폭발|감성 폭발|매운맛 폭발|텐션 "
        U"폭발|기대 폭발|총알배송|총알 배송|총알택시|총알 택시|총알 장전|전쟁 같은|전쟁같은|육아 "
        U"전쟁|육아전쟁|입시 전쟁|입시전쟁|취업 전쟁|취업전쟁|출근 전쟁|출근전쟁|수강신청 전쟁|티켓팅 "
        U"전쟁|연애 전쟁|전쟁 뚫*|피 터지게|피터지게|피 튀기는|피땀|피 땀|피 말리*|피 "
        U"마르*|월요병|상사병|중2병|공주병|왕자병|도끼병|결정장애|선택장애|향수병|명절 증후군|사고 "
        U"싶*|사고싶*|사고 친*|사고 쳤*|사고치*|사고뭉치|사고방식|사고력|암 "
        U"그렇*|암튼|암만|암호|암벽|암막|암기*|눈에 넣어도|배 아파 낳*|뼈 때리*|뼈때리*|뼈맞*|팩트 "
        U"폭격|팩트폭격|팩트폭행|팩폭|장례식장 분위기 ㅋ*|유산소*|유산균|유산 상속|문화유산*|세계유산*|세계 "
        U"유산|문화 유산|자연유산|실신각|기절각|사망각|사망 플래그|사망플래그|총 맞은 것처럼|총 쏘는 "
        U"게임|칼답|칼퇴*|칼군무|칼국수*|칼칼*|칼바람|공격수|공격 축구|폭력적으로 맛*|폭력적인 맛|무너지는 "
        U"텐션"},
    // Death.
    GraveWords{subject, kGraveDeath, 6,
               U"pass* away|passed peacefully|passed on peacefully|rest in peace|rest easy|rip "
               U"to|condolence*|in loving memory|memorial service|obituary|gained an angel|got an angel|put "
               U"_ to sleep|took his own life|took her own life|took their own life|taken his own life|lost "
               U"his life|lost her life|lost their lives|lost their life|stillborn|stillbirth|scatter* _ "
               U"ashes|the @kin we lost|baby we lost|died peacefully|died by suicide|committed suicide|laid "
               U"to rest|last breath|on life support|death anniversary|anniversary of his death|anniversary "
               U"of her death|anniversary of _ death|celebration of life|passing of|no longer with us|in "
               U"lieu of flowers|gone too soon|rainbow bridge|time of death|his passing|her passing"},
    GraveWords{subject, kGraveDeath, 4,
               U"rip|funeral*|eulogy|casket|coffin|cemetery|mourn*|grieving|grief|bereave*|deceased|widow*|"
               U"orphaned|suicide|in heaven|was killed|were killed|been killed|killed in|found dead|lost my "
               U"@kin|lost our @kin|lost his @kin|lost her @kin|we lost @kin|i lost @kin|losing my "
               U"@kin|losing @kin|loss of @kin|loss of my @kin|loss of our @kin|shot dead|dead at|dead "
               U"after|dozens dead|people dead|hundreds dead|thousands dead|burial|autopsy|coroner|never "
               U"wake up again|without you here|my late @kin|his late @kin|her late @kin"},
    GraveWords{subject, kGraveDeath, 2,
               U"died|dies|dying|die|dead|death|deaths|grave|graves|ashes|buried|killed|we lost|gone "
               U"forever|coma|tomb|urn"},
    GraveWords{
        subject, kGraveDeath, 6,
        U"명복*|고인의|고인이|고인을|삼가|부고*|별세*|타계*|작고*|소천*|선종*|돌아가셨*|돌아가신*|돌아가시*|"
        U"세상을 떠*|세상 떠*|세상을 등*|세상을 뜨*|하늘나라*|하늘로 떠*|하늘로 보*|하늘의 별이|별이 "
        U"되*|별이 된*|무지개다리*|무지개 다리*|목숨을 끊*|목숨을 잃*|목숨 잃*|극단적 선택*|극단적인 "
        U"선택*|떠나보냈*|떠나보내*|떠나 보내*|떠나 "
        U"보냈*|발인*|빈소*|조문*|문상*|영정*|입관*|납골당*|봉안당*|유골*|화장터*|추모공원*|임종*|운명하셨*|"
        U"숨을 거두*|숨을 "
        U"거뒀*|숨졌*|숨진*|숨지*|순직*|전사자*|고독사*|유족*|상주로|부친상|모친상|조부상|조모상|장인상|"
        U"장모상|빙부상|빙모상|향년|생을 마감*|유명을 "
        U"달리*|기일|기일이*|산소에|성묘*|49재*|사십구재|삼우제|추도*|장지는|삼일장|먼저 떠난|먼저 보낸"},
    GraveWords{
        subject, kGraveDeath, 4,
        U"장례*|사망*|추모*|국화 한|@kin 잃*|을 잃었|를 잃었|동생을 잃*|아들을 잃*|딸을 잃*|친구를 "
        U"잃*|가족을 잃*|엄마를 잃*|아빠를 "
        U"잃*|자살*|유서*|투신*|시신*|주검*|희생자*|유가족*|묘지*|무덤*|수의를|상복*|조의*|애도*|사산*"},
    GraveWords{subject, kGraveDeath, 2,
               U"죽었*|죽은|죽어*|죽음*|죽고|죽는*|죽이*|죽인*|떠난 지|떠나신 지|잃었*|잃은|곁을 "
               U"떠*|관에|상을 당*|상 치*|상을 치*"},
    // Illness, of the kind that is no everyday ailment.
    GraveWords{
        subject, kGraveIllness, 4,
        U"diagnosed "
        U"with|terminal*|cancer|tumor*|tumour*|malignant|metasta*|leukemia|leukaemia|lymphoma|chemo|"
        U"chemotherapy|radiation therapy|icu|intensive care|life support|ventilator|intubat*|a stroke|had a "
        U"stroke|dementia|alzheimer*|parkinson*|huntington*|hospice|palliative|miscarriage*|miscarried|"
        U"suicidal|self harm*|depression|bipolar|ptsd|eating disorder|anorexia|bulimia|panic "
        U"attack*|relapse*|overdose*|seizure*|epilepsy|sepsis|organ failure|kidney failure|liver "
        U"failure|heart failure|dialysis|transplant|biopsy|stage four|stage 4|stage iv|stage three|operating "
        U"room|open heart|heart surgery|brain surgery|emergency surgery|paralysed|paralyzed|amputat*|in a "
        U"coma|nothing more to do|days left|months to live|weeks to live|chronic pain|cystic "
        U"fibrosis|multiple sclerosis|schizophrenia|want to die|wants to die|end it all|don't want to "
        U"live|psych ward|aneurysm|meningitis|ambulance|emergency room|life threatening|critical condition"},
    GraveWords{subject, kGraveIllness, 2,
               U"hospital|hospitali*|surgery|ward|er|stroke|tests|illness|ill|sick|disease|symptoms|doctor|"
               U"doctors|medication|scans|pneumonia|infection|fever|injured|wounded|heart attack|collapsed"},
    GraveWords{subject, kGraveIllness, 4,
               U"유방암*|위암*|폐암*|간암*|대장암*|췌장암*|갑상선암*|혈액암*|자궁암*|난소암*|전립선암*|"
               U"뇌종양*|종양*|암이|암에|암을|암으로|암 진단*|암 투병*|암세포*|말기암*|말기 "
               U"암*|암병동*|백혈병*|림프종*|항암*|방사선 "
               U"치료*|뇌졸중*|뇌출혈*|뇌경색*|심근경색*|심정지*|심폐소생*|중환자실*|치매*|알츠하이머*|"
               U"파킨슨*|루게릭*|시한부*|투병*|호스피스*|전이되*|전이됐*|전이가|악성*|유산했*|유산이*|유산을 "
               U"겪*|계류유산*|조산*|우울증*|조울증*|공황장애*|공황 "
               U"장애*|공황발작*|거식증*|폭식증*|조현병*|불안장애*|외상후*|죽고 싶*|죽고싶*|살고 싶지 "
               U"않*|살고싶지 않*|사라지고 싶*|자해*|혼수상태*|의식이 없*|의식을 "
               U"잃*|의식불명*|인공호흡기*|산소호흡기*|위독*|수술실*|수술대*|응급수술*|응급 "
               U"수술*|응급실*|구급차*|앰뷸런스*|투석*|이식 수술*|이식을 기다*|골수 이식*|장기 "
               U"이식*|간이식*|패혈증*|마비가*|마비되*|하반신 "
               U"마비*|난치병*|희귀병*|불치병*|희귀질환*|병상*|병동*|정신과*|병세가*|쓰러지셨*|병마*|뇌사*|"
               U"식물인간*|경련*"},
    GraveWords{subject, kGraveIllness, 2,
               U"입원*|병원*|수술*|진단*|아프다*|아프시*|아파서*|병이*|병에*|병을*|앓*|쓰러졌*|쓰러져*|검사 "
               U"결과*|유산|부상*|중상*|다쳤*|다치*|증상*|의사*|고열*"},
    // Disaster.
    GraveWords{
        subject, kGraveDisaster, 4,
        U"earthquake*|aftershock*|hurricane*|typhoon*|tornado*|tsunami*|wildfire*|bushfire*|landslide*|"
        U"mudslide*|avalanche*|flash flood*|flood waters|floodwater*|flooding|house burned down|home burned "
        U"down|burned to the ground|burned down|plane crash*|plane crashed|helicopter crash*|train "
        U"crash*|car crash|bus crash*|derail*|shipwreck|ferry sank|boat capsized|capsized|building "
        U"collapse*|collapsed and|building collapsed|bridge collapsed|rescuers|survivors|no survivors|death "
        U"toll|casualties|evacuat*|state of emergency|famine|refugee*|homes are gone|lost everything|missing "
        U"persons|feared dead|feared trapped|trapped under|house fire|apartment fire|gas explosion|nuclear "
        U"accident|drought|volcanic eruption|search and rescue|aid workers|relief camp|stampede|crowd crush"},
    GraveWords{subject, kGraveDisaster, 2,
               U"flood*|fire|explosion|crash|crashed|sank|collapsed|missing|rubble|disaster|catastrophe|"
               U"accident|shelter|storm"},
    GraveWords{subject, kGraveDisaster, 4,
               U"지진*|여진*|홍수*|수해*|산사태*|산불*|화재*|쓰나미*|해일*|태풍*|이재민*|수재민*|참사*|"
               U"세월호*|붕괴*|매몰*|침몰*|전복 사고*|추락해*|추락 "
               U"사고*|추락사고*|추락했*|탈선*|실종자*|실종됐*|실종되*|대피소*|대피 "
               U"중*|대피중*|대피했*|대피령*|피난*|난민*|가스 폭발*|가스폭발*|폭발 사고*|압사*|사상자*|인명 "
               U"피해*|인명피해*|생존자*|구조대*|수색 작업*|수색 중*|갇혀 있*|갇힌*|휩쓸려*|휩쓸어*|다 "
               U"타버*|전소*|불에 타*|잠기고|잠겼*|물에 잠*|무너져 내*|기근*|가뭄*|재난 "
               U"지역*|특별재난*|교통사고*|집이 무너*|마을이 무너*|폭우로*|물난리*|전복*"},
    GraveWords{subject, kGraveDisaster, 2,
               U"사고로|사고가|사고를|무너졌*|무너진*|무너져*|실종*|폭발*|추락*|재난*|재해*|재앙*|불이 "
               U"나*|불이 났*|불길*|피해*"},
    // Violence.
    GraveWords{subject, kGraveViolence, 4,
               U"mass shooting*|school shooting*|a shooting at|shooting at|gunman|gunmen|gunfire|opened "
               U"fire|shot and killed|was shot|were shot|got "
               U"shot|stabbed|stabbing|murder|murdered|homicide|massacre*|genocide|terrorist*|terror "
               U"attack*|terrorism|bombing|bombings|bombs fell|bombs are falling|bombed the city|air "
               U"strike*|airstrike*|missile*|shelling|the war|war crime*|war in|war "
               U"zone|invasion|raped|rape|rapist|sexual* assault*|sexual abuse|assaulted|molested|domestic "
               U"violence|domestic abuse|abusive relationship|abusive husband|being beaten|beaten to|beat "
               U"her|beat me|beats me|beats her|broke my jaw|broke my ribs|broke her jaw|hit me "
               U"again|kidnapped|abducted|hostage*|tortured|lynch*|hate crime*|child abuse|abused|gang "
               U"violence|police brutality|attacked the|was attacked|were attacked|shootings|executed|human "
               U"trafficking|her body in|his body in|body was found|bullied me|being bullied|vigil"},
    GraveWords{subject, kGraveViolence, 2,
               U"shooting|shot|shots|attack|attacked|war|violence|violent|bomb|bombs|gun|guns|knife|weapon|"
               U"soldiers|beaten|abuse|threatened|victims|victim|crime"},
    GraveWords{
        subject, kGraveViolence, 4,
        U"살인 사건*|살인사건*|살인범*|살인마*|살해*|피살*|총기*|총격*|총에 맞*|총상*|난사*|흉기*|칼에 "
        U"찔*|칼부림*|찔린*|찔렸*|묻지마*|테러*|폭격*|공습*|미사일*|포격*|학살*|전쟁으로*|전쟁이*|전쟁에*|"
        U"전쟁터*|전쟁을*|전쟁 중*|내전*|침공*|발포*|학교폭력*|학교 폭력*|학폭*|가정폭력*|가정 "
        U"폭력*|데이트폭력*|데이트 폭력*|성폭행*|성폭력*|강간*|성추행*|성범죄*|강제추행*|폭행*|구타*|맞으며 "
        U"산*|맞고 살*|때려서*|때렸다|아동학대*|아동 "
        U"학대*|학대*|동물학대*|스토킹*|납치*|감금*|인질*|고문을*|고문당*|왕따*|집단 "
        U"괴롭힘*|디지털성범죄*|불법촬영*|계엄군*|위안부*"},
    GraveWords{subject, kGraveViolence, 2,
               U"폭력*|살인*|전쟁*|총을|총으로|칼로|칼을|피해자*|괴롭힘*|때리*|맞았*|군인*|범인*|공격*"},
    // Who it is about, and grief.
    GraveWords{beside, kGraveAny, 2, U"@kin|@pet"},
    GraveWords{beside, kGraveAny, 1, U"@people"},
    GraveWords{beside, kGraveAny, 2,
               U"pray for|praying for|prayers|pray|thoughts and prayers|miss you|i "
               U"miss|heartbroken|heartbreaking|devastated|no words|crying|cried|tears|can't speak|still "
               U"can't believe|cruel|unbearable|tragic|tragedy|heavy heart*|numb|so young|years old|years "
               U"ago|forever in|in my arms|they don't know why|don't know why|no change|taken "
               U"everything|destroyed half|three people|hundreds on "
               U"board|town|village|city|neighbourhood|neighborhood|기도*|눈물*|울었*|울고|오열*|보고 "
               U"싶*|보고싶*|그립*|가슴이 무너*|가슴이 아프*|마음이 무너*|마음이 "
               U"아프*|슬프*|슬픔*|비통*|허망*|먹먹*|멍하*|실감이*|안타깝*|위로*|열 명*|명이|명을|두 명*|세 "
               U"명*|여러 명*|ㅠㅠ|뉴스*|마을*|동네*|십 년을|년을 함께|원인을|연락을 받*|나이에|아무 말도"},
    // What makes light of it: laughter, games, fiction, things that cannot die; and, of illness, that it is
    // over.
    GraveWords{beside, kGraveAny, -2, U"@thing"},
    GraveWords{beside, kGraveAny, -4, U"😂|🤣|😆|💀"},
    GraveWords{beside, kGraveAny, -4,
               U"lol|lmao|lmfao|rofl|haha*|hahaha*|hehe*|ㅋㅋ*|ㅎㅎ*|xd|gg|영차|개웃*|웃겨*|웃김*|웃기*|"
               U"꿀잼*|party|costume|halloween|할로윈*|핼러윈*"},
    GraveWords{
        beside, kGraveAny, -6,
        U"movie*|film|films|episode*|season "
        U"finale|finale|anime|manga|webtoon*|novel|thriller|podcast|plot|plot twist|character*|boss|final "
        U"boss|respawn*|ranked|gameplay|game|games|video game|gaming|ps5|xbox|zombie*|netflix|sitcom|drama "
        U"series|k drama|kdrama|heist|horror|fiction|escape "
        U"room|영화*|드라마*|웹툰*|소설*|만화*|애니*|게임*|보스*|레이드*|좀비*|주인공*|등장인물*|작가님*|"
        U"스포*|최종화*|막화*|회차*|넷플*|배그*|롤 "
        U"하*|롤에서*|오버워치*|배틀그라운드*|방탈출*|연극*|뮤지컬*|시즌 2*|추리*"},
    GraveWords{beside, kGraveIllness, -8,
               U"cancer free|in remission|remission|survivor|survivors|all clear|cured|fully "
               U"recovered|recovered|recovery went|recovering well|discharged|going home|going home "
               U"today|benign|negative|beat cancer|last chemo|rang the bell|baby girl at|baby boy "
               U"at|welcomed our|gave birth|was born|new job|nurse at|nurse "
               U"school|nursing|volunteer*|graduated|완치*|퇴원*|회복*|이상 무|이상 없*|이상없*|음성*|양성 "
               U"종양|다행*|합격*|태어났*|태어난*|출산*|순산*|건강하게*|건강검진*|호전*|나았*|다 "
               U"나*|취업*|봉사*|실습*"},
    GraveWords{beside, kGraveAny, -2,
               U"haul|birthday|happy|excited|congrats|congratulations|yay|delicious|wedding|champion*|goal|"
               U"goals|concert|gig|dance|dancing|파이팅*|화이팅*|맥주*|치맥*|치킨*|축하*|신나*|행복*|맛있*|"
               U"맛집*|최고|대박*|꿀맛*|즐거*|재밌*|재미있*"},
};

}  // namespace

std::span<const GraveWords> grave_words() {
    return kWords;
}

std::u32string_view grave_word_class(std::u32string_view name) {
    if (name == U"kin") return kKin;
    if (name == U"people") return kPeople;
    if (name == U"thing") return kThing;
    if (name == U"home") return kHome;
    if (name == U"ruin") return kRuin;
    if (name == U"man") return kMan;
    if (name == U"hurt") return kHurt;
    if (name == U"harm") return kHarm;
    if (name == U"num") return kNum;
    if (name == U"pet") return kPet;
    if (name == U"warplace") return kWarPlace;
    return {};
}

}  // namespace bgm
