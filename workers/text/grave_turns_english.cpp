#include <array>

#include "workers/text/grave_words.hpp"

namespace bgm {
namespace {

using enum GraveRole;

constexpr std::array kTurns{
    // What only sounds grave.
    GraveWords{
        mask, 0, 0,
        U"abs are dead|legs are dead|arms are dead|feet are dead|thighs are dead|glutes are dead|dead after "
        U"pilates|dead after leg|dead after this|dead after practice|dead after work|was shot by the "
        U"best|shot by the talented|shot on film|kidnapped my|kidnapping my|kidnapped me for|like an "
        U"earthquake|like a tsunami|like a tornado|like a hurricane|like a war zone|like a bomb|like a "
        U"massacre|like a corpse|like a dying|like a dead|like a funeral|like death|like a crime scene|like "
        U"a zombie|like a murder scene|like a refugee|passed the|stabbed in the back|followed me on|followed "
        U"me back|jump off the diving|kill me if she finds|among us|attack on titan|went on without me|beat "
        U"me at|beat me to|beat me in|beat me by|beats me at|beats me in|beats me why|pushed me to|pushed me "
        U"towards|hit me with a|grabbed me a|grabbed me some|bit me playfully|kicked me out of|threw my @pet "
        U"a|threw our @pet a|threw the @pet a|@thing is dead|@thing dead|@thing _ dead|killed my "
        U"@thing|school of fish|falls in love|fell in love|fell asleep|passed down|passed around|passed on "
        U"the|passed through|have you seen the|have you seen this movie|have you seen my keys|left us a|left "
        U"us an|left us some|let my _ go crazy|let our _ go crazy|let my _ go outside|let my _ go "
        U"swimming|let my _ go wild|hits me up|crashed on _ sofa|crashed on _ couch|hostages of|had a "
        U"blast|having a blast|such a blast|a blast at|a blast in|blast from the past|child soldiers of "
        U"fortune|brain dead|run free beer|help me find a|a wake up|the wake up|her wake up|his wake "
        U"up|memorial day|memorial hospital|memorial park|summer bodies|our bodies|beach bodies|buried her "
        U"face|buried his face|@thing died|@thing has died|@thing just died|@thing finally died|@thing "
        U"almost died|@thing nearly died|@thing died on me|i died|i just died|i literally died|i almost "
        U"died|i nearly died|i died when|nearly died|almost died|breathe laughing|breathe from laughing|hit "
        U"me up|hit me with|hit me like|hit me that|hit me hard|song hits|hits different|laughing _ can't "
        U"breathe|sea shells|go outside|crashed into bed|rescue dog|rescue cat|drowned in|drowned my|nearly "
        U"drowned in|passed his|passed her|passed my|passed our|passed _ exam|passed _ test|passed "
        U"with|passed out|passed by|passed me|passed it|left us with|left us speechless|left us the|left us "
        U"in|left us wanting|make it to|make it on time|make it in time|make it into|in the wake of|death "
        U"valley|black death|death on the nile|walking dead|dead to me|is dead long live|killed "
        U"off|ladykiller*|lady killer|bloodbath|lethal|buried my face|buried my nose|buried myself in|buried "
        U"treasure|stabbed my|stabbed the|stabbed a|is a war crime|is a crime|be a crime|tsunami of|tornado "
        U"of|avalanche of|hurricane of|earthquake of|explosion of|landslide victory|landslide win|murdered "
        U"them|murdered us|murdered this|murdered that|slaughtered|massacred them|massacred us|cemetery "
        U"tour*|graveyard tour*|doctor who|doctor strange|doctor sleep|blood drive|blood donation|donated "
        U"blood|cut myself shaving|cut myself on|cut myself a|cut myself some|cut myself while|days left "
        U"until|days left till|days left to|days left for|days left of|weeks left until|weeks left to|months "
        U"left until|crime and punishment|war and peace|hunger games|cold war|star war|fire drill*|fire "
        U"alarm|bomb threat drill|shot down when|shot under par|three under|shot of|shots of|flu shot|shot "
        U"from|what a shot|free throw*|took a shot|give it a shot|long shot|slap shot|screenshot*|blew my "
        U"mind|blown away|explod* in the microwave|killer app|killer heels|killer look|lady gaga|stalking "
        U"his insta*|stalking her insta*|stalked his|stalked her|insta stalk*|stalking my crush|photo "
        U"bomb|bath bombs|dead sea|dead weight|deadly good|died and went to heaven|die happy|died a "
        U"little|die of embarrassment|died of embarrassment|died of cringe|dying of boredom|die of "
        U"boredom|bored to death|starving for|i'm starving|im starving|so starving|dead battery|battery "
        U"died|phone died|car died|sun is killing|heat is killing|killing my|roast* me|crash* at my|crash* "
        U"on the couch|crash* on the sofa|crash course|sugar crash|crash diet|gate crash*|party "
        U"crash*|website crash*|app crash*|laptop crash*|system crash*|server crash*|sink* in the "
        U"oven|flood* my inbox|flood* my feed|flooded my|flooded the chat|fire emoji|set the stage on "
        U"fire|set the _ on fire|fire sale|you're fired|got fired|hot fire|camp fire|campfire*|by the "
        U"fire|fire place|fireplace*|fireworks|attack of the|snack attack|snort*|blackout curtains|blackout "
        U"poetry|trenches of|war paint|guerrilla gardening|missing the|missing my|missing you|cancer "
        U"awareness|battle of|panic buy*"},
    // Worry and grief beside.
    GraveWords{beside, kGraveWar, 2,
               U"haven't heard|no word|no news|praying|scared|stuck|still in|are in|haven't heard from|lost "
               U"contact|no contact|stopped answering|closed|can't get through|last heard|alerts|shelling"},
    GraveWords{beside, kGraveAny, 1,
               U"officials|officials said|police said|authorities|confirmed|according to|at "
               U"least|injured|homeless|innocent"},
    // What makes light of it.
    GraveWords{beside, kGraveHarm, -8,
               U"alive and well|found alive|found safe|safe and sound|all rescued|rescued "
               U"safely|unharmed|reunited|nobody was hurt|no one was hurt|nobody hurt|no one hurt|no "
               U"injuries|no casualties|pulled out alive|rescued alive|false alarm|just a drill|drill"},
    GraveWords{
        beside, kGraveLoss, -8,
        U"home from hospital|home from the hospital|back from hospital|out of hospital|out of the "
        U"hospital|out of the icu|out of icu|out of intensive|went well|went great|went perfectly|scan is "
        U"clear|scans are clear|scan was clear|clear scan|scan came back clear|came back clear|came back "
        U"clean|came back negative|no cancer|no more cancer|cancer free|no sign of cancer|chemo is "
        U"over|finished chemo|final chemo|done with chemo|last round|rang the bell|sober|was nothing|it was "
        U"nothing|turned out to be nothing|nothing serious|on the mend|good as new|feeling better|made a "
        U"full recovery|full recovery|healing well|healed|walking again|got the all clear"},
    GraveWords{
        beside, kGraveIllness, -6,
        U"shift|shifts|night shift|rotation|residency|intern|internship|first day as|my job|work "
        U"nights|coworkers|coworker|i work in|i work at|works in|our icu team|icu team|a job|the job|got "
        U"hired|hired|promoted|promotion|job interview|training|first aid|certificate|certified|as a "
        U"nurse|nurse for|nurses|conference|hospice nurse|icu nurse|er nurse|paramedic|ambulance driver|med "
        U"school|medical school|nursing school|medical student|studying|exam|exams|finals|thesis|my "
        U"team|cardiologist|surgeon|scrubs|blood drive|fundraiser|charity run|marathon|documentary"},
    GraveWords{beside, kGraveHarm, -4,
               U"i work in|i work at|i work as|first shift|my shift|got the job|new job|funeral home|funeral "
               U"director*|mortician*|job "
               U"interview|history|quiz|museum|lecture|essay|exhibition|documentary|homework|studying|exam|"
               U"exams|finals|textbook|book club"},
    GraveWords{beside, kGraveAny, -6,
               U"score|scored|league|playoffs|playoff|innings|midfield|striker|goalkeeper|goalie|second "
               U"half|first half|half time|halftime|penalty|derby|tournament|leaderboard|touchdown|home "
               U"run|hat trick|at the buzzer|at home # - #|# - # win|won # - #|them # - #|us # - #|# - # at "
               U"home|# - # away|# - # up|slaughtered # - #|# - # but|trophy|buzzer"},
    GraveWords{beside, kGraveAny, -6,
               U"rewatch*|binge watch*|marathon|band practice|new song|new single|new album|our "
               U"band|trailer|comic|comics|comic book|cosplay*|rpg|photographer|photography|mario "
               U"kart|mario|among us|dungeons|minecraft|fortnite|valorant|call of duty|elden "
               U"ring|zelda|headshot*|loot|npc|quest|raid boss|boss raid|raid tonight|raid night|dlc|ghost "
               U"stories|ghost story|haunted house|murder mystery|true crime|crime podcast|detective "
               U"novel|agatha christie|stephen king|books|novels|chapter|season one|season two|season "
               U"three|season finale|series finale|favourite character|favorite "
               U"character|villain|screenplay|stage play|opera|tarantino|marvel|microwave"},
    GraveWords{
        beside, kGraveAny, -3,
        U"football|basketball|baseball|hockey|rugby|soccer|tennis|cup|chess|karaoke|happy "
        U"tears|laundry|toys|emails|cocktail*|pizza|taco|tacos|ramen|burger|chocolate|coffee|champagne|roast "
        U"dinner|ice cream|turned 90|bestie|hilarious|so funny|funny|slaps|popcorn|toast|burnt"},
};

}  // namespace

std::span<const GraveWords> grave_turns_english() {
    return kTurns;
}

}  // namespace bgm
