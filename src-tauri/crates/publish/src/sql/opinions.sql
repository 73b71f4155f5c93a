-- opinions: what each row of the contents in question says, oldest first.
--
-- Reads: linked, questions (key). Gives: key, contributor, ord, list, code, number, vetoes.
SELECT l.key, l.contributor, l.ord, l.list, l.code, l.number, l.vetoes
FROM linked l JOIN questions q ON l.key = q.key
ORDER BY l.key, l.ord
