-- fresh: contents that have no entry id yet, with the ids of the weaker digests that they were known by; in the order in
-- which they came.
--
-- Reads: entries, ids (key, entry_id, bytes). Gives: key, old_key, old_id.
--
-- A digest that is still a content of its own keeps its id, and nobody else takes it.
WITH unknown AS (
    SELECT e.key AS key, e.first_ord AS first_ord, e.sha256 AS sha256,
        CASE WHEN e.sha1_low = e.sha1_high THEN e.sha1_low END AS sha1,
        CASE WHEN e.md5_low = e.md5_high THEN e.md5_low END AS md5
    FROM entries e LEFT JOIN ids i ON e.key = i.key
    WHERE i.key IS NULL
),
weak AS (
    SELECT i.key AS key, i.entry_id AS entry_id
    FROM ids i LEFT JOIN entries e ON i.key = e.key
    WHERE i.bytes < 32 AND e.key IS NULL
),
claims AS (
    SELECT u.key AS key, w.key AS old_key, w.entry_id AS old_id, 0 AS place FROM unknown u JOIN weak w ON u.sha1 = w.key
    UNION ALL
    SELECT u.key AS key, w.key AS old_key, w.entry_id AS old_id, 1 AS place FROM unknown u JOIN weak w ON u.md5 = w.key
),
heirs AS (
    SELECT old_key, old_id, min(place) AS place, min(key) AS key FROM claims GROUP BY old_key, old_id
),
-- The id of the SHA-1 before that of the MD5: it is the one under which the content was published last.
first_claims AS (
    SELECT key, min(place * 1099511627776 + old_id) % 1099511627776 AS old_id FROM heirs GROUP BY key
)
SELECT u.key AS key, h.old_key AS old_key, h.old_id AS old_id
FROM unknown u
LEFT JOIN first_claims f ON u.key = f.key
LEFT JOIN heirs h ON f.key = h.key AND f.old_id = h.old_id
ORDER BY u.first_ord, u.key
