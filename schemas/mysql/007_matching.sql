-- What matching asks of a track beside its moods: the year in which it came out, 0 where it is not known; and whether any
-- analysis has changed, without a look at the rows. Chosen by what is there, as in 002.

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'tracks' AND column_name = 'year') = 0,
    'ALTER TABLE tracks ADD COLUMN year SMALLINT UNSIGNED NOT NULL DEFAULT 0',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.statistics
     WHERE table_schema = DATABASE() AND table_name = 'track_analysis' AND index_name = 'track_analysis_by_time') = 0,
    'ALTER TABLE track_analysis ADD KEY track_analysis_by_time (analysed_at)',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;
