-- Keys of the door, and the order of events.
--
-- event_id counts up in the order in which picks and dead letters are committed; 0 in rows from before. Chosen by what
-- is there, as in 002.

CREATE TABLE IF NOT EXISTS api_keys (
    key_id     VARCHAR(32)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- SHA-256 of the key, in hexadecimal: nobody can use what he reads here.
    digest     CHAR(64)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    tenant     VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    scopes     VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name       VARCHAR(128) NOT NULL DEFAULT '',
    created_at DATETIME(6)  NOT NULL,
    expires_at DATETIME(6)  NULL,
    revoked_at DATETIME(6)  NULL,
    PRIMARY KEY (key_id),
    UNIQUE KEY api_keys_by_digest (digest)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'picks' AND column_name = 'event_id') = 0,
    'ALTER TABLE picks ADD COLUMN event_id BIGINT UNSIGNED NOT NULL DEFAULT 0',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.statistics
     WHERE table_schema = DATABASE() AND table_name = 'picks' AND index_name = 'picks_by_event') = 0,
    'ALTER TABLE picks ADD KEY picks_by_event (tenant, event_id)',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'dead_posts' AND column_name = 'event_id') = 0,
    'ALTER TABLE dead_posts ADD COLUMN event_id BIGINT UNSIGNED NOT NULL DEFAULT 0',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.statistics
     WHERE table_schema = DATABASE() AND table_name = 'dead_posts' AND index_name = 'dead_posts_by_event') = 0,
    'ALTER TABLE dead_posts ADD KEY dead_posts_by_event (tenant, event_id)',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;
