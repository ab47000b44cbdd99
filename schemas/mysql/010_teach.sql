-- What posts teach the heads (docs/teach.md): an embedding of a photo, a video or a sound, and the mood of the text beside
-- it. Written with the post's pick, replaced and erased with it. embedding is of binary16 numbers and moods of thirteen
-- 32-bit floats in mood order, little endian. seed_no counts up, so that the oldest can go.

CREATE TABLE IF NOT EXISTS mood_seeds (
    tenant     VARCHAR(128)      CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    post_id    VARCHAR(128)      CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    place      SMALLINT UNSIGNED NOT NULL,
    model      VARCHAR(100)      CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    user_id    VARCHAR(128)      CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    modality   VARCHAR(16)       CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    moods      VARBINARY(52)     NOT NULL,
    valence    DOUBLE            NOT NULL,
    arousal    DOUBLE            NOT NULL,
    weight     DOUBLE            NOT NULL,
    embedding  MEDIUMBLOB        NOT NULL,
    seed_no    BIGINT UNSIGNED   NOT NULL AUTO_INCREMENT,
    PRIMARY KEY (tenant, post_id, place, model),
    UNIQUE KEY mood_seeds_by_number (seed_no),
    KEY mood_seeds_by_model (model, seed_no),
    KEY mood_seeds_by_user (tenant, user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
