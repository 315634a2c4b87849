"""SQL for what follows what in a conversation: live long-term memories by timestamp, then by arrival.

The order is not stored; it is read off the index ``memories_by_conversation``. Memories of the same moment
are told apart by a second look at it, so that a conversation without times costs no more than another.
"""

from __future__ import annotations

_SAME = (
    "SELECT s.timestamp AS timestamp, s.id AS id FROM memories AS s WHERE s.namespace_id = m.namespace_id "
    "AND s.conversation_id = m.conversation_id AND s.scope = m.scope "
)


def _around(sign: str, direction: str) -> str:
    moment = f"{_SAME} AND s.timestamp = m.timestamp AND s.id {sign} m.id ORDER BY s.id {direction} LIMIT :steps"
    other = (
        f"{_SAME} AND s.timestamp {sign} m.timestamp ORDER BY s.timestamp {direction}, s.id {direction} LIMIT :steps"
    )
    return (
        f"SELECT id FROM (SELECT * FROM ({moment}) UNION ALL SELECT * FROM ({other})) "
        f"ORDER BY timestamp {direction}, id {direction} LIMIT :steps"
    )


#: Subqueries over ``memories AS m``: row ids of the ``:steps`` memories after it and before it.
AFTER = _around(">", "ASC")
BEFORE = _around("<", "DESC")
