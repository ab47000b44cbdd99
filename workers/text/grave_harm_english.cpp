#include <array>

#include "workers/text/grave_words.hpp"

namespace bgm {
namespace {

using enum GraveRole;

constexpr std::array kHarm{
    // Disaster, at home and far away.
    GraveWords{
        subject, kGraveDisaster, 8,
        U"@num people missing|# people missing|over # missing|# @people missing|@num @people missing|looking "
        U"for a missing|search for a missing|looking for missing|searching for a missing|searching for "
        U"missing|house is gone|aid trucks|aid convoy*|humanitarian|relief effort*|no clean water|no "
        U"drinking water|from puddles|nothing to eat|running out of food|out of water and "
        U"food|mayday|distress call|distress signal|hurricane flattened|flattened half|roof is off|roof is "
        U"gone|roof blew off|tore the roof|ripped the roof|ripped through our|tore through our|swallowed "
        U"the|buried the village|fire in nursing|fire at the|fire tore|fire broke|fire ripped|fire "
        U"swept|fire killed|inferno|engulfed|people hurt|@num hurt|@num injured|several hurt|several people "
        U"hurt|days of searching|search enters|fifth day|rescue teams|rescue workers|rescue boats|divers "
        U"are|divers found|sandbags|sinkhole|power plant explosion|pit collapse|trapped miners|crush "
        U"at|crowd surge|bus plunged|plunged into|plunged off|skidded off|hit a tree|hit by lightning|struck "
        U"by lightning|evacuation|evacuated from|evacuated our|shelters are full|sleeping in a "
        U"shelter|sleeping in our car|tent since|lost in the flood|lost in the fire|the floods|the "
        U"earthquake|the wildfire|the tsunami|roof came down|wall came down|ceiling came down|building came "
        U"down|# missing after|# missing in|@home @ruin|@home _ @ruin|@home have @ruin|hasn't been "
        U"home|hasn't been seen|not been seen|haven't been seen|has anyone seen my @kin|has anyone seen "
        U"her|have you seen her|have you seen him|disappeared on|disappeared after|disappeared "
        U"from|disappeared last|vanished|without a trace|came down on|kill* # in|kill* # people|# dead|# "
        U"people dead|dozens missing|dozens still missing|hundreds missing|thousands missing|hundreds "
        U"homeless|homeless after|lost everything|left with nothing|left everything behind|one suitcase|with "
        U"one bag|only what we were wearing|the clothes on our|airport is closed|borders are closed|crossed "
        U"the border on|water was up to|up to our waists|up to my waist|to the roof|climbed onto the "
        U"roof|airlifted from|the coast guard|wreckage|black box|debris|mass casualty|mass "
        U"casualties|emergency declared|death count|toll rises|victims of the|did not get out|didn't get "
        U"out|couldn't get out|never got out|couldn't save|could not save|couldn't be saved|home burn|house "
        U"burn|homes burn|houses burn|watched it burn|didn't come home from|didn't come home last|hasn't "
        U"come home|help us find our|help us find my|help me find my @kin|help find|bridge fell|bridge gave "
        U"way|building fell|roof fell|roof caved|roof gave way|underground after|after the blast|mud "
        U"came|boat turned over|boat _ turned over|boat went down|ship went down|took the school|took the "
        U"village|took the whole|street is under water|house is under water|town is under water|no sign of "
        U"the|no sign of him|no sign of her|no sign of my|magnitude #|home is gone|homes are gone|town is "
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
        U"overturned|truck overturned|explosion at|explosion in|explosion killed|blast at|blast in|many "
        U"injured|# injured|several injured|dozens injured|were injured|people injured|left "
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
    GraveWords{subject, kGraveDisaster, 4, U"migrants|last seen|went missing"},
    GraveWords{subject, kGraveWar, 1, U"@warplace"},
    GraveWords{
        subject, kGraveWar, 8,
        U"@warplace _ war|war in @warplace|children of @warplace|children in @warplace|people of "
        U"@warplace|people in @warplace|bomb* @warplace|strike* on @warplace|strike* in @warplace|pray* for "
        U"@warplace|@kin _ still in @warplace|trapped in @warplace|stuck in @warplace|heard from _ in "
        U"@warplace|word from _ in @warplace|news from _ in @warplace|reach _ in @warplace"},
    GraveWords{subject, kGraveDisaster, 8, U"@home @ruin"},
    // Violence, by those at home, at school, in the street, in a war.
    GraveWords{
        subject, kGraveViolence, 8,
        U"hit me again|kill me if i leave|kill me if i left|kill me if i tell|kill me if i ever|if i ever "
        U"leave him|if i tell anyone|fake nude*|deepfake*|nude of me|nudes of me|nudes of|pictures of me "
        U"to|photos of me to|video of me to|sent it to everyone|followed me off|followed me to|followed me "
        U"from|followed me into|follows me to|follows me from|had to hide in|people hurt in|bombs "
        U"again|bombs last|bombs falling|bombs fell|bombs are|bombs dropped|bombs every|hangs his @pet|@man "
        U"hangs|chained up|chained to|left to starve|left to die|left in a hot car|broke my arm "
        U"because|broke my nose|broke my phone and|broke down the door|kicked the door|kicked down "
        U"the|through the door with|knife to my|gun to my|knife at my|gun at my|knife on me|gun on me|pulled "
        U"a knife|pulled a gun|held a knife|held a gun|with a knife|with a gun|with an axe|with a belt|with "
        U"his belt|with her belt|with a hammer|with a machete|random attack|racist abuse|called me a "
        U"slur|yelled slurs|set on fire by|throwing stones|threw stones|threw a bottle at|threw a plate "
        U"at|threw a chair at|throws things at|smashed the window|punched a hole|hole in the wall next to "
        U"my|walking on eggshells|he controls|controls my money|won't let me leave|won't let me see my|took "
        U"my phone so|police were called|in custody|behind bars for|sentenced for|found guilty|victims "
        U"of|survivors of|was attacked by|were attacked by|got attacked by|been executed|was executed|were "
        U"executed|@man @hurt me|@man _ @hurt me into|@man @hurt her|@man @hurt my @kin|@hurt me into|@hurt "
        U"me against|@hurt me down|@hurt me until|@hurt me because|@hurt me with his|@hurt me on the|@hurt "
        U"me in the|@hurt me again|@hurt me every|@harm _ @pet|abusing|abuser|abuses|has been abusing|beaten "
        U"every|beaten on|get beaten|gets beaten|getting beaten|new numbers|waiting outside|waits "
        U"outside|waits for me outside|shows up at my|showed up at my house|turns up at my|turned up at "
        U"my|my ex won't|tracker on my|tracking me|tracks my|watching my house|gang attacked|attacked "
        U"an|attacked a|attacked my @kin|attacked @kin|war broke|when the war|war started|they took my "
        U"@kin|they killed|they shot|killed his wife|killed her husband|killing at least|killing #|shot "
        U"#|wounding #|wounded in|beheading|lynched|found strangled|found murdered|found in a "
        U"suitcase|stoned to death|honour killing|honor killing|femicide|restrain* order|dragged me|by my "
        U"hair|pulled my hair|letting himself in|lets himself in|let himself in|starved the|starved "
        U"that|starved his|starved her @pet|in my drink|in her drink|without my clothes|child soldier*|i "
        U"flinch|still flinch|what my father did|what my dad did|what my uncle did|what my stepfather "
        U"did|what he did to me|what they did to me|over my head and film*|was bullied|got bullied|they "
        U"bully|keep bullying|are bullying|bully me|bullies at|is harassing|harassed by|harassed "
        U"me|harassing me|he hits me|she hits me|@kin hits me|@kin _ hits me|hits me when|he hits her|he "
        U"touched me|kept touching me|keeps touching me|touched me there|touched me where|threw me "
        U"against|threw me down|threw me across|threw me to|threw me into|kicked me until|kicked me "
        U"in|kicked me and|call me a freak|calls me a freak|call me a loser|calls me worthless|calls me "
        U"stupid|call me fat|call me ugly|call me worthless|they laugh at me|standing outside my|waiting "
        U"outside my|waits outside my|threatens to kill|threatened to kill|threatens to hurt|threatened to "
        U"hurt|tortured|torture of|he hit me|she hit me|hit me last|hits my @kin|hit my @kin|punched "
        U"me|punches me|slapped me|slaps me|choked me|choked her|strangle*|grabbed me by|pushed me "
        U"down|pushed me against|pushed me into|shoved me|pinned me|held me down|groped|groping|forced "
        U"himself|came into my room|come into my room|into my bed|spiked my|drugged me|drugged "
        U"my|molest*|groomed me|groomed her|black eye|bruises|covered in bruises|hid _ bathroom|hiding in "
        U"the bathroom|restraining order|women's shelter|women's refuge|scared of him|afraid of him|afraid "
        U"of my husband|scared of my dad|scared of my husband|scared to go home|afraid to go home|locked me "
        U"in|locked her in|locked us in|threatened me|threatening to kill|death threat*|stalker|stalking "
        U"me|stalked me|stalked by|following me home|follows me home|followed me home|been following "
        U"me|keeps following me|outside my window|outside my door|finally left him|left him for good|left my "
        U"abuser|abusive|call me names|calls me names|calling me names|laughed at me|spit on me|spat on "
        U"me|spit at me|spat at me|shove me|push me into|beat up|beaten up|beat him up|beat me up|beating "
        U"me|beaten by|was beaten|were beaten|got jumped|jumped me|cornered "
        U"me|bullies|bullied|bullying|cyberbull*|ganged up|without my consent|leaked my|my nudes|revenge "
        U"porn|filmed me|hidden camera|poisoned _ @pet|poisoned the|poisoned my|poisoned our|was "
        U"poisoned|poisoning|beheaded|dismember*|gunned down|opened fire|opens fire|gunman|gunmen|active "
        U"shooter|shot dead|shot by|shot in the|shot his|shot her|were shot|was shot|shot and|shot at a|shot "
        U"outside|shot while|stabbed|stabbing*|knife attack|machete|acid attack|mugged|robbed me|was "
        U"robbed|robbed at|at gunpoint|gunpoint|at knifepoint|knifepoint|carjack*|home "
        U"invasion|arson*|kidnap*|abduct*|hostages|body of|remains found|human remains|manhunt|serial "
        U"killer|drone strike*|drone hit|drones hit|drone attack*|rocket* hit|rockets fell|rocket "
        U"fire|rocket attack*|shell hit|shells fell|bombard*|hit an apartment|hit a hospital|hit a "
        U"school|hit a market|bombed a|mortar fire|artillery|front line*|frontline*|ceasefire|under "
        U"siege|besieged|mass grave*|ethnic cleansing|since the war|because of the war|the war started|the "
        U"war began|war broke out|war took|war crimes|soldiers came|soldiers took|soldiers went|took the "
        U"men|went from door|fighting nears|killed by police|shot protesters|on protesters|crackdown|racist "
        U"attack|racially|homophobic|hate crime|being gay|for being gay|threw a @pet|threw _ @pet out|threw "
        U"the @pet|throw* @pet|dumped _ @pet|dumped in a|tied to a|tied up and|kicked _ @pet|kicking _ "
        U"@pet|beating _ @pet|beat his @pet|beat the @pet|beat her @pet|hit his @pet|animal cruelty|animal "
        U"abuse|cruelty|puppy mill*|set fire to a|set fire to the|doused|traffick*|sex "
        U"offender|paedophile|pedophile|predator|he raped|me raped|raped|assault*|acid on"},
    GraveWords{subject, kGraveViolence, 2,
               U"bombs|neglect*|poisoned|poison|threat|threats|stole my lunch|soldiers|troops|court "
               U"heard|charged with|suspect|arrested|violent|slur|slurs|screams at me"},
};

}  // namespace

std::span<const GraveWords> grave_harm_english() {
    return kHarm;
}

}  // namespace bgm
