-- marks_by_key: the custodian's last word on each content, by whichever of its digests it was given; by key.
--
-- Reads: entries, linked, marks (digest, mark). Gives: key, mark.
--
-- A word that was given by a weaker digest counts for the content that any row brings that digest to, also where another row
-- contradicts it: one unit's mistake must not undo it. Where several contents have the digest, a category is said of none of
-- them; a withdrawal, or that nobody can say, is said of all: to show too much does less harm than to hide. The marks stand
-- first in each join: they are few, and fit into memory.
WITH weak AS (
    SELECT DISTINCT l.key AS key, m.digest AS digest, m.mark AS mark FROM marks m JOIN linked l ON m.digest = l.sha1
    UNION ALL
    SELECT DISTINCT l.key AS key, m.digest AS digest, m.mark AS mark FROM marks m JOIN linked l ON m.digest = l.md5
),
contents AS (
    SELECT digest, min(key) AS low, max(key) AS high FROM weak GROUP BY digest
)
SELECT key, max(mark) AS mark
FROM (
    SELECT e.key AS key, m.mark AS mark FROM marks m JOIN entries e ON m.digest = e.key
    UNION ALL
    SELECT w.key AS key, w.mark AS mark FROM weak w JOIN contents c ON w.digest = c.digest
    WHERE c.low = c.high OR w.mark % 256 = 0 OR w.mark % 256 = 255
)
GROUP BY key
ORDER BY key ASC NULLS FIRST
