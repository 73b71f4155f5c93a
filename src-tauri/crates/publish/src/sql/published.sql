-- published: the set, a row for each content that has an entry id, withdrawn ones too; by entry id.
--
-- Reads: entries, series, marks_by_key, ids. `mark` is the custodian's last word on the content: seq * 256 + 0 withdrawn,
-- + 1 to 63 the category that was decided, + 255 decided that nobody can say.
--
-- verdict: 0 none, else the number of the category. All opinions that are exact agree, and those that are not lead to the same
-- category: that is the verdict. standing: 0 one opinion or two, 1 confirmed by three or by the custodian, 2 disputed.
-- A digest or a size that rows contradict each other in is left out. A flag that anybody sets is set; the baseline, which
-- may hide, only where nobody denies it.
WITH judged AS (
    SELECT
        e.*, i.entry_id, m.mark, s.series,
        (e.exact > 0 AND e.exact_low = e.exact_high AND e.untranslated = 0
            AND (e.near_low IS NULL OR (e.near_low = e.exact_low AND e.near_high = e.exact_low))) AS agreed
    FROM entries e
    JOIN ids i ON e.key = i.key
    LEFT JOIN marks_by_key m ON e.key = m.key
    LEFT JOIN series s ON e.key = s.key
)
SELECT
    entry_id, mark,
    CASE WHEN md5_low = md5_high THEN md5_low END AS md5,
    CASE WHEN sha1_low = sha1_high THEN sha1_low END AS sha1,
    sha256,
    CASE WHEN size_low = size_high THEN size_low END AS size_bytes,
    CASE
        WHEN mark % 256 = 255 THEN 0
        WHEN mark % 256 > 0 THEN mark % 256
        WHEN agreed THEN exact_low
        ELSE 0
    END AS verdict,
    CASE
        WHEN mark % 256 > 0 THEN 1
        WHEN voices = 0 THEN NULL
        WHEN agreed AND exact >= 3 THEN 1
        WHEN agreed OR exact = 0 THEN 0
        ELSE 2
    END AS standing,
    victim_identified_high = 1 AS victim_identified,
    offender_identified_high = 1 AS offender_identified,
    distributed_high = 1 AS distributed,
    suspected_high = 1 AS suspected,
    self_generated_high = 1 AS self_generated,
    CASE WHEN baseline_low = baseline_high THEN baseline_high = 1 END AS baseline,
    series, pdq, photodna
FROM judged
ORDER BY entry_id ASC NULLS FIRST
