"""What is known of languages: words and their forms, names, roles, dates, values, and spaCy's parse."""
