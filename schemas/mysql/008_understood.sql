-- What a wish was read as: a JSON object of the fields of Understood in bgm.proto, NULL for posts that are no wishes. Chosen
-- by what is there, as in 002.

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'picks' AND column_name = 'understood') = 0,
    'ALTER TABLE picks ADD COLUMN understood JSON NULL',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;
