-- How far a replica is: each program that reads from replicas counts up in a row of its own, and sees there which number has
-- arrived. Whatever was committed before a number was written is there, too (docs/mysql.md).

CREATE TABLE IF NOT EXISTS replica_marks (
    instance   BINARY(16)      NOT NULL,
    mark       BIGINT UNSIGNED NOT NULL,
    marked_at  TIMESTAMP(6)    NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    PRIMARY KEY (instance),
    KEY replica_marks_by_time (marked_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
