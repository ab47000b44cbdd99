-- Which of erased_messages were revoked: their sender was told that they were not taken (docs/queue.md). An erased one has no
-- effect whatever it joined; a revoked one may have joined a post before it was revoked, and the rest of that counts.

SET @change = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'erased_messages' AND column_name = 'revoked') = 0,
    'ALTER TABLE erased_messages ADD COLUMN revoked TINYINT(1) NOT NULL DEFAULT 0',
    'DO 0');
PREPARE bgm_change FROM @change;
EXECUTE bgm_change;
DEALLOCATE PREPARE bgm_change;
