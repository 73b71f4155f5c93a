-- series: the distinct texts of each content, joined in their order; by key.
--
-- Reads: linked. (Spark writes array_join(array_sort(collect_set(series)), '; ') for string_agg.)
SELECT key, string_agg(series, '; ' ORDER BY series) AS series
FROM (SELECT DISTINCT key, series FROM linked WHERE series IS NOT NULL)
GROUP BY key
ORDER BY key ASC NULLS FIRST
