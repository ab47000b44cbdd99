// The thirteen moods, in the order of the contract, with their place on the plane (fusion/mood/mood.cpp).
export const MOODS = {
  amusing: [0.7, 0.4],
  annoying: [-0.5, 0.4],
  anxious: [-0.4, 0.5],
  beautiful: [0.6, 0.0],
  calm: [0.5, -0.6],
  dreamy: [0.3, -0.4],
  energizing: [0.6, 0.8],
  erotic: [0.5, 0.3],
  indignant: [-0.6, 0.7],
  joyful: [0.8, 0.5],
  sad: [-0.6, -0.4],
  scary: [-0.6, 0.6],
  triumphant: [0.6, 0.6],
};

/// A class with the colour of the mood; none for a name that is no mood.
export const moodClass = (mood) => (Object.hasOwn(MOODS, mood) ? `mood-${mood}` : '');

/// The strongest mood of a distribution; '' of an empty one.
export function strongest(moods) {
  let best = '';
  for (const [mood, share] of Object.entries(moods ?? {})) if (best === '' || share > moods[best]) best = mood;
  return best;
}
