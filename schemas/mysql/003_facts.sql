-- What was seen or heard in the media of a post: a JSON list of {"asset_id", "modality", "model", "values", "text",
-- "summary"}, NULL where there is none. Chosen by what is there, as in 002.

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'picks' AND column_name = 'facts') = 0,
    'ALTER TABLE picks ADD COLUMN facts JSON NULL',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;
