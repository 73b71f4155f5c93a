-- conflicts: contents on which somebody has to decide; by key.
--
-- Reads: entries, marks_by_key. A content that the custodian has decided or withdrawn is no conflict, unless somebody has
-- contributed it again after it was withdrawn, or called its entry wrong after it was decided: ord / 17179869184 is the number of the line of the journal that added the row.
WITH judged AS (
    SELECT
        e.*, m.mark,
        (e.exact > 0 AND e.exact_low < e.exact_high) AS is_disputed,
        (e.untranslated > 0 OR (e.near_low IS NOT NULL
            AND (e.exact = 0 OR e.near_low <> e.exact_low OR e.near_high <> e.exact_high))) AS needs_human,
        (e.md5_low <> e.md5_high OR e.sha1_low <> e.sha1_high) AS has_digests,
        (e.size_low <> e.size_high) AS has_sizes,
        (e.victim_identified_low <> e.victim_identified_high
            OR e.offender_identified_low <> e.offender_identified_high
            OR e.distributed_low <> e.distributed_high
            OR e.suspected_low <> e.suspected_high
            OR e.self_generated_low <> e.self_generated_high
            OR e.baseline_low <> e.baseline_high) AS has_flags,
        (m.mark % 256 = 0 AND e.last_ord / 17179869184 > m.mark / 256) AS is_back,
        (e.veto_ord IS NOT NULL AND (m.mark IS NULL OR e.veto_ord / 17179869184 > m.mark / 256)) AS is_vetoed
    FROM entries e LEFT JOIN marks_by_key m ON e.key = m.key
)
SELECT
    key, md5_low AS md5, sha1_low AS sha1, sha256,
    COALESCE(is_disputed, FALSE) AS is_disputed, COALESCE(needs_human, FALSE) AS needs_human,
    COALESCE(has_digests, FALSE) AS has_digests, COALESCE(has_sizes, FALSE) AS has_sizes,
    COALESCE(has_flags, FALSE) AS has_flags, COALESCE(is_back, FALSE) AS is_back,
    COALESCE(is_vetoed, FALSE) AS is_vetoed
FROM judged
WHERE (mark IS NULL AND (is_disputed OR needs_human OR has_digests OR has_sizes OR has_flags)) OR is_back OR is_vetoed
ORDER BY key ASC NULLS FIRST
