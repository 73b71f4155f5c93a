-- linked: every row of every contribution, with the key of its content and the number of its opinion; by key and contributor.
--
-- Reads: rows, links, meanings (list, code, number). Gives: key, contributor, ord, the row, number.
--
-- number: null where the row has no opinion; 1 to 63 the category of the set's scheme that it states; 64 an opinion that no
-- rule translates; 65 to 127 one that a rule translates, but not exactly, to category number - 64.
SELECT
    COALESCE(r.sha256, l.key) AS key,
    r.contributor, r.ord, r.list, r.code,
    r.md5, r.sha1, r.sha256, r.size_bytes,
    CASE WHEN r.code IS NULL OR m.number = 0 THEN NULL ELSE COALESCE(m.number, 64) END AS number,
    r.victim_identified, r.offender_identified, r.distributed, r.suspected, r.self_generated, r.baseline,
    r.series, r.pdq, r.photodna, r.vetoed, r.vetoes
FROM rows r
LEFT JOIN meanings m ON r.list = m.list AND r.code = m.code
LEFT JOIN links l ON (CASE WHEN r.sha256 IS NULL THEN COALESCE(r.sha1, r.md5) END) = l.digest
ORDER BY key ASC NULLS FIRST, contributor ASC NULLS FIRST
