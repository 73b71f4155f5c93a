-- ids: the entry id of every content that ever had one; by key. An id is given once, and never to another content.
--
-- Reads: ids (before), assigned (key, entry_id, bytes, old_key). A weaker digest whose id its content has taken over loses it.
SELECT i.key AS key, i.entry_id AS entry_id, i.bytes AS bytes
FROM ids i LEFT JOIN assigned a ON i.key = a.old_key
WHERE a.old_key IS NULL
UNION ALL
SELECT key, entry_id, bytes FROM assigned
ORDER BY key ASC NULLS FIRST
