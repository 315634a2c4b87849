"""How large things may be."""

MAX_CONTENT_LENGTH = 1_000_000
"""Characters of one memory."""
MAX_QUERY_LENGTH = 10_000
"""Characters of one query."""
MAX_ID_LENGTH = 512
"""Characters of an id of a memory or a conversation."""
MAX_TAG_LENGTH = 200
"""Characters of a tag."""
MAX_TAGS = 100
"""Tags of one memory."""
MAX_NAMESPACE_LENGTH = 200
MAX_METADATA_LENGTH = 100_000
"""Characters of metadata written as JSON."""
MAX_VALUE_LENGTH = 10_000_000
"""Characters of the value of an item written as JSON."""
MAX_LABELS = 50
"""Labels of the path of an item."""
MAX_PATH_LENGTH = 1_000
"""Characters of all labels of a path."""
MAX_KEY_LENGTH = 1_000
"""Characters of the key of an item."""
MAX_FIELDS = 100
"""Fields of an item that are embedded."""
MAX_ITEMS = 1_000_000
"""Items one call returns at most."""
MAX_NESTING = 100
"""Dictionaries and lists in one another in metadata: what writes JSON ends at some 250."""
MAX_LIMIT = 10_000
"""Memories one call returns at most; pages reach the rest."""
MAX_GROUP = 50
"""Memories that are merged or kept apart in one call: every two of them are compared."""
MAX_DEPTH = 4
"""Steps a walk goes at most."""
LARGEST = 2**53
"""Whole numbers up to this are the same in JSON, in SQLite and in Neo4j."""
