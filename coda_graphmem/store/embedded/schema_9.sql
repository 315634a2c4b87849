-- Version 9: words of Arabic are found with and without the article before them.

-- The trigger takes out of the index what was in it. Other texts have the form they had.
UPDATE memories SET search_text = search_text_of(content)
WHERE search_text IS NOT NULL AND search_text IS NOT search_text_of(content);
