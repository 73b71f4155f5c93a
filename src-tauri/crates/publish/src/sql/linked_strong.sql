-- linked, where every row has a SHA-256: nothing has to be linked. See linked.sql.
SELECT
    r.sha256 AS key,
    r.contributor, r.ord, r.list, r.code,
    r.md5, r.sha1, r.sha256, r.size_bytes,
    CASE WHEN r.code IS NULL OR m.number = 0 THEN NULL ELSE COALESCE(m.number, 64) END AS number,
    r.victim_identified, r.offender_identified, r.distributed, r.suspected, r.self_generated, r.baseline,
    r.series, r.pdq, r.photodna, r.vetoed, r.vetoes
FROM rows r
LEFT JOIN meanings m ON r.list = m.list AND r.code = m.code
ORDER BY key ASC NULLS FIRST, contributor ASC NULLS FIRST
