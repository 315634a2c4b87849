"""Whether a text may say facts at all, told from its words as they are written."""


def may_state(text: str, speaker: str | None) -> bool:
    """Whether anything could be read in a text.

    Args:
        text: What was said.
        speaker: Who said it; None where nobody is named.
    """
    from coda_graphmem.language.roles import is_assistant, is_silent

    return bool(text.strip()) and not (speaker and (is_silent(speaker) or is_assistant(speaker)))
