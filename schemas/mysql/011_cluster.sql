-- Several bgmd beside one another (docs/mysql.md).
--
-- content_hash and messages say which messages of a replicated queue a row answers: SHA-256 of what was posted, and the
-- last 256 ids of 16 bytes that went into the row, oldest first. NULL in rows of a bgmd without such a queue. Chosen by
-- what is there, as in 002.

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'picks' AND column_name = 'content_hash') = 0,
    'ALTER TABLE picks ADD COLUMN content_hash BINARY(32) NULL',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'picks' AND column_name = 'messages') = 0,
    'ALTER TABLE picks ADD COLUMN messages VARBINARY(4096) NULL',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'dead_posts' AND column_name = 'content_hash') = 0,
    'ALTER TABLE dead_posts ADD COLUMN content_hash BINARY(32) NULL',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'dead_posts' AND column_name = 'messages') = 0,
    'ALTER TABLE dead_posts ADD COLUMN messages VARBINARY(4096) NULL',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;

-- Messages that were erased while a host may still have held them: it must not write them again.
CREATE TABLE IF NOT EXISTS erased_messages (
    message    BINARY(16)   NOT NULL,
    erased_at  TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    PRIMARY KEY (message),
    KEY erased_messages_by_time (erased_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- One row for each bgmd. seen_at and started_at are of this server's clock. events_through: events of this host with an
-- id up to it are committed, and whatever it commits later has a larger one.
CREATE TABLE IF NOT EXISTS hosts (
    name           VARCHAR(128)    CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    instance       BINARY(16)      NOT NULL,
    started_at     DATETIME(6)     NOT NULL,
    seen_at        DATETIME(6)     NOT NULL,
    draining       TINYINT(1)      NOT NULL DEFAULT 0,
    gone           TINYINT(1)      NOT NULL DEFAULT 0,
    events_through BIGINT UNSIGNED NOT NULL DEFAULT 0,
    status         JSON            NOT NULL,
    PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- What all of them must have alike.
CREATE TABLE IF NOT EXISTS cluster_settings (
    name  VARCHAR(64)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    value VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
