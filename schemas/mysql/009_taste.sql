-- What is learnt of a listener from feedback. taste is bytes of docs/taste.md, rebuilt from the feedback at any time.
--
-- feedback.learnt: 0 nobody has looked at it yet, 1 it counts, 2 it weighs nothing. Chosen by what is there, as in 002.

CREATE TABLE IF NOT EXISTS user_taste (
    tenant     VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    user_id    VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    taste      MEDIUMBLOB   NOT NULL,
    learnt_at  TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    PRIMARY KEY (tenant, user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'feedback' AND column_name = 'learnt') = 0,
    'ALTER TABLE feedback ADD COLUMN learnt TINYINT UNSIGNED NOT NULL DEFAULT 0',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.statistics
     WHERE table_schema = DATABASE() AND table_name = 'feedback' AND index_name = 'feedback_by_learnt') = 0,
    'ALTER TABLE feedback ADD KEY feedback_by_learnt (learnt, happened_at)',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.statistics
     WHERE table_schema = DATABASE() AND table_name = 'feedback' AND index_name = 'feedback_by_user') = 0,
    'ALTER TABLE feedback ADD KEY feedback_by_user (tenant, user_id, happened_at)',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.statistics
     WHERE table_schema = DATABASE() AND table_name = 'picks' AND index_name = 'picks_by_user') = 0,
    'ALTER TABLE picks ADD KEY picks_by_user (tenant, user_id, picked_at)',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;
