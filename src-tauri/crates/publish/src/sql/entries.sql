-- entries: one row for each content, with what all contributors say together; by key.
--
-- Reads: linked, which is sorted by key and contributor, so that both groupings are streams. Gives: see below.
--
-- The last answer of each contributor counts, for the category and for each flag: `ord` grows with every row ever taken in,
-- so the largest `ord * 256 + number` is the last opinion, and its remainder the number. Several lists of one contributor are
-- one opinion.
WITH voices AS (
    SELECT
        key, contributor,
        min(ord) AS first_ord, max(ord) AS last_ord,
        max(ord * 256 + number) % 256 AS number,
        min(md5) AS md5_low, max(md5) AS md5_high,
        min(sha1) AS sha1_low, max(sha1) AS sha1_high,
        min(sha256) AS sha256,
        min(size_bytes) AS size_low, max(size_bytes) AS size_high,
        max(ord * 2 + CAST(victim_identified AS BIGINT)) % 2 AS victim_identified,
        max(ord * 2 + CAST(offender_identified AS BIGINT)) % 2 AS offender_identified,
        max(ord * 2 + CAST(distributed AS BIGINT)) % 2 AS distributed,
        max(ord * 2 + CAST(suspected AS BIGINT)) % 2 AS suspected,
        max(ord * 2 + CAST(self_generated AS BIGINT)) % 2 AS self_generated,
        max(ord * 2 + CAST(baseline AS BIGINT)) % 2 AS baseline,
        min(pdq) AS pdq, min(photodna) AS photodna,
        max(CASE WHEN vetoed THEN ord END) AS veto_ord
    FROM linked
    GROUP BY key, contributor
)
SELECT
    key,
    min(first_ord) AS first_ord, max(last_ord) AS last_ord,
    count(number) AS voices,
    count(CASE WHEN number < 64 THEN 1 END) AS exact,
    min(CASE WHEN number < 64 THEN number END) AS exact_low,
    max(CASE WHEN number < 64 THEN number END) AS exact_high,
    count(CASE WHEN number = 64 THEN 1 END) AS untranslated,
    min(CASE WHEN number > 64 THEN number - 64 END) AS near_low,
    max(CASE WHEN number > 64 THEN number - 64 END) AS near_high,
    min(md5_low) AS md5_low, max(md5_high) AS md5_high,
    min(sha1_low) AS sha1_low, max(sha1_high) AS sha1_high,
    min(sha256) AS sha256,
    min(size_low) AS size_low, max(size_high) AS size_high,
    min(victim_identified) AS victim_identified_low, max(victim_identified) AS victim_identified_high,
    min(offender_identified) AS offender_identified_low, max(offender_identified) AS offender_identified_high,
    min(distributed) AS distributed_low, max(distributed) AS distributed_high,
    min(suspected) AS suspected_low, max(suspected) AS suspected_high,
    min(self_generated) AS self_generated_low, max(self_generated) AS self_generated_high,
    min(baseline) AS baseline_low, max(baseline) AS baseline_high,
    min(pdq) AS pdq, min(photodna) AS photodna,
    max(veto_ord) AS veto_ord
FROM voices
GROUP BY key
ORDER BY key ASC NULLS FIRST
