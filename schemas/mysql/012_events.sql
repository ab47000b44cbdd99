-- Events of several bgmd, in order (docs/mysql.md). From here on events_through says: while it is not 0, a transaction
-- of this host may be open, and all events that it commits have larger ids. newest_event is the largest id of an event
-- that this host has committed. Ids of hosts differ by their number, modulo 1024. Chosen by what is there, as in 002.

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'hosts' AND column_name = 'newest_event') = 0,
    'ALTER TABLE hosts ADD COLUMN newest_event BIGINT UNSIGNED NOT NULL DEFAULT 0',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'hosts' AND column_name = 'number') = 0,
    'ALTER TABLE hosts ADD COLUMN number BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, ADD UNIQUE KEY hosts_by_number (number)',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;
