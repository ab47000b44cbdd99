-- What was heard in a track's file (bgmctl catalogue analyse): one row a track, replaced by the next analysis. `model` names
-- what was measured and how; file_bytes and file_sha256 say of which file. moods is {"calm": 0.4, ...}, all thirteen; windows
-- is [{"start_s", "quality", "moods", "valence", "arousal"}], beats is [seconds, ...]; embedding is of 32-bit floats and
-- fingerprint of 32-bit numbers (Chromaprint's), little endian.

CREATE TABLE IF NOT EXISTS track_analysis (
    track_id         VARCHAR(128)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    model            VARCHAR(100)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    analysed_at      DATETIME(6)      NOT NULL,
    file_bytes       BIGINT UNSIGNED  NOT NULL,
    file_sha256      CHAR(64)         CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    seconds          DOUBLE           NOT NULL,
    loudness_lufs    DOUBLE           NOT NULL,
    range_lu         DOUBLE           NOT NULL,
    tempo_bpm        DOUBLE           NOT NULL,
    tempo_confidence DOUBLE           NOT NULL,
    key_tonic        TINYINT UNSIGNED NOT NULL,
    key_minor        TINYINT(1)       NOT NULL,
    key_confidence   DOUBLE           NOT NULL,
    energy           DOUBLE           NOT NULL,
    speech           DOUBLE           NOT NULL,
    moment_ms        INT UNSIGNED     NOT NULL,
    moods            JSON             NOT NULL,
    valence          DOUBLE           NOT NULL,
    arousal          DOUBLE           NOT NULL,
    windows          JSON             NOT NULL,
    beats            JSON             NOT NULL,
    embedding_model  VARCHAR(100)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    embedding        MEDIUMBLOB       NOT NULL,
    fingerprint      MEDIUMBLOB       NOT NULL,
    PRIMARY KEY (track_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
