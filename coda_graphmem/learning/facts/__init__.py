"""Finds facts about the user in what they say, by one table of rules over spaCy's parse."""
