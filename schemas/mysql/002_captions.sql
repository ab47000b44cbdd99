-- What the photos of a post show: a JSON list of {"asset_id", "text"}, NULL where there is none.
--
-- MySQL has no ADD COLUMN IF NOT EXISTS, and the statement must bear being run again: it is chosen by what is there.

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'picks' AND column_name = 'captions') = 0,
    'ALTER TABLE picks ADD COLUMN captions JSON NULL',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;
