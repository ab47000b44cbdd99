#include <array>

#include "workers/text/grave_words.hpp"

namespace bgm {
namespace {

using enum GraveRole;

constexpr std::array kLoss{
    // Death, and the wish for it.
    GraveWords{subject, kGraveDeath, 12,
               U"dies aged #|dies at #|dies at the age|died aged #|has died aged|has died at the age|dead at "
               U"#|found dead"},
    GraveWords{
        subject, kGraveDeath, 8,
        U"heart stopped at|heart stopped at #|baby's heart stopped|picking up the phone to call|pick up the "
        U"phone to call|pick up my phone to call|scatter* _ ashes|week without my @kin|weeks without my "
        U"@kin|month without my @kin|months without my @kin|year without my @kin|years without my @kin|life "
        U"without my @kin|life without @kin|world without @kin|house without @kin|without my late|took her "
        U"last|took his last|last walk|won't survive|didn't survive|did not survive|incompatible with "
        U"life|won't make it|may not make it|might not make it|not going to make it|isn't going to make "
        U"it|last voice message|last voicemail|leaves @num dead|leaves @num people|@num dead|@num are "
        U"dead|@num were dead|@num killed|@num people killed|@num people dead|@num people died|@num people "
        U"were killed|@num @people died|@num @people dead|@num @people killed|@num @people were killed|@num "
        U"died|claimed _ lives|claims _ lives|claimed @num|passed in hospital|passed after|has passed|had "
        U"passed|have passed|found unresponsive|found lifeless|post mortem|killed in action|closed "
        U"casket|open casket|eulogies|pay _ respects|paid _ respects|pay respects|paying "
        U"respects|mourners|in mourning|widowed|left a widow|lost her parents|lost his parents|lost "
        U"both|outlived|my angel baby|angel baby|tfmr|chemical pregnancy|ectopic|tiny coffin|tiny urn|@kin _ "
        U"passed unexpectedly|passed unexpectedly|passed over the|@kin _ passed last|@kin _ passed this|@kin "
        U"_ passed yesterday|lay _ to rest|small service for|service for our @pet|farewell to our|for your "
        U"loss|for her loss|for his loss|for their loss|sorry about your @kin|sorry to hear about your "
        U"@kin|my condolences|our condolences|apologies to your family|his grave|her grave|your grave|their "
        U"grave|kill herself|kill himself|kill themselves|killing herself|killing himself|hang himself|hang "
        U"herself|jumped to his|jumped to her|try to die|tried to die|tried to end|lost our little|lost my "
        U"little|we buried|they buried|heart failed|stopped breathing in|died before|died while|died "
        U"during|died unexpectedly|died alone|died instantly|died waiting|died trying|is dying|are dying|was "
        U"dying|@kin is dying|@kin was dying|has days|only days|hours to live|heart gave out|for the last "
        U"time _ closed|eyes for the last time|run free|run free _ girl|run free _ boy|dies at #|dies aged "
        U"#|dead at #|dies after|dies in|light a candle for|lit a candle for|took my brother from us|was put "
        U"to sleep|euthanised|euthanized|euthanising|euthanizing|not pregnant anymore|never got to "
        U"meet|never got to hold|never get to hold|never get to see|taken from us|taken too soon|left this "
        U"world|left this earth|no longer here|spread _ ashes|slipped away|putting our _ @pet down|putting "
        U"my _ @pet down|had to put him down|had to put her down|have to put him down|have to put her "
        U"down|have to put our _ @pet|have to put my _ @pet|had to put my _ @pet|she would be # today|he "
        U"would be # today|you would be # today|you'd be # today|he'd be # today|she'd be # today _ "
        U"midnight|lost his battle|lost her battle|lost their battle|lost _ battle with|you left us|he left "
        U"us|she left us|@kin left us|left us today|left us too|left us this|left us last|left us on|left us "
        U"so|left us yesterday|since he passed|since she passed|since you passed|since they passed|before he "
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
        U"@kin|headstone*|gravestone*|tombstone*|pallbearer*|cremated|cremation|put to sleep|put our _ @pet "
        U"down|put my _ @pet down|put our _ @pet to sleep|put the @pet down|put him to sleep|put her to "
        U"sleep|put down our @pet|put down my @pet|had to put @pet|had to put our @pet|let our _ @pet go|let "
        U"my _ @pet go|let @pet go|goodbye to our _ @pet|goodbye to my _ @pet|goodbye to our _ boy|goodbye "
        U"to our _ girl|goodbye to my _ boy|vet said it was time|vet _ held|lost the baby|lost our baby|lost "
        U"my baby|lost a baby|lost the twins|lost a child|losing a child|losing a baby|losing our "
        U"baby|losing my baby|lost _ pregnancy|no heartbeat|no longer a heartbeat|find a heartbeat|find _ "
        U"heartbeat|heartbeat was gone|heart had stopped|heart just stopped|heart stopped beating|born "
        U"sleeping|born still|born too soon|died in my arms|died in his sleep|died in her sleep|died "
        U"last|died this|died yesterday|died suddenly|died today|died _ years ago|has died|have died|had "
        U"died|died at the age|died aged|died after|died from|died of|died on|died in hospital|died in "
        U"a|never forgive myself for not|turned off _ machine*|turn off _ machine*|turning off _ "
        U"machine*|switch* off _ machine*|machines off|last rites|deathbed|final goodbye|last goodbye|said "
        U"our goodbyes|say our goodbyes|to say goodbye to him|to say goodbye to her|got to say goodbye|get "
        U"to say goodbye|chance to say goodbye|her voicemail|his voicemail|his empty|her empty|empty "
        U"chair|hanged himself|hanged herself|hung himself|hung herself|killed himself|killed herself|killed "
        U"themselves|took her life|took his life|took their life|take his life|ended his life|ended her "
        U"life|jumped from _ bridge|jumped off _ bridge|jumped from _ roof|jumped off _ roof|jumped in front "
        U"of|lost to suicide|to suicide|half mast|lost a patient|the late @kin|drowned|froze to "
        U"death|starved to death|beaten to death|burned to death|stabbed to death|bled to death|frozen to "
        U"death|crushed to death|shot to death|trampled to death"},
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
        U"forever|you're gone|you are gone|you've been gone|@kin is gone|is really gone|fly high|sleep tight "
        U"_ angel|my angel in|in heaven|watching over us|watching over me|see you on the other side|until we "
        U"meet again|her favourite flowers|her last words|his last words|his last text|her last text|his "
        U"last message|her last message|last voice message|last hug|sorting _ things|clearing out _ "
        U"house|visit* _ grave|visit* the cemetery|at your grave|at her grave|at his grave|by your "
        U"grave|perished|bodies|body was|the body of|bodies of|dead bodies|found dead|dead body|# dead|# "
        U"killed|# deaths|# people died|killed at|killed by|killed when|killed after|killed as|killed "
        U"near|killed my @kin|killed our @kin|killed her|killed him|killed his"},
    GraveWords{subject, kGraveDeath, 4, U"morgue|mortuary|crematorium|hearse"},
    GraveWords{subject, kGraveIllness, 3, U"euthanasia"},
    GraveWords{subject, kGraveDeath, 3,
               U"@kin _ passed|she's gone|he's gone|died|he passed|she passed|they passed|@kin passed"},
    GraveWords{
        subject, kGraveLoss, 7,
        U"reason to wake up|a reason to wake|nobody would notice|no one would notice|nobody would even "
        U"notice|if i wasn't here|if i weren't here|if i were gone|if i was gone|if i disappeared|if i died "
        U"tomorrow|don't want to be alive|being a burden|a burden to everyone|just a burden|driving off the "
        U"road|drive off the road|drive off a|drive into a tree|driving into a tree|drive my car into|in "
        U"front of a train|in front of the train|in front of a bus|jump off the bridge|jump off a "
        U"bridge|jumping off the bridge|jump off the roof|jump from the|jumping from the|off "
        U"myself|unalive|not worth living|no will to live|lost the will|will to live is gone|nothing left "
        U"for me|nothing left in me|no future for me|please let it end|let it end|let me die|wish it would "
        U"end|i could just stop|stop existing|cease to exist|the point of going on|see the point anymore|see "
        U"any point|see the point in|see a point|point in trying|nothing to live for|nobody would care if "
        U"i|would anyone notice if|would anyone care if|wouldn't miss me|life isn't worth|life is not "
        U"worth|ready to die|planning my death|plan to die|planned my own|how i would do it|when i'm "
        U"gone|after i'm gone|thoughts of suicide|i want to go to sleep|can't take it anymore|can't take "
        U"this anymore|standing on the bridge|stood on the bridge|standing on the ledge|want to be dead|want "
        U"it over|want it to be over|want this to be over|hurts too much to|too painful to live|too tired to "
        U"keep living|dont want to be alive|don't want to live|dont want to live|don't want to be here "
        U"anymore|dont want to be here anymore|don't want to be here|don't want to exist|dont want to "
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
    // Illness told by its places, its people and what is said there.
    GraveWords{
        subject, kGraveIllness, 6,
        U"nicu|hiv|positive for "
        U"hiv|hepatitis|cirrhosis|tuberculosis|lupus|embolism|sclerosis|fibrosis|muscular dystrophy|spina "
        U"bifida|cerebral "
        U"palsy|sarcoma|melanoma|carcinoma|glioblastoma|neuroblastoma|mastectomy|colostomy|tracheostomy|"
        U"hysterectomy|our baby has no|baby has a|hair came out|hair comes out|hair is coming out|hair is "
        U"falling|in handfuls|a & e|panic attack on|panic attack in|panic attack at|off his meds|off her "
        U"meds|off my meds|forgot how to use|forgot how to eat|forgot how to dress|forgets how to|forgot how "
        U"to speak|brain cancer|lung cancer|# cancer|cancer has|cancer came|my cancer|her cancer|his "
        U"cancer|given weeks|given months|gave him months|gave her months|gave her weeks|gave him "
        U"weeks|slipping away|getting weaker|getting worse every|kidney transplant|hooked to a|on a "
        U"drip|surgeon to come out|emergency operation|emergency c|high risk pregnancy|pre "
        U"eclampsia|preeclampsia|coded twice|code blue|crash cart|defibrillator|cpr on|memory is "
        U"going|memory is fading|losing his memory|losing her memory|losing my memory|memory loss|called me "
        U"by my|called me by his|called me by her|calls me by|keeps forgetting who|forgets who|forgetting "
        U"who|the surgeon|stopped eating|stopped talking|seizures|convuls*|vegetative|brain surgery|open - "
        U"heart|open heart|heart condition|heart defect|hole in his heart|hole in her heart|born with "
        U"a|special care|isolation ward|blood transfusion*|white cells|platelets|hair has started|lost all "
        U"her|lost all his|bald from|port put in|feeding through a|can't walk anymore|can't speak "
        U"anymore|can't swallow|lost her speech|lost his speech|can't talk anymore|bedridden|bed "
        U"bound|incontinent|delirious|catatonic|voices again|panic disorder|ocd is|crisis "
        U"team|detox|drinking again|using again|fentanyl|in hospital since|in the hospital since|hospital "
        U"bed|by her bedside|by his bedside|bedside|at her bedside|scan showed|scans showed|mri "
        U"showed|ultrasound showed|ct showed|x - ray showed|hasn't opened his eyes|hasn't opened her "
        U"eyes|hasn't woken|won't wake up|sedated|doesn't remember my name|can't remember my name|couldn't "
        U"remember my name|spread to her|spread to his|spread to my|spread to the|spread to @kin|rushed to "
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
        U"who|remember me anymore|remember who|stage #|# weeks early|weeks early|paralys*|won't walk "
        U"again|never walk again|lost her hair|lost his hair|hair is falling out|hair fell out|brain "
        U"bleed|brain tumour|brain tumor|brain damage|blood clot*|kidneys are failing|liver is failing|heart "
        U"is failing|organs are|body is failing|depression|depressed|panic attack*|can't stop "
        U"shaking|chronically ill|terminally ill|critically ill|seriously ill|very ill|gravely ill|in "
        U"intensive|children's hospital|children's ward|cancer ward|oncology ward"},
    GraveWords{subject, kGraveIllness, 2,
               U"care home|nursing home|memory care|wandered off|bed rest|waiting room|test results|a "
               U"seizure|the nurse|the doctors|doctor said|doctors said|doctors say|icu"},
    GraveWords{subject, kGraveIllness, 6, U"ptsd"},
};

}  // namespace

std::span<const GraveWords> grave_loss_english() {
    return kLoss;
}

}  // namespace bgm
