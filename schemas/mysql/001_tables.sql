-- The tables that clients of bgmd may rely on.
--
-- Runs alike on MySQL 8 and MariaDB 10.11. Every statement can be run again: DDL commits by itself, so a migration that
-- was interrupted starts over. Times are UTC. Identifiers compare byte by byte, except that trailing spaces do not
-- count (no collation without that rule exists on both servers); the daemon therefore refuses identifiers that end in
-- one. Keys start with what a cluster would shard by.

CREATE TABLE IF NOT EXISTS tracks (
    track_id    VARCHAR(128)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    title       VARCHAR(512)  NOT NULL DEFAULT '',
    artist      VARCHAR(512)  NOT NULL DEFAULT '',
    album       VARCHAR(512)  NOT NULL DEFAULT '',
    genre       VARCHAR(64)   NOT NULL DEFAULT '',
    language    VARCHAR(35)   NOT NULL DEFAULT '',
    duration_ms INT UNSIGNED  NOT NULL DEFAULT 0,
    tempo_bpm   DOUBLE        NOT NULL DEFAULT 0,
    explicit    TINYINT(1)    NOT NULL DEFAULT 0,
    uri         VARCHAR(2048) NOT NULL DEFAULT '',
    license     VARCHAR(255)  NOT NULL DEFAULT '',
    moods       JSON          NOT NULL,
    valence     DOUBLE        NOT NULL DEFAULT 0,
    arousal     DOUBLE        NOT NULL DEFAULT 0,
    source      VARCHAR(255)  NOT NULL DEFAULT '',
    active      TINYINT(1)    NOT NULL DEFAULT 1,
    -- Moves when a row changes, whoever changes it: that is how a running daemon notices an edited catalogue.
    updated_at  TIMESTAMP(6)  NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    PRIMARY KEY (track_id),
    KEY tracks_by_update (updated_at),
    KEY tracks_by_genre (genre)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS picks (
    tenant       VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    post_id      VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    revision     INT UNSIGNED NOT NULL,
    user_id      VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    mood         VARCHAR(32)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    confidence   DOUBLE       NOT NULL,
    ambiguous    TINYINT(1)   NOT NULL,
    valence      DOUBLE       NOT NULL,
    arousal      DOUBLE       NOT NULL,
    moods        JSON         NOT NULL,
    modalities   JSON         NOT NULL,
    degraded     JSON         NOT NULL,
    likely_moods JSON         NOT NULL,
    language     VARCHAR(35)  NOT NULL DEFAULT '',
    model        VARCHAR(255) NOT NULL DEFAULT '',
    created_at   DATETIME(6)  NULL,
    picked_at    DATETIME(6)  NOT NULL,
    PRIMARY KEY (tenant, post_id),
    KEY picks_by_time (tenant, picked_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS pick_tracks (
    tenant   VARCHAR(128)      CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    post_id  VARCHAR(128)      CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    position SMALLINT UNSIGNED NOT NULL,
    track_id VARCHAR(128)      CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    score    DOUBLE            NOT NULL,
    start_ms INT UNSIGNED      NOT NULL DEFAULT 0,
    reason   JSON              NOT NULL,
    PRIMARY KEY (tenant, post_id, position)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS dead_posts (
    tenant   VARCHAR(128)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    post_id  VARCHAR(128)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    revision INT UNSIGNED  NOT NULL,
    stage    VARCHAR(32)   NOT NULL,
    code     VARCHAR(32)   NOT NULL,
    message  VARCHAR(2048) NOT NULL DEFAULT '',
    attempts INT UNSIGNED  NOT NULL DEFAULT 0,
    post     JSON          NOT NULL,
    died_at  DATETIME(6)   NOT NULL,
    PRIMARY KEY (tenant, post_id),
    KEY dead_posts_by_time (tenant, died_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS feedback (
    -- A digest of all the other columns: the same event sent twice is one row.
    feedback_id CHAR(32)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    tenant      VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    user_id     VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    post_id     VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    track_id    VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    action      VARCHAR(16)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    happened_at DATETIME(6)  NOT NULL,
    PRIMARY KEY (feedback_id),
    KEY feedback_by_post (tenant, post_id),
    KEY feedback_by_track (track_id, action)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
