#include <array>

#include "workers/text/grave_words.hpp"

namespace bgm {
namespace {

using enum GraveRole;

constexpr std::uint8_t kLoss = kGraveDeath | kGraveIllness;
constexpr std::uint8_t kHarm = kGraveDeath | kGraveDisaster | kGraveViolence;
constexpr std::uint8_t kWar = kGraveDisaster | kGraveViolence;

constexpr std::array kTurns{
    // What only sounds grave.
    GraveWords{
        mask, 0, 0,
        U"passed the|a wake up|the wake up|her wake up|his wake up|memorial day|memorial hospital|memorial "
        U"park|summer bodies|our bodies|beach bodies|buried her face|buried his face|@thing died|@thing has "
        U"died|@thing just died|@thing finally died|@thing almost died|@thing nearly died|@thing died on "
        U"me|i died|i just died|i literally died|i almost died|i nearly died|i died when|nearly died|almost "
        U"died|breathe laughing|breathe from laughing|hit me up|hit me with|hit me like|hit me that|hit me "
        U"hard|song hits|hits different|laughing _ can't breathe|sea shells|go outside|crashed into "
        U"bed|rescue dog|rescue cat|drowned in|drowned my|nearly drowned in|passed his|passed her|passed "
        U"my|passed our|passed _ exam|passed _ test|passed with|passed out|passed by|passed me|passed "
        U"it|left us with|left us speechless|left us the|left us in|left us wanting|make it to|make it on "
        U"time|make it in time|make it into|in the wake of|death valley|black death|death on the "
        U"nile|walking dead|dead to me|is dead long live|killed off|ladykiller*|lady "
        U"killer|bloodbath|lethal|buried my face|buried my nose|buried myself in|buried treasure|stabbed "
        U"my|stabbed the|stabbed a|is a war crime|is a crime|be a crime|tsunami of|tornado of|avalanche "
        U"of|hurricane of|earthquake of|explosion of|landslide victory|landslide win|murdered them|murdered "
        U"us|murdered this|murdered that|slaughtered|massacred them|massacred us|cemetery tour*|graveyard "
        U"tour*|doctor who|doctor strange|doctor sleep|blood drive|blood donation|donated blood|cut myself "
        U"shaving|cut myself on|cut myself a|cut myself some|cut myself while|days left until|days left "
        U"till|days left to|days left for|days left of|weeks left until|weeks left to|months left "
        U"until|crime and punishment|war and peace|hunger games|cold war|star war|fire drill*|fire "
        U"alarm|bomb threat drill|shot down when|shot under par|three under|shot of|shots of|flu shot|shot "
        U"from|what a shot|free throw*|took a shot|give it a shot|long shot|slap shot|screenshot*|blew my "
        U"mind|blown away|explod* in the microwave|killer app|killer heels|killer look|lady gaga|stalking "
        U"his insta*|stalking her insta*|stalked his|stalked her|insta stalk*|stalking my crush|followed me "
        U"back|photo bomb|bath bombs|dead sea|dead weight|deadly good|died and went to heaven|die happy|died "
        U"a little|die of embarrassment|died of embarrassment|died of cringe|dying of boredom|die of "
        U"boredom|bored to death|starving for|i'm starving|im starving|so starving|dead battery|battery "
        U"died|phone died|car died|sun is killing|heat is killing|killing my|roast* me|crash* at my|crash* "
        U"on the couch|crash* on the sofa|crash course|sugar crash|crash diet|gate crash*|party "
        U"crash*|website crash*|app crash*|laptop crash*|system crash*|server crash*|sink* in the "
        U"oven|flood* my inbox|flood* my feed|flooded my|flooded the chat|fire emoji|set the stage on "
        U"fire|set the _ on fire|fire sale|you're fired|got fired|hot fire|camp fire|campfire*|by the "
        U"fire|fire place|fireplace*|fireworks|attack of the|snack attack|snort*|blackout curtains|blackout "
        U"poetry|trenches of|war paint|guerrilla gardening|missing the|missing my|missing you|cancer "
        U"awareness|battle of|panic buy*"},
    GraveWords{
        mask, 0, 0,
        U"@thing 사망*|지진 난 줄|고인물*|고인돌*|조선 말기|고려 말기|신라 말기|일에 치*|사람에 치*|눈이 "
        U"뒤집*|속이 뒤집*|집안이 뒤집*|매력 폭발*|인기 폭발*|분노 폭발*|텐션 폭발*|감정 폭발*|식욕 "
        U"폭발*|귀여움 폭발*|관심 폭발*|반응 폭발*|조회수 폭발*|화상 회*|화상회*|화상 통*|화상통*|화상 "
        U"강*|화상 수*|화상수*|화상강*|화상 면*|화상면*|발작 버튼|발작버튼|문이 잠*|생각에 잠*|추억에 "
        U"잠*|계정이 잠*|분위기에 잠*|@pet _ 따라*|기분이 가라앉*|숨 막히는|숨막히는|숨이 멎을 듯*|숨이 멎는 "
        U"줄|분실물*|꿀물|지진난 줄|지진인 줄|전쟁 난 줄|전쟁난 줄|불난 줄|태풍 지나간|폭탄 맞은|폭탄 "
        U"떨어진|학살하고|학살했*|학살 당*|팀 학살|양민학살|전멸*|여행 보내드*|용돈 보내드*|선물 "
        U"보내드*|택배 보내*|돈 보내드*|심장이 멈추는 줄|심장 멎는 줄|심장 멈추는|심장 저격*|사망이다|사망 "
        U"ㅋㅋ|사망했습니다 ㅋㅋ|사약 같은|불을 질렀다|입에 불|관짝*|관 짜*|커피 수혈|카페인 수혈|수혈 "
        U"중|폭풍 수면|폭풍 쇼핑|폭풍 업로드|살인의 추억|전쟁과 평화|죄와 벌|죽은 시인의 사회|사랑의 "
        U"불시착|부산행|재난 영화|재난영화|칼 같은|칼같은|칼같이|총 쏘는 표정|총 쏘는 안무|손가락 "
        U"총|때려치*|때려 치*|때려 먹*|때려 넣*|때려박*|때려 박*|멍 때리*|멍때리*|때리는 맛|뼈 때리*|골 "
        U"때리*|골때리*|후두려*|폭격 맞*|고기 폭격|눈 폭탄|폭탄 세일*|홍수 난 줄|눈물 바다|댓글창 "
        U"전쟁*|전쟁터네*|주말 전쟁|등원 전쟁|등원전쟁|예매 전쟁|명절 전쟁|밥상 전쟁|티켓 전쟁|불타는 "
        U"금요일|불금*|불태웠*|불태우*|불태운*|매진 대참사|대참사*|요리 참사|머리 참사|비극적인 맛|만지고 "
        U"싶*|만지작*|고양이를 만*|강아지를 만*|배를 만지*|기절*|암기*|응급실 떡볶이*|응급실떡볶이*|마비될 "
        U"정도|혀가 마비*|다리가 마비*|교통 마비|폰 사망|배터리 사망|찾아주셔서|찾아 주셔서|찾아주세요 "
        U"ㅋㅋ|맛집을 찾습니다|같이 갈 사람을 찾*|함께할 분을 찾습니다|직원을 찾습니다|알바를 "
        U"찾습니다|멤버를 찾습니다|부상 투혼|투혼*|공격적인|공격력*|공격 포인트|화장실 "
        U"전쟁|저승사자*|흑사병|임진왜란*|병자호란*|떠난 지 오래된 열차|유산 답사"},
    // Death, and the wish for it.
    GraveWords{
        subject, kGraveDeath, 8,
        U"scatter* _ ashes|spread _ ashes|slipped away|putting our _ @pet down|putting my _ @pet down|had to "
        U"put him down|had to put her down|have to put him down|have to put her down|have to put our _ "
        U"@pet|have to put my _ @pet|had to put my _ @pet|she would be # today|he would be # today|you would "
        U"be # today|you'd be # today|he'd be # today|she'd be # today _ midnight|slipped away|lost his "
        U"battle|lost her battle|lost their battle|lost _ battle with|you left us|he left us|she left "
        U"us|@kin left us|left us today|left us too|left us this|left us last|left us on|left us so|left us "
        U"yesterday|since he passed|since she passed|since you passed|since they passed|before he "
        U"passed|before she passed|after she passed|after he passed|when she passed|when he passed|@kin "
        U"passed _ years|@kin passed yesterday|@kin passed today|@kin passed last|@kin passed this|@kin "
        U"passed in|@kin passed on|passed last night|passed in his sleep|passed in her sleep|passed "
        U"suddenly|passed yesterday|passed from|went to heaven|gone to heaven|went to be with|years without "
        U"you|year without you|months without you|weeks without you|without you mum|without you mom|without "
        U"you dad|christmas without @kin|christmas without you|christmas without him|christmas without "
        U"her|birthday without @kin|birthday without you|birthday without him|birthday without "
        U"her|thanksgiving without @kin|father's day without|mother's day without|first _ without my "
        U"@kin|first _ without @kin|first _ without you|first _ without him|first _ without her|would have "
        U"been _ birthday|would've been _ birthday|would have turned|would've turned|would have been "
        U"#|would've been #|bury their child|bury my @kin|bury our @kin|buried my @kin|buried our "
        U"@kin|buried @kin|buried him|buried her|burying my @kin|burying our "
        U"@kin|headstone*|gravestone*|tombstone*|pallbearer*|hearse|crematorium|cremated|cremation|morgue|"
        U"mortuary|euthani*|euthanas*|put to sleep|put our _ @pet down|put my _ @pet down|put our _ @pet to "
        U"sleep|put the @pet down|put him to sleep|put her to sleep|put down our @pet|put down my @pet|had "
        U"to put @pet|had to put our @pet|let our _ @pet go|let my _ @pet go|let @pet go|goodbye to our _ "
        U"@pet|goodbye to my _ @pet|goodbye to our _ boy|goodbye to our _ girl|goodbye to my _ boy|vet said "
        U"it was time|vet _ held|lost the baby|lost our baby|lost my baby|lost a baby|lost the twins|lost a "
        U"child|losing a child|losing a baby|losing our baby|losing my baby|lost _ pregnancy|no heartbeat|no "
        U"longer a heartbeat|find a heartbeat|find _ heartbeat|heartbeat was gone|heart had stopped|heart "
        U"just stopped|heart stopped beating|born sleeping|born still|born too soon|died in my arms|died in "
        U"his sleep|died in her sleep|died last|died this|died yesterday|died suddenly|died today|died _ "
        U"years ago|has died|have died|had died|died at the age|died aged|died after|died from|died of|died "
        U"on|died in hospital|died in a|never forgive myself for not|turned off _ machine*|turn off _ "
        U"machine*|turning off _ machine*|switch* off _ machine*|machines off|last rites|deathbed|final "
        U"goodbye|last goodbye|said our goodbyes|say our goodbyes|to say goodbye to him|to say goodbye to "
        U"her|got to say goodbye|get to say goodbye|chance to say goodbye|her voicemail|his voicemail|his "
        U"empty|her empty|empty chair|hanged himself|hanged herself|hung himself|hung herself|killed "
        U"himself|killed herself|killed themselves|took her life|took his life|took their life|take his "
        U"life|ended his life|ended her life|jumped from _ bridge|jumped off _ bridge|jumped from _ "
        U"roof|jumped off _ roof|jumped in front of|lost to suicide|to suicide|half mast|lost a patient|the "
        U"late @kin|drowned|froze to death|starved to death|beaten to death|burned to death|stabbed to "
        U"death|bled to death|frozen to death|crushed to death|shot to death|trampled to death"},
    GraveWords{
        subject, kGraveDeath, 4,
        U"the wake|her wake|his wake|a wake|wake for|memorial|memorials|in memory of|in memoriam|in "
        U"remembrance|the fallen|fallen firefighter*|fallen officer*|fallen soldier*|fallen heroes|moment of "
        U"silence|minute of silence|minute's silence|half - mast|@kin didn't make it|he didn't make it|she "
        U"didn't make it|they didn't make it|didn't make it|did not make it|never made it home|never came "
        U"home|never came back|never woke up|never wake up|never coming home|never coming back|not coming "
        U"home|not coming back|won't be coming home|isn't coming home|isn't coming back|we lost him|we lost "
        U"her|i lost him|i lost her|lost him to|lost her to|lost them to|lost @kin|lost a @kin|lost a "
        U"dear|lost a legend|lost a great|lost one of our|losing you|losing her|losing him|after losing|gone "
        U"forever|you're gone|you are gone|you've been gone|she's gone|he's gone|@kin is gone|is really "
        U"gone|fly high|sleep tight _ angel|my angel in|in heaven|watching over us|watching over me|see you "
        U"on the other side|until we meet again|her favourite flowers|her last words|his last words|his last "
        U"text|her last text|his last message|her last message|last voice message|last hug|sorting _ "
        U"things|clearing out _ house|visit* _ grave|visit* the cemetery|at your grave|at her grave|at his "
        U"grave|by your grave|her grave|his grave|your grave|perished|bodies|body was|the body of|bodies "
        U"of|dead bodies|found dead|dead body|# dead|# killed|# deaths|# people died|killed at|killed "
        U"by|killed when|killed after|killed as|killed near|killed my @kin|killed our @kin|killed her|killed "
        U"him|killed his"},
    GraveWords{subject, kGraveDeath, 3, U"died|he passed|she passed|they passed|@kin passed"},
    GraveWords{subject, kGraveDeath, 2, U"빈자리*|빈 자리*|마지막 인사*|보내주고 *"},
    GraveWords{
        subject, kLoss, 7,
        U"don't want to be alive|dont want to be alive|don't want to live|dont want to live|don't want to be "
        U"here anymore|dont want to be here anymore|don't want to be here|don't want to exist|dont want to "
        U"exist|don't want to wake up|dont want to wake up|want to stop existing|wish i was dead|wish i were "
        U"dead|wish i wasn't alive|wish i wasn't here|wish i was never born|wish i had never been born|wish "
        U"i'd never been born|wish i could disappear|wish i could just disappear|want to disappear|wanna "
        U"disappear|hope i don't wake|won't wake up tomorrow|not wake up|better off without me|better off "
        U"dead|better off if i|reason to live|reason to keep going|reason to stay alive|reason to go "
        U"on|point in living|point living|point of living|point in going on|tired of living|tired of being "
        U"alive|tired of existing|done with life|ending my life|end my life|end it all|ending it all|end it "
        U"tonight|ending things for good|kill myself|killing myself|take my own life|taking my own life|take "
        U"my life|taking my life|hurt myself|hurting myself|harm myself|harming myself|suicidal|suicide "
        U"note|suicide hotline|suicide watch|crisis line|goodbye letter*|goodbye note*|cutting again|cut "
        U"myself|cutting myself|burning myself|starving myself|swallowed _ pills|took all _ pills|bottle of "
        U"pills|all the pills|enough pills|counting _ pills|would notice if i|would miss me|even miss "
        U"me|world without me|without me in it|disappear forever|sleep and never|sleep forever|fall asleep "
        U"and never|pain to stop|it all to stop|everything to stop|can't go on|cannot go on|can't live like "
        U"this|can't keep living|don't see a future|see no future|make it through the night|think about "
        U"dying|thinking about dying|thinking of dying|thoughts of dying|about killing myself|about suicide"},
    GraveWords{
        subject, kGraveDeath, 8,
        U"곁을 떠*|@kin 없는 첫 *|@pet 없는 첫 *|네가 없는 첫 *|당신 없는 *|@kin 없이 처음*|@pet 보낸 "
        U"지|@kin 보낸 지|49 재 *|49 재|49 재를|이제는 볼 수 없*|@kin 못 본 지|@pet 묻*|우리 곁을|떠난 "
        U"지|떠나신 지|떠나간 지|떠난지|떠나신지|네가 떠난*|당신이 떠난*|가신 지|가신지|하늘로 갔*|하늘로 "
        U"간*|하늘로 가*|하늘에 있는 @kin|하늘에 계신*|하늘에서 보고*|하늘에서 지켜*|하늘에서는 *|별이 "
        U"됐*|무지개별*|강아지별*|고양이별*|소풍을 떠*|소풍 떠나*|먼 길을 떠*|먼 길 떠*|먼 여행을 "
        U"떠*|안락사*|보내주고 왔*|보내드렸*|보내 드렸*|보내드리*|보내드린*|@pet 보냈*|마지막 가시는|마지막 "
        U"가는 길|마지막 길*|마지막을 "
        U"지*|유품*|유골함*|수목장*|화장장*|운구*|영결식*|분향소*|분향*|헌화*|제사*|제삿날*|기제사*|# "
        U"주기*|첫 기일*|없이 맞는*|안 계신 *|안 계시는*|안 계시니*|안 계시다*|살아 계셨*|살아계셨*|살아 "
        U"있었으면|살아있었으면|살아 있었다면|살아있었다면|살아 있었더라면|계셨더라면|만질 수가 없*|만질 수 "
        U"없*|다시는 볼 수|다신 볼 수|다시 볼 수 없*|다시는 못 보*|다시는 만날 수 없*|영영 *|영영|이별한 지 "
        U"*|돌아오지 못*|돌아오지 못한|돌아올 수 없*|돌아오지 않는 @kin|깨어나지 못*|깨어나지 않*|깨어나지 "
        U"못했*|눈을 감으셨*|눈을 감으*|눈 감으셨*|눈을 뜨지 못*|숨을 안 쉬*|숨을 쉬지 않*|숨이 멎*|숨이 "
        U"끊*|심장이 멈*|심장이 안 뛰*|심장이 뛰지 않*|심장 소리가 안|심장소리가 안|심장이 멎*|뱃속* _ "
        U"보내*|뱃속* _ 떠나*|배 속 _ 보내*|아기를 보내*|아이를 먼저|자식을 먼저|옥상에서 뛰어*|다리에서 "
        U"뛰어*|난간에서 뛰어*|아파트에서 뛰어*|창문에서 뛰어*|베란다에서 *|목을 매*|목매*|번개탄*|스스로 "
        U"생*|스스로 세상*|고인*|사망자*|사망했*|사망한*|사망하*|영면*|안치*|숨을 거*|묻고 "
        U"왔*|묻어주*|묻어줬*|추모식*|추모제*|추모비*|상주*|입관식*|마지막 숨*|꿈에 나온 @kin|꿈에 @kin "
        U"나왔*|굶어 죽*|얼어 죽은*|익사*|사산*|동사한*|전원 사망"},
    GraveWords{
        subject, kLoss, 7,
        U"그만 살고*|살기 싫*|살기싫*|살고 싶지*|살고싶지*|살고 싶은 마음이 없*|살 이유*|살아갈 이유*|살아야 "
        U"할 이유*|살아야 하는 이유*|살아야 하나*|살아 있는 게|살아있는 게|사는 의미*|사는 게 의미*|삶의 "
        U"의미*|살 의미*|사는 게 지옥*|죽어버리*|죽어 버리*|죽을까*|죽는 게 나*|죽는 게 낫*|죽고 "
        U"싶*|죽고싶*|죽을 생각*|죽을 용기*|죽음을 생각*|없어져도|없어지고 싶*|없어졌으면*|없어져 "
        U"버리*|없어져버리*|사라지고 싶*|사라지고싶*|사라져도|사라졌으면*|사라져 버리*|사라져버리*|눈을 안 "
        U"떴으면|눈 안 떴으면|안 떴으면|눈을 뜨지 않았으면|눈뜨지 않*|눈을 뜨고 싶지 않*|깨지 "
        U"않았으면|깨어나지 않았으면|안 깼으면|다 끝내고 싶*|이제 끝내고 싶*|모든 걸 끝내*|모든 것을 "
        U"끝내*|끝내버리고 싶*|삶을 끝*|생을 끝*|삶을 포기*|인생을 끝*|못 버티겠*|더는 못 버*|더 이상 못 "
        U"버*|버틸 수가 없*|더는 버틸*|더 이상 버틸*|내가 없는 세상*|나 하나 없어*|나 하나쯤 없*|태어나지 "
        U"말*|태어나지 않았*|손목을 _ 그었*|손목을 _ 그어*|손목을 긋*|손목을 그*|팔을 그었*|자해*|유서를 "
        U"*|수면제를 *|약을 한꺼번에*|한강 다리*|한강에 가고 싶*|자살 충동*|자살 "
        U"생각*|자살예방*|자살시도*|자살 시도*"},
    // Illness told by its places, its people and what is said there.
    GraveWords{
        subject, kGraveIllness, 6,
        U"nicu|spread to her|spread to his|spread to my|spread to the|spread to @kin|rushed to "
        U"hospital|rushed to the hospital|rushed to er|rushed to the er|was rushed|haven't eaten in|haven't "
        U"eaten for|can't get out of bed for|can't get out of bed again|haven't left my bed|haven't left the "
        U"bed|picu|incubator|preemie|prematurely|neonatal|was diagnosed|been diagnosed|got diagnosed|got _ "
        U"diagnosis|her diagnosis|his diagnosis|the diagnosis|my diagnosis|has cancer|have cancer|als|motor "
        U"neurone|sickle cell|it's spread|has spread|cancer is back|came back positive|came back "
        U"malignant|scan came back|scans came back|results came back|found a lump|a lump|found a mass|found "
        U"a tumour|shadow on|inoperable|incurable|untreatable|prognosis|oncolog*|radiotherapy|bone "
        U"marrow|feeding tube|in surgery|into surgery|operating theatre|operating on|induced "
        U"coma|unresponsive|unconscious|cardiac arrest|had a heart attack|a massive heart attack|suffered a "
        U"heart attack|@kin heart attack|nothing more they can do|nothing more we can do|nothing more could "
        U"be done|nothing more can be done|nothing they can do|months to live|months left|weeks left|weeks "
        U"to live|a year to live|hospice|palliative|sectioned|psych "
        U"hospital|psychiatric*|psychosis|psychotic|mental breakdown|nervous breakdown|manic "
        U"episode|inpatient|hearing voices|voices in my head|i relapsed|relapsed|relapse|overdosed|in "
        U"rehab|to rehab|postpartum depression|eating disorder|rushed @kin|rushed him|rushed "
        U"her|airlifted|taken by ambulance|called an ambulance|calling an ambulance|on oxygen|stopped "
        U"breathing|not breathing|wasn't breathing|can't breathe|couldn't breathe|hooked up to|tubes and "
        U"wires|wires and tubes|fighting for his life|fighting for her life|fighting for life|transplant "
        U"list|waiting for a kidney|waiting for a heart|waiting for a donor|needs a donor|@kin collapsed|he "
        U"collapsed|she collapsed|recogni* me|recogni* us|recogni* her own|recogni* his own|who i am "
        U"anymore|know who i am|asked who i was|forgot my name|forgets my name|forgotten my name|forgotten "
        U"who|remember my name|remember me anymore|remember who|stage #|# weeks early|weeks "
        U"early|paralys*|won't walk again|never walk again|lost her hair|lost his hair|hair is falling "
        U"out|hair fell out|brain bleed|brain tumour|brain tumor|brain damage|brain dead|blood clot*|kidneys "
        U"are failing|liver is failing|heart is failing|organs are|body is "
        U"failing|depression|depressed|panic attack*|can't stop shaking|chronically ill|terminally "
        U"ill|critically ill|seriously ill|very ill|gravely ill|in intensive|children's hospital|children's "
        U"ward|cancer ward|oncology ward"},
    GraveWords{subject, kGraveIllness, 2,
               U"care home|nursing home|memory care|wandered off|bed rest|waiting room|test results|a "
               U"seizure|the nurse|the doctors|doctor said|doctors said|doctors say|icu"},
    GraveWords{
        subject, kGraveIllness, 6,
        U"정신병동*|폐쇄병동*|정신병원*|보호병동*|공황이*|공황*|과호흡*|숨이 안 쉬*|숨을 못 쉬*|숨을 쉴 수가 "
        U"없*|숨을 쉬기 힘*|환청*|환각*|인큐베이터*|미숙아*|이른둥이*|신생아 "
        U"중환자*|신생아중환자*|니큐*|발작*|열경련*|119 를 불*|119 불렀*|119 불러*|119 에 실*|실려 "
        U"갔*|실려갔*|실려 가*|실려 왔*|의식이 돌아*|의식이 안 *|의식이 없*|의식을 못*|의식 불명|의식을 "
        U"찾지*|의식도 없*|못 알아보*|못 알아봐*|못 알아봤*|알아보지 못*|알아보시지*|누구냐고 "
        U"물*|누구냐고|기억을 못*|기억하지 못*|기억을 잃*|기억을 점점*|기억이 사라*|# 기 진단*|# 기래*|# "
        U"기라*|# 기 판정*|# 기 입니*|# 기입니*|암 # 기|말기*|암이래*|암이라*|암입니다|암이었*|암 판정*|암 "
        U"환자*|암환자*|암병원*|소아암*|육종*|조직검사*|조직 검사*|재발했*|재발이*|재발해*|다시 "
        U"재발*|신부전*|심부전*|간경화*|뇌전증*|뇌수막*|뇌성마비*|심장병*|심근경색*|사지마비*|코마*|혼수*|"
        U"마음의 준비*|가망이*|가망 없*|가망*|손쓸 *|손을 쓸 *|더 해줄 수 있는 게|더 이상 해 *줄|길어야 "
        U"*|길어야|개월밖에|개월 남*|# 개월이라*|# 개월 시한*|# 개월 선고*|달밖에 *|섭식장애*|산후우울*|산후 "
        U"우울*|알코올 중독*|환자복*|골수*|심장 수술*|뇌 수술*|개복수술*|인공호흡*|산소포화도*|산소 "
        U"마스크*|중태*|하반신*|절단*|의족*|화상*|경기를 일으*|경기를 해*|경기를 하*|평생 투석*|머리카락이 "
        U"다 *|머리카락이 빠*|머리카락이 한 움큼|항암*|방사선*|이식*|침대에서 못 나*|침대 밖으로 "
        U"*못|공황장애|트라우마*|ptsd|희귀*병|토혈*|하혈*|유산*됐*|유산됐*|유산했*|유산되*|유산 후|유산을 "
        U"*|유산이래*|계류 유산|화학유산*|화유*|자궁외*"},
    GraveWords{subject, kGraveIllness, 2,
               U"요양원*|요양병원*|고비*|얼마 남지 않*|얼마 안 남*|검사 결과*|수술 중*|병원 "
               U"복도*|휠체어*|재발*|링거*|안 좋아지*|나빠졌*|악화*|약을 늘*|상담*선생님"},
    // Disaster, at home and far away.
    GraveWords{
        subject, kGraveDisaster, 8,
        U"house is gone|street is under water|house is under water|town is under water|no sign of the|no "
        U"sign of him|no sign of her|no sign of my|magnitude #|home is gone|homes are gone|town is "
        U"gone|village is gone|house burned|home burned|burnt down|burned down|the fire took|fire "
        U"took|flames took|flood took|flood destroyed|water took|lost our home|lost our house|lost my "
        U"house|lost my home|lost their homes|lost their home|lost the house|everything we own*|swept "
        U"away|washed away|washed out to sea|burst its banks|dam broke|dam burst|dam collapse*|water just "
        U"came|water came|water rose|water kept rising|water keeps rising|water is rising|river came|river "
        U"burst|river rose|came through our|on the roof waiting|pulled from the rubble|under the rubble|in "
        U"the rubble|trapped in the|trapped inside|still trapped|people trapped|feared trapped|feared "
        U"dead|fled their homes|fled the|have fled|had to flee|forced to flee|fleeing the|fleeing "
        U"their|fleeing from|forced from their homes|people displaced|air raid*|raid siren*|raid alert*|bomb "
        U"shelter*|air defence|air defense|no survivors|aboard _ died|on board _ died|were on board|plane "
        U"went down|helicopter went down|flight went down|crashed into|crashed after|crashed on|bus "
        U"crashed|train crashed|car crashed|hit and run|hit by a car|hit by a truck|hit by a train|hit by a "
        U"bus|struck by a|run over by|drunk driver|car accident|motorbike accident|motorcycle accident|bike "
        U"accident|mining accident|boat accident|overturned on|overturned in|bus overturned|boat "
        U"overturned|truck overturned|explosion at|explosion in|explosion killed|blast at|blast in|gas "
        U"leak|many injured|# injured|several injured|dozens injured|were injured|people injured|left "
        U"injured|quake|aftershocks|epicent*|eruption|erupted|cyclone|no word from|still no word|missing "
        U"since|still missing|gone missing|reported missing|amber alert|missing person*|missing "
        U"child*|missing girl|missing boy|missing teen*|missing woman|missing man|missing hikers|missing "
        U"climbers|missing fishermen|missing miners|search parties|search party|search for _ missing|search "
        U"continues|search resumes|search was called off|told us to leave|told to leave|told to "
        U"evacuate|ordered to evacuate|smoke everywhere|whole block collapsed|block collapsed|bridge "
        U"collapse*|roof collapsed|mine collapse*|digging through|digging with|cholera|famine|starving "
        U"children|children are starving|wall of water|wall of mud|mud buried|whole street is under "
        U"water|washed up|sank off|sinks off|boat sank|ship sank|asylum seekers"},
    GraveWords{subject, kGraveDisaster, 2,
               U"injured|evacuate|flames|overturned|sirens|siren|trapped|fled|flee|please share|rescuers"},
    GraveWords{subject, kGraveDisaster, 4, U"migrants|last seen|went missing|고립된|고립됐*"},
    GraveWords{subject, kWar, 1, U"@warplace"},
    GraveWords{subject, kWar, 8,
               U"@warplace _ war|war in @warplace|children of @warplace|children in @warplace|people of "
               U"@warplace|people in @warplace|bomb* @warplace|strike* on @warplace|strike* in "
               U"@warplace|pray* for @warplace|@kin _ still in @warplace|trapped in @warplace|stuck in "
               U"@warplace|heard from _ in @warplace|word from _ in @warplace|news from _ in @warplace|reach "
               U"_ in @warplace|@warplace 아이들*|@warplace 난민*|@warplace 전쟁*|@warplace 폭격*"},
    GraveWords{
        subject, kGraveDisaster, 8,
        U"연락두절*|연락 두절*|생사를*|생사도*|생사*|행방불명*|행방이*|둑이 터*|둑이 무너*|제방이 *|댐이 "
        U"무너*|댐이 터*|마을 전체가|떠내려*|휩쓸*|침수*|불이 나서|집에 불이 *|아파트에 불이 *|집이 타*|집이 "
        U"다 타*|집이 불*|집이 잠*|집이 떠*|집이 무너*|집이 사라*|집을 잃*|터전을 *|삶의 터전*|다 타버*|다 "
        U"타 버*|전부 타*|모두 타*|아무것도 못 건*|아무것도 건지지*|몸만 빠져*|몸만 나*|몸만 겨우|못 "
        U"나오셨*|못 나왔*|못 나온 *|빠져나오지 못*|나오지 못했*|나오지 못한*|갇혀 *|구조가 늦*|구조를 "
        U"기다*|구조하지 못*|구조 작업*|구조작업*|수색이*|수색을*|수색*|실종된*|실종 "
        U"*|실종자*|실종아동*|실종신고*|실종 신고*|사람을 찾습*|사람을 찾아*|아이를 찾습*|아이를 "
        U"찾아*|어머니를 찾습*|아버지를 찾습*|할머니를 찾습*|배가 가라앉*|배가 뒤집*|버스가 뒤집*|차가 "
        U"뒤집*|뒤집혀 *|뒤집혔*|추돌*|충돌 사고*|충돌사고*|정면충돌*|들이받*|뺑소니*|음주운전*|음주 "
        U"운전*|차에 치*|트럭에 치*|치여 *|치였*|탑승자*|탑승객*|공습경보*|공습 경보*|방공호*|포탄*|폭탄이 "
        U"*떨어*|폭탄이|로켓*떨어*|싱크홀*|폭우에|폭우로|폭우가|폭발로|폭발해*|폭발 사고*|무너진 "
        U"건물*|건물이 무너*|건물 잔해*|잔해*|다리가 무너*|지붕이 날아*|다 날아갔*|농사는 끝*|농사를 "
        U"망*|산불이*|불길이*|불길에*|대피*|피난*|피란*|인명*|사상자*|크게 다쳤*|크게 "
        U"다친*|중경상*|부상자*|# 명 부상*|# 명 사망*|# 명이 숨*|# 명 숨*|# 명이 사망*|# 명이 다*|# 명이 "
        U"실종*|# 명 실종*|# 명이 죽*|# 명이 매몰*|굶주*|기아*|영양실조*|감전*|질식*|가스 누출*|이태원 "
        U"참사*|참사*|핵발전소 사고*|원전 사고*|방사능*"},
    GraveWords{subject, kGraveDisaster, 2,
               U"가라앉*|침몰|속보*|화염*|연기가 "
               U"*|지하실*|갇혔*|갇히*|목격하신*|찾습니다|찾아주세요|잠겼*|불이 나*|이태원"},
    // Violence, by those at home, at school, in the street, in a war.
    GraveWords{
        subject, kGraveViolence, 8,
        U"hit me again|he hits me|she hits me|@kin hits me|@kin _ hits me|hits me when|he hits her|he "
        U"touched me|kept touching me|keeps touching me|touched me there|touched me where|threw me "
        U"against|threw me down|threw me across|threw me to|threw me into|kicked me until|kicked me "
        U"in|kicked me and|they kicked me|he kicked me|call me a freak|calls me a freak|call me a "
        U"loser|calls me worthless|calls me stupid|call me fat|call me ugly|call me worthless|they laugh at "
        U"me|standing outside my|waiting outside my|waits outside my|threatens to kill|threatened to "
        U"kill|threatens to hurt|threatened to hurt|tortured|torture of|he hit me|she hit me|hit me _ "
        U"front|hit me last|hits my @kin|hit my @kin|punched me|punches me|slapped me|slaps me|choked "
        U"me|choked her|strangle*|grabbed me by|pushed me down|pushed me against|pushed me into|shoved "
        U"me|pinned me|held me down|groped|groping|forced himself|came into my room|come into my room|into "
        U"my bed|spiked my|drugged me|drugged my|molest*|groomed me|groomed her|black eye|bruises|covered in "
        U"bruises|hid _ bathroom|hiding in the bathroom|restraining order|women's shelter|women's "
        U"refuge|scared of him|afraid of him|afraid of my husband|scared of my dad|scared of my "
        U"husband|scared to go home|afraid to go home|locked me in|locked her in|locked us in|threatened "
        U"me|threatening to kill|death threat*|stalker|stalking me|stalked me|stalked by|following me "
        U"home|follows me home|followed me home|been following me|keeps following me|outside my "
        U"window|outside my door|finally left him|left him for good|left my abuser|abuser|abusive|call me "
        U"names|calls me names|calling me names|laughed at me|spit on me|spat on me|spit at me|spat at "
        U"me|shove me|push me into|beat up|beaten up|beat him up|beat me up|beating me|beaten by|was "
        U"beaten|were beaten|got jumped|jumped me|cornered "
        U"me|bully|bullies|bullied|bullying|cyberbull*|ganged up|without my consent|leaked my|my "
        U"nudes|revenge porn|filmed me|hidden camera|poisoned _ @pet|poisoned the|poisoned my|poisoned "
        U"our|was poisoned|poisoning|beheaded|dismember*|gunned down|opened fire|opens "
        U"fire|gunman|gunmen|active shooter|shot dead|shot by|shot in the|shot his|shot her|were shot|was "
        U"shot|shot and|shot at a|shot outside|shot while|stabbed|stabbing*|knife attack|machete|acid "
        U"attack|mugged|robbed me|was robbed|robbed at|at gunpoint|gunpoint|at "
        U"knifepoint|knifepoint|carjack*|home invasion|arson*|kidnap*|abduct*|hostages|body of|remains "
        U"found|human remains|manhunt|serial killer|drone strike*|drone hit|drones hit|drone attack*|rocket* "
        U"hit|rockets fell|rocket fire|rocket attack*|shell hit|shells fell|bombard*|hit an apartment|hit a "
        U"hospital|hit a school|hit a market|bombed a|mortar fire|artillery|front "
        U"line*|frontline*|ceasefire|under siege|besieged|mass grave*|ethnic cleansing|since the war|because "
        U"of the war|the war started|the war began|war broke out|war took|war crimes|soldiers came|soldiers "
        U"took|soldiers went|took the men|went from door|fighting nears|killed by police|shot protesters|on "
        U"protesters|crackdown|racist attack|racially|homophobic|hate crime|being gay|for being gay|threw a "
        U"@pet|threw _ @pet out|threw the @pet|throw* @pet|dumped _ @pet|dumped in a|tied to a|tied up "
        U"and|kicked _ @pet|kicking _ @pet|beating _ @pet|beat his @pet|beat the @pet|beat her @pet|hit his "
        U"@pet|animal cruelty|animal abuse|cruelty|puppy mill*|set fire to a|set fire to "
        U"the|doused|traffick*|sex offender|paedophile|pedophile|predator|harass*|he raped|me "
        U"raped|raped|assault*|acid on"},
    GraveWords{subject, kGraveViolence, 2,
               U"bombs|neglect*|poisoned|poison|threat|threats|stole my lunch|soldiers|troops|court "
               U"heard|charged with|suspect|arrested|violent|slur|slurs|screams at me"},
    GraveWords{
        subject, kGraveViolence, 8,
        U"때렸*|방화로|방화범*|방화를|강도가 들*|강도를 당*|강도에게|강도한테|강도 사건|처형당*|처형됐*|몸을 "
        U"더듬*|나한테 욕*|때린다*|때려요|때리는 *|맞던 *|맞았던 *|맞고 자*|맞으며 *|맞고 "
        U"살*|얻어맞*|두들겨*|주먹으로*|주먹질*|발로 찼*|발로 차*|발길질*|걷어찼*|걷어차*|뺨을 *|밀치*|침을 "
        U"뱉*|목을 졸*|목 졸*|졸랐*|칼을 들*|칼 들고*|칼을 휘*|흉기를*|흉기*|위협*|협박*|집 앞까지|집까지 "
        U"따라*|집까지 쫓*|집 앞에서 기다*|계속 따라*|쫓아온*|쫓아와*|쫓아왔*|스토커*|스토킹*|몰래 "
        U"찍*|몰카*|불법 촬영*|영상이 퍼*|사진이 퍼*|유포*|딥페이크*|n번방*|내 몸을 *|몸을 만*|허벅지를 "
        U"*|엉덩이를 만*|추행*|성희롱*|가해자*|폭언*|욕설*|독약*|독극물*|독을 *|쥐약*|몽둥이*|묶인 개*|개를 "
        U"때*|강아지를 때*|고양이를 때*|강아지를 던*|고양이를 던*|@pet 때리*|@pet 학대*|@pet 버리고*|버리고 "
        U"갔*|버리고 간*|버려진 강아*|버려진 아이*|총성*|총을 쏘*|총을 쐈*|총을 "
        U"든|난동*|살해*|살인*|피살*|암매장*|토막*|시신*|끌려갔*|끌려가*|가혹행위*|가혹 "
        U"행위*|선임들*때|은따*|따돌*|왕따*|나만 욕*|나만 빼*|나를 욕*|나를 "
        U"괴롭*|괴롭혔*|괴롭히*|괴롭힘*|돈을 뺏*|돈 뺏*|빵셔틀*|화장실에 숨*|장롱에 숨*|옷장에 숨*|멍이 "
        U"들*|멍투성이|멍 자국|멍든 *|접근금지*|접근 금지*|가정폭력*|학폭*|도망쳐 나*|도망쳐나*|맨발로 "
        U"도망*|성폭*|강간*|준강간*|집단폭행*|폭행*|전쟁이 나*|전쟁이 터*|전쟁으로*|전쟁 "
        U"피*|폭격에*|폭격으로*|폭격을*|공습*|포격*|미사일이*|테러*|인질*|납치*|유괴*|학대*|염산*|투견*|"
        U"개농장*|개 농장*"},
    GraveWords{subject, kGraveViolence, 2,
               U"때려*|욕한다*|따라오*|총기|구속*|체포*|용의자*|침입*|비명*|숨어 있*"},
    // Worry and grief beside.
    GraveWords{beside, kWar, 2,
               U"haven't heard|no word|no news|praying|scared|stuck|still in|are in|haven't heard from|can't "
               U"get through|last heard|alerts|shelling|연락이*|소식이*|걱정*|무사하길*|무사하기를*|무사히 "
               U"돌아오길|제발*|기도*|어떡해*|무서워*|버텨*"},
    GraveWords{
        beside, kGraveAny, 1,
        U"officials|officials said|police said|authorities|confirmed|according to|at "
        U"least|injured|homeless|innocent|속보*|경찰*|당국*|소방당국*|현장*|끝내|결국|마지막*|아직도|병원*"},
    // What makes light of it.
    GraveWords{beside, kHarm, -8,
               U"alive and well|found alive|found safe|safe and sound|all rescued|rescued "
               U"safely|unharmed|reunited|nobody was hurt|no one was hurt|nobody hurt|no one hurt|no "
               U"injuries|no casualties|pulled out alive|rescued alive|false alarm|just a drill|drill|전원 "
               U"구조*|전원구조*|모두 구조*|무사히 구조*|무사히 "
               U"돌아왔*|무사합니다|무사하대*|무사하다*|무사귀환*|구출*|생환*|찾았어요|찾았습니다|찾았다|"
               U"찾았대*|살아 돌아*|살아돌아*|인명 피해는 없*|인명피해는 없*|다친 사람은 없*|다친 사람 "
               U"없*|민방위*|소방 훈련*|소방훈련*|대피 훈련*|대피훈련*|재난 훈련*|지진 훈련*"},
    GraveWords{beside, kLoss, -8,
               U"home from hospital|home from the hospital|back from hospital|out of hospital|out of the "
               U"hospital|out of the icu|out of icu|out of intensive|went well|went great|went "
               U"perfectly|scan is clear|scans are clear|scan was clear|clear scan|scan came back clear|came "
               U"back clear|came back clean|came back negative|no cancer|no more cancer|cancer free|no sign "
               U"of cancer|chemo is over|finished chemo|final chemo|done with chemo|last round|rang the "
               U"bell|sober|was nothing|it was nothing|turned out to be nothing|nothing serious|on the "
               U"mend|good as new|feeling better|made a full recovery|full recovery|healing "
               U"well|healed|walking again|got the all clear|수술 잘|수술은 잘|수술이 잘|잘 끝나*|잘 "
               U"끝났*|잘 마치*|잘 마쳤*|잘 됐*|이상 없*|이상없*|정상이*|정상!|전부 정상|암 "
               U"아니*|음성*|중성화*|라식*|라섹*|쌍꺼풀*|쌍수*|성형*|사랑니*|임플란트*|치과*|스케일링*|교정*|"
               U"깨어났*|의식을 찾았*|일반 병실*|열 내리*"},
    GraveWords{
        beside, kGraveIllness, -6,
        U"shift|shifts|night shift|rotation|residency|intern|internship|first day as|my job|a job|the "
        U"job|got hired|hired|promoted|promotion|job interview|training|first aid|certificate|certified|as a "
        U"nurse|nurse for|nurses|hospice nurse|icu nurse|er nurse|paramedic|ambulance driver|med "
        U"school|medical school|nursing school|medical student|studying|exam|exams|finals|thesis|my "
        U"team|cardiologist|surgeon|scrubs|blood drive|fundraiser|charity "
        U"run|marathon|documentary|간호사*|간호대*|간호학*|의대*|국가고시*|국시*|자격증*|이수증*|교육 "
        U"이수*|이수했*|시험*|출근*|근무*|면접*|알바*|당직*|인턴*|레지던트*|응급구조사*|물리치료사*|"
        U"요양보호사*|의료진*|봉사활동*|헌혈*|수업*|강의*|논문*|퇴근*"},
    GraveWords{beside, kHarm, -4,
               U"first shift|my shift|got the job|new job|funeral home|funeral director*|mortician*|job "
               U"interview|history|quiz|museum|lecture|essay|exhibition|documentary|homework|studying|exam|"
               U"exams|finals|textbook|book "
               U"club|장례지도사*|역사*|한국사*|세계사*|교과서*|박물관*|전시*|견학*|수업*|강의*|자격증*|시험*"
               U"|합격*|국가고시*|면접*|출근*|세미나*|다큐*"},
    GraveWords{beside, kGraveAny, -6,
               U"score|scored|# 대 # 완*|# 대 # 승*|# 대 # 패*|# 대 # 역전*|# 대 # 으로 "
               U"*|league|playoffs|playoff|innings|midfield|striker|goalkeeper|goalie|second half|first "
               U"half|half time|halftime|penalty|derby|tournament|leaderboard|touchdown|home run|hat "
               U"trick|at the buzzer|at home # - #|# - # win|won # - #|them # - #|us # - #|# - # at home|# - "
               U"# away|# - # up|slaughtered # - #|# - # "
               U"but|trophy|buzzer|완승*|완패*|역전승*|역전패*|승부차기*|한타*|펜타킬*|킬뎃*|우승*|득점*|"
               U"골키퍼*|홈런*|불펜*|타자*|투수*|수비*|선발*|리그*|야구*|축구*|농구*|배구*|결승*|상대팀*|"
               U"상대 팀|원정*|만루*|스트라이커*|서바이벌*|보드게임*|마피아 "
               U"게임|던전*|힐러*|탱커*|피시방*|pc방*|발로란트*|롤토체스*|스팀*|마크*서버"},
    GraveWords{beside, kGraveAny, -6,
               U"rewatch*|binge watch*|marathon|band practice|new song|new single|new album|our "
               U"band|trailer|comic|comics|comic book|cosplay*|rpg|dungeons|minecraft|fortnite|valorant|call "
               U"of duty|elden ring|zelda|headshot*|loot|npc|quest|raid boss|boss raid|raid tonight|raid "
               U"night|dlc|ghost stories|ghost story|haunted house|murder mystery|true crime|crime "
               U"podcast|detective novel|agatha christie|stephen king|books|novels|chapter|season one|season "
               U"two|season three|season finale|series finale|favourite character|favorite "
               U"character|villain|screenplay|stage "
               U"play|opera|tarantino|marvel|microwave|재개봉*|정주행*|완독*|책장*|시즌*|악역*|배역*|연기*|"
               U"뮤비*|신곡*|안무*|무대*|코스프레*|분장*|귀신의 "
               U"집|공포영화*|호러*|스릴러*|미드*|일드*|정주행|원작*|명작*|예고편*|개봉*|감독*|책 "
               U"*읽|독서*|미스터리*|크라임씬*|추리소설*"},
    GraveWords{beside, kGraveAny, -3,
               U"happy "
               U"tears|laundry|toys|emails|cocktail*|pizza|taco|tacos|ramen|burger|chocolate|coffee|"
               U"champagne|roast dinner|ice cream|turned 90|bestie|hilarious|so "
               U"funny|funny|slaps|벌칙*|떡볶이*|라면*|월급*|짤*|드립*|꿀잠*|세탁기*|김밥*|빵집*|팝콘*|맥주*|"
               U"만세|완승|대박*|개꿀*|레전드*|찢었*|미쳤다*"},
};

}  // namespace

std::span<const GraveWords> grave_turns() {
    return kTurns;
}

}  // namespace bgm
