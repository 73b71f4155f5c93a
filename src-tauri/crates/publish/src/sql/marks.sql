-- marks_by_key: the custodian's last word on each content, by whichever of its digests it was given; by key.
--
-- Reads: entries, marks (digest, mark). Gives: key, mark.
SELECT key, max(mark) AS mark
FROM (
    SELECT e.key AS key, m.mark AS mark FROM entries e JOIN marks m ON e.key = m.digest
    UNION ALL
    SELECT e.key AS key, m.mark AS mark FROM entries e JOIN marks m ON e.sha1_low = m.digest WHERE e.sha1_low = e.sha1_high
    UNION ALL
    SELECT e.key AS key, m.mark AS mark FROM entries e JOIN marks m ON e.md5_low = m.digest WHERE e.md5_low = e.md5_high
)
GROUP BY key
ORDER BY key ASC NULLS FIRST
