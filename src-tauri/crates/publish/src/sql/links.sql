-- links: for each SHA-1 or MD5 that a row without a stronger digest has, the digest by which its content is known.
--
-- Reads: rows (all contributions). Gives: digest, key.
--
-- A SHA-1 leads to the SHA-256 that stands beside it in another row; where two stand beside it (a collision, or a wrong
-- row), it stays alone. A SHA-1 that no SHA-256 stands beside is led by its MD5, but only to a content whose SHA-1 nobody
-- knows: rows that contradict each other are different contents. An MD5 that stands alone leads to the one content
-- that has it.
WITH
weak_sha1 AS (
    SELECT sha1, min(md5) AS md5, max(md5) AS md5_high
    FROM rows WHERE sha256 IS NULL AND sha1 IS NOT NULL
    GROUP BY sha1
),
beside_sha1 AS (
    SELECT r.sha1 AS sha1, min(r.sha256) AS low, max(r.sha256) AS high
    FROM rows r JOIN weak_sha1 w ON r.sha1 = w.sha1
    WHERE r.sha256 IS NOT NULL
    GROUP BY r.sha1
),
loose AS (
    SELECT w.sha1 AS sha1, w.md5 AS md5
    FROM weak_sha1 w LEFT JOIN beside_sha1 b ON w.sha1 = b.sha1
    WHERE b.sha1 IS NULL AND w.md5 = w.md5_high
),
beside_md5 AS (
    SELECT r.md5 AS md5, min(r.sha256) AS low, max(r.sha256) AS high
    FROM rows r JOIN (SELECT DISTINCT md5 FROM loose) l ON r.md5 = l.md5
    WHERE r.sha256 IS NOT NULL
    GROUP BY r.md5
),
with_sha1 AS (
    SELECT DISTINCT r.sha256 AS sha256
    FROM rows r JOIN (SELECT low FROM beside_md5 WHERE low = high) m ON r.sha256 = m.low
    WHERE r.sha1 IS NOT NULL
),
one_loose AS (
    SELECT md5, min(sha1) AS sha1 FROM loose GROUP BY md5 HAVING min(sha1) = max(sha1)
),
by_md5 AS (
    SELECT o.sha1 AS sha1, m.low AS key
    FROM one_loose o JOIN beside_md5 m ON o.md5 = m.md5
    LEFT JOIN with_sha1 s ON m.low = s.sha256
    WHERE m.low = m.high AND s.sha256 IS NULL
),
sha1_keys AS (
    SELECT w.sha1 AS sha1, COALESCE(b.low, m.key, w.sha1) AS key
    FROM weak_sha1 w
    LEFT JOIN (SELECT sha1, low FROM beside_sha1 WHERE low = high) b ON w.sha1 = b.sha1
    LEFT JOIN by_md5 m ON w.sha1 = m.sha1
),
weak_md5 AS (
    SELECT DISTINCT md5 FROM rows WHERE sha256 IS NULL AND sha1 IS NULL
),
md5_contents AS (
    SELECT r.md5 AS md5, r.sha256 AS key
    FROM rows r JOIN weak_md5 w ON r.md5 = w.md5
    WHERE r.sha256 IS NOT NULL
    UNION ALL
    SELECT r.md5 AS md5, k.key AS key
    FROM rows r JOIN weak_md5 w ON r.md5 = w.md5 JOIN sha1_keys k ON r.sha1 = k.sha1
    WHERE r.sha256 IS NULL
),
md5_keys AS (
    SELECT w.md5 AS md5, COALESCE(c.low, w.md5) AS key
    FROM weak_md5 w
    LEFT JOIN (
        SELECT md5, min(key) AS low FROM md5_contents GROUP BY md5 HAVING min(key) = max(key)
    ) c ON w.md5 = c.md5
)
SELECT sha1 AS digest, key FROM sha1_keys
UNION ALL
SELECT md5 AS digest, key FROM md5_keys
