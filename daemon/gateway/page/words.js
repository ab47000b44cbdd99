// Everything the page says, in both languages. {0} and {1} are filled in by say(). A test holds the tables to the same keys.
export const WORDS = {
  en: {
    other_language: '한국어', other_language_label: 'Read this page in Korean', theme: 'Dark or light', views: 'Views', skip_to_content: 'Skip to content',
    view_try: 'Try it', view_catalogue: 'Catalogue', view_operator: 'Operator',
    headline: 'What does your post sound like?', lead: 'Give it a sentence, a photo, a film or a sound: bgmd tells the mood, and finds the music for it.',
    text_label: 'Your post', text_placeholder: 'How was your day? Write, or drop a photo, film or sound anywhere.',
    add_file: 'Photo, film, sound', use_camera: 'Camera', record: 'Speak', recording: 'Stop ({0} s)', shoot: 'Take the picture', close: 'Close', send: 'Find the music',
    files_label: 'Attached files', remove_file: 'Remove {0}', samples_label: 'Or try one of these', steps_label: 'Progress',
    sample_1: 'The sea was wonderful today!', sample_2: '비 오는 밤, 창가에 앉아 네 생각을 해', sample_3: 'We won the final in the last minute!!!', sample_4: '발표가 내일인데 아무것도 준비가 안 됐어',
    key_title: 'First, a key', key_label: 'Key', key_use: 'Use it', key_forget: 'Forget the key', key_hint: 'bgmd answers whoever has a key. Whoever runs it makes one with the command below; a sandbox has one in its file “env” (BGMD_API_KEY). It stays in this tab only.',
    key_scopes: 'This key belongs to “{0}” and may: {1}.', key_needed: 'Enter a key first.',
    step_sent: 'Sent', step_accepted: 'Safe on disk', step_analysing: 'Being analysed', step_picked: 'Music found', step_dead: 'Could not be analysed', after: 'after {0} ms',
    mood_is: 'Mood: {0}', no_mood: 'nothing to feel', sure: 'Decided, with {0} % confidence.', unsure: 'Not sure (confidence {0} %): it may as well be {1}. The music fits all of these.', unsure_nothing: 'There is hardly anything to feel in it, so the music is quiet and safe ({0}).', unsure_little: 'There is too little to go by.', unsure_split: 'The evidence speaks for several moods.',
    moods_title: 'All thirteen moods', plane_title: 'Where it lies', plane_label: 'Plane from unpleasant to pleasant and from calm to excited. The post lies at valence {0}, arousal {1}.', plane_catalogue: 'Plane of {0} tracks, from unpleasant to pleasant and from calm to excited. The list beside it holds the same tracks.',
    pleasant: 'pleasant', unpleasant: 'unpleasant', excited: 'excited', calm_axis: 'calm', this_post: 'this post', legend_tracks: 'The ringed point is your post, the numbers are its tracks.',
    seen_title: 'What each part says', weighed: '{0} % of the decision', own_moods: 'Alone it says ({0})', precision: 'Weight', caption: 'It shows', read_text: 'It reads', no_facts: 'Read as a whole.', not_used: 'Could not be used', in_language: 'Language', ko: 'Korean', en: 'English', other: 'another', zxx: 'instrumental',
    text: 'Text', image: 'Photo', audio: 'Sound', video: 'Film', context: 'Moment', catalogue: 'Catalogue',
    tracks_title: 'The music', tracks: 'Tracks', no_tracks: 'No track of the catalogue fits.', score: 'score {0}', starts_at: 'from {0}', play: 'Play {0}', pause: 'Pause {0}', cannot_play: 'This cannot be played here.', no_uri: 'no sound in this catalogue', like: 'Like {0}', skip: 'Skip {0}', liked: 'You like {0}.', skipped: 'Skipped {0}.', reason: '', reason_sound: '', reason_words: '', reason_taste: '', feedback_failed: 'This was not noted: {0}',
    forget_post: 'Erase this post from bgmd', forgotten: 'Erased: {0}', model: 'model {0}', revision: 'revision {0}',
    dead_title: 'This post could not be analysed', dead_text: '{0} Stage: {1}, attempts: {2}.', said: 'bgmd says: {0}', field_is: 'In {0}:',
    busy: 'bgmd has its hands full. What you wrote is kept; trying again in {0} s.', away: 'bgmd cannot be reached. What you wrote is kept; trying again in {0} s.', back: 'bgmd is there again.', away_short: 'bgmd cannot be reached.', try_now: 'Try now', empty_post: 'Write something, or add a file.', no_camera: 'The camera cannot be used here: {0}', no_microphone: 'The microphone cannot be used here: {0}', not_media: '“{0}” is no photo, film or sound.',
    code_invalid_argument: 'Something about it is not allowed.', code_unsupported: 'This kind is not understood.', code_too_large: 'It is too large.', code_corrupt: 'The file is damaged or not what it claims to be.', code_not_found: 'It is not there (any more).', code_deadline_exceeded: 'It took too long.', code_unavailable: 'A part of bgmd is away.', code_resource_exhausted: 'bgmd is full just now.', code_internal: 'bgmd made a mistake.', code_unauthenticated: 'This key is not known, or has expired or been revoked.', code_forbidden: 'This key may not do that.', code_other: 'That did not work.',
    catalogue_title: 'The catalogue', catalogue_lead: 'Every track as a point, coloured by its strongest mood.', search: 'What to look for: a feeling, an instrument, a name', mood: 'Mood', place: 'Place', genre: 'Genre', sung_in: 'Sung in', any: 'any', more: 'Show more', found: '{0} tracks', found_some: '{0} tracks, {1} of them on the plane', quarter_1: 'pleasant and excited', quarter_2: 'unpleasant and excited', quarter_3: 'unpleasant and calm', quarter_4: 'pleasant and calm', near_post: 'near this post', drawn_by: 'Drawn by', by_mood: 'mood', by_ear: 'ear', similar: 'Similar', way: 'Way', way_from: 'A way from “{0}”: choose where it ends', way_found: 'A way from “{0}” to “{1}”', like_by_ear: '{0} tracks that sound like “{1}”', like_by_mood: '{0} tracks that feel like “{1}”', all_tracks: 'All tracks', plane_by_ear: '{0} tracks, near where they sound alike', beats: '{0} bpm',
    operator_title: 'Behind the scenes', stages: 'Stages of posts', workers: 'Workers', dead_letters: 'Dead letters', no_dead: 'None.', ready: 'Ready for {0}.', missing: 'Missing: {0}.', mysql_state: 'Database: {0}.', oldest: 'The oldest unfinished post is {0} s old.',
    stage_accepted: 'waiting', stage_analysing: 'in analysis', stage_picked: 'picked', stage_delivered: 'delivered', stage_dead: 'dead', stage_busy: 'turned away',
    worker_name: 'Worker', worker_state: 'State', worker_model: 'Model', worker_tasks: 'Tasks', worker_memory: 'Memory', worker_restarts: 'Restarts', worker_last_end: 'Last end', retry: 'Retry', drop: 'Drop', retry_one: 'Retry {0}', drop_one: 'Drop {0}', really_drop: 'Really drop?', retried: '{0} goes to analysis again.', dropped: '{0} is dropped.', attempts: 'attempts: {0}',
    footer: 'Posts go to your own bgmd and nowhere else.', interface: 'HTTP interface',
    amusing: 'amusing', annoying: 'annoying', anxious: 'anxious', beautiful: 'beautiful', calm: 'calm', dreamy: 'dreamy', energizing: 'energizing', erotic: 'erotic', indignant: 'indignant', joyful: 'joyful', sad: 'sad', scary: 'scary', triumphant: 'triumphant',
    fact_size: 'Size', fact_faces: 'Faces', fact_smiling: 'Smiling', fact_face_sad: 'Sad faces', fact_face_angry: 'Angry faces', fact_face_fearful: 'Fearful faces', fact_face_disgusted: 'Disgusted faces', fact_face_surprised: 'Surprised faces', fact_brightness: 'Brightness', fact_colorfulness: 'Colour', fact_warmth: 'Warmth', fact_tempo_bpm: 'Tempo', fact_loudness_db: 'Loudness', fact_mode: 'Mode', major: 'major', minor: 'minor', fact_speech: 'Speech', fact_music: 'Music', fact_silent: 'Silent', fact_seconds: 'Heard', fact_duration_s: 'Length', fact_motion: 'Motion', fact_scene_changes: 'Cuts', fact_pitch_hz: 'Pitch of the voice', fact_not_safe_for_work: 'Not safe for work', fact_text_letters: 'Letters read', fact_felt: 'Anything to feel',
  },
  ko: {
    other_language: 'English', other_language_label: '영어로 보기', theme: '어둡게 또는 밝게', views: '화면', skip_to_content: '본문으로 건너뛰기',
    view_try: '해 보기', view_catalogue: '음악 목록', view_operator: '운영',
    headline: '당신의 하루에는 어떤 음악이 어울릴까요?', lead: '문장, 사진, 영상, 소리를 주면 bgmd가 분위기를 읽고 어울리는 음악을 찾아 줍니다.',
    text_label: '글', text_placeholder: '오늘 어땠나요? 글을 쓰거나, 사진·영상·소리를 아무 데나 끌어다 놓으세요.',
    add_file: '사진·영상·소리', use_camera: '카메라', record: '말하기', recording: '멈추기 ({0}초)', shoot: '사진 찍기', close: '닫기', send: '음악 찾기',
    files_label: '첨부 파일', remove_file: '{0} 빼기', samples_label: '예시로 해 보기', steps_label: '진행 상황',
    sample_1: '오늘 바다 너무 좋았다!', sample_2: '비 오는 밤, 창가에 앉아 네 생각을 해', sample_3: 'We won the final in the last minute!!!', sample_4: '발표가 내일인데 아무것도 준비가 안 됐어',
    key_title: '먼저 키가 필요합니다', key_label: '키', key_use: '사용', key_forget: '키 지우기', key_hint: 'bgmd는 키가 있어야 답합니다. 운영자가 아래 명령으로 만들고, 샌드박스라면 “env” 파일의 BGMD_API_KEY입니다. 키는 이 탭에만 남습니다.',
    key_scopes: '이 키는 “{0}”의 것이고 할 수 있는 일은 {1}입니다.', key_needed: '먼저 키를 입력하세요.',
    step_sent: '보냄', step_accepted: '디스크에 저장됨', step_analysing: '분석 중', step_picked: '음악을 찾음', step_dead: '분석하지 못함', after: '{0} ms 뒤',
    mood_is: '분위기: {0}', no_mood: '느낄 것 없음', sure: '판단이 섰습니다. 확신도 {0} %.', unsure: '확실하지 않습니다(확신도 {0} %). {1}일 수도 있어 모두에 어울리는 음악을 골랐습니다.', unsure_nothing: '느낄 만한 것이 거의 없어 조용하고 무난한 음악을 골랐습니다({0}).', unsure_little: '판단할 근거가 너무 적습니다.', unsure_split: '근거가 여러 분위기를 가리킵니다.',
    moods_title: '열세 가지 분위기', plane_title: '감정의 자리', plane_label: '불쾌에서 유쾌, 차분에서 흥분까지의 평면. 이 글의 자리는 유쾌도 {0}, 각성도 {1}입니다.', plane_catalogue: '{0}곡이 놓인 평면. 같은 곡이 옆 목록에 있습니다.',
    pleasant: '유쾌', unpleasant: '불쾌', excited: '흥분', calm_axis: '차분', this_post: '이 글', legend_tracks: '테두리 있는 점이 이 글, 숫자가 고른 곡입니다.',
    seen_title: '부분마다 읽은 것', weighed: '결정의 {0} %', own_moods: '따로 읽으면 ({0})', precision: '비중', caption: '보이는 것', read_text: '읽은 글자', no_facts: '전체로 읽었습니다.', not_used: '쓸 수 없었음', in_language: '언어', ko: '한국어', en: '영어', other: '다른 언어', zxx: '연주곡',
    text: '글', image: '사진', audio: '소리', video: '영상', context: '순간', catalogue: '음악 목록',
    tracks_title: '음악', tracks: '곡', no_tracks: '목록에 어울리는 곡이 없습니다.', score: '점수 {0}', starts_at: '{0}부터', play: '{0} 재생', pause: '{0} 멈춤', cannot_play: '여기서는 재생할 수 없습니다.', no_uri: '이 목록에는 소리가 없음', like: '{0} 좋아요', skip: '{0} 건너뛰기', liked: '{0}을(를) 좋아합니다.', skipped: '{0}을(를) 건너뛰었습니다.', reason: '글과 함께 {0} 느낌. 분위기 일치 {1} %, 감정의 자리 일치 {2} %.', reason_sound: '글에 담긴 음악과 소리가 {0} % 닮았습니다.', reason_words: '글의 말과 소리가 {0} % 어울립니다.', reason_taste: '취향 일치 {0} %.', feedback_failed: '기록하지 못했습니다: {0}',
    forget_post: '이 글을 bgmd에서 지우기', forgotten: '지웠습니다: {0}', model: '모델 {0}', revision: '개정 {0}',
    dead_title: '이 글은 분석하지 못했습니다', dead_text: '{0} 단계: {1}, 시도: {2}회.', said: 'bgmd의 말: {0}', field_is: '{0}에서:',
    busy: 'bgmd가 지금 바쁩니다. 쓴 글은 그대로 있으며 {0}초 뒤 다시 시도합니다.', away: 'bgmd에 연결할 수 없습니다. 쓴 글은 그대로 있으며 {0}초 뒤 다시 시도합니다.', back: 'bgmd에 다시 연결되었습니다.', away_short: 'bgmd에 연결할 수 없습니다.', try_now: '지금 다시', empty_post: '글을 쓰거나 파일을 넣으세요.', no_camera: '카메라를 쓸 수 없습니다: {0}', no_microphone: '마이크를 쓸 수 없습니다: {0}', not_media: '“{0}”은(는) 사진, 영상, 소리가 아닙니다.',
    code_invalid_argument: '허용되지 않는 내용이 있습니다.', code_unsupported: '이해하지 못하는 종류입니다.', code_too_large: '너무 큽니다.', code_corrupt: '파일이 깨졌거나 다른 종류입니다.', code_not_found: '(더 이상) 없습니다.', code_deadline_exceeded: '너무 오래 걸렸습니다.', code_unavailable: 'bgmd의 일부가 쉬고 있습니다.', code_resource_exhausted: 'bgmd가 지금 가득 찼습니다.', code_internal: 'bgmd가 실수했습니다.', code_unauthenticated: '모르는 키이거나 만료 또는 취소된 키입니다.', code_forbidden: '이 키로는 할 수 없습니다.', code_other: '되지 않았습니다.',
    catalogue_title: '음악 목록', catalogue_lead: '곡마다 점 하나, 색은 가장 강한 분위기입니다.', search: '찾는 음악: 느낌, 악기, 이름', mood: '분위기', place: '자리', genre: '장르', sung_in: '가사 언어', any: '모두', more: '더 보기', found: '{0}곡', found_some: '{0}곡, 그중 {1}곡이 평면에', quarter_1: '유쾌하고 흥분된', quarter_2: '불쾌하고 흥분된', quarter_3: '불쾌하고 차분한', quarter_4: '유쾌하고 차분한', near_post: '이 글 가까이', drawn_by: '그리는 기준', by_mood: '분위기', by_ear: '소리', similar: '비슷한 곡', way: '길', way_from: '“{0}”에서 가는 길: 도착할 곡을 고르세요', way_found: '“{0}”에서 “{1}”까지 가는 길', like_by_ear: '“{1}”처럼 들리는 {0}곡', like_by_mood: '“{1}”처럼 느껴지는 {0}곡', all_tracks: '모든 곡', plane_by_ear: '{0}곡, 소리가 비슷하면 가까이', beats: '{0} bpm',
    operator_title: '무대 뒤', stages: '글의 단계', workers: '일꾼', dead_letters: '분석하지 못한 글', no_dead: '없습니다.', ready: '{0} 동안 준비됨.', missing: '없는 것: {0}.', mysql_state: '데이터베이스: {0}.', oldest: '끝나지 않은 가장 오래된 글은 {0}초 되었습니다.',
    stage_accepted: '대기', stage_analysing: '분석 중', stage_picked: '고름', stage_delivered: '전달됨', stage_dead: '실패', stage_busy: '돌려보냄',
    worker_name: '일꾼', worker_state: '상태', worker_model: '모델', worker_tasks: '작업', worker_memory: '메모리', worker_restarts: '재시작', worker_last_end: '지난 종료', retry: '다시', drop: '버리기', retry_one: '{0} 다시', drop_one: '{0} 버리기', really_drop: '정말 버릴까요?', retried: '{0}을(를) 다시 분석합니다.', dropped: '{0}을(를) 버렸습니다.', attempts: '시도 {0}회',
    footer: '글은 여러분의 bgmd로만 갑니다.', interface: 'HTTP 인터페이스',
    amusing: '재미있는', annoying: '거슬리는', anxious: '불안한', beautiful: '아름다운', calm: '차분한', dreamy: '몽환적인', energizing: '활기찬', erotic: '관능적인', indignant: '분노한', joyful: '기쁜', sad: '슬픈', scary: '무서운', triumphant: '의기양양한',
    fact_size: '크기', fact_faces: '얼굴', fact_smiling: '미소', fact_face_sad: '슬픈 얼굴', fact_face_angry: '화난 얼굴', fact_face_fearful: '겁먹은 얼굴', fact_face_disgusted: '싫은 얼굴', fact_face_surprised: '놀란 얼굴', fact_brightness: '밝기', fact_colorfulness: '색감', fact_warmth: '따뜻함', fact_tempo_bpm: '빠르기', fact_loudness_db: '소리 크기', fact_mode: '조', major: '장조', minor: '단조', fact_speech: '말소리', fact_music: '음악', fact_silent: '조용함', fact_seconds: '들은 길이', fact_duration_s: '길이', fact_motion: '움직임', fact_scene_changes: '장면 전환', fact_pitch_hz: '목소리 높이', fact_not_safe_for_work: '부적절한 내용', fact_text_letters: '읽은 글자 수', fact_felt: '느낄 만한 것',
  },
};

const LANGUAGE = 'bgmd.language';
const known = (language) => (Object.hasOwn(WORDS, language ?? '') ? language : undefined);
let language = known(localStorage.getItem(LANGUAGE)) ?? known(navigator.language.slice(0, 2)) ?? 'en';

export const currentLanguage = () => language;
export function switchLanguage() {
  language = language === 'ko' ? 'en' : 'ko';
  localStorage.setItem(LANGUAGE, language);
}

export const has = (name) => Object.hasOwn(WORDS[language], name);
/// The words of that name. A name without words (a fact or mood of tomorrow) is said as it is.
export const say = (name, ...values) =>
  (has(name) ? WORDS[language][name] : String(name)).replace(/\{(\d)\}/g, (_, index) => String(values[index] ?? ''));

export const percent = (share) => Math.round(100 * (Number(share) || 0));
export const clock = (ms) => `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;

/// A problem in plain words.
export const plainly = (code) => say(has(`code_${code}`) ? `code_${code}` : 'code_other');

/// Puts the words into the page: data-words names the text, data-label the label, data-placeholder the placeholder.
export function translate(root) {
  document.documentElement.lang = language;
  for (const node of root.querySelectorAll('[data-words]')) node.textContent = say(node.dataset.words);
  for (const node of root.querySelectorAll('[data-label]')) node.setAttribute('aria-label', say(node.dataset.label));
  for (const node of root.querySelectorAll('[data-placeholder]')) node.placeholder = say(node.dataset.placeholder);
}
