-- What each reader found in the text and in each asset, before it was weighed: a JSON list of {"modality", "asset_id",
-- "model", "moods", "valence", "arousal", "precision", "felt"}, NULL where there was only one. Chosen by what is there, as
-- in 002.

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'picks' AND column_name = 'evidence') = 0,
    'ALTER TABLE picks ADD COLUMN evidence JSON NULL',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;
