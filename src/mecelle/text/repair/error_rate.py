"""How far a text is from the truth."""

from rapidfuzz.distance import Levenshtein


def character_errors(found: str, truth: str) -> tuple[int, int]:
    """Edits (insertions, deletions, replacements of one character) from `found` to `truth`, and characters of `truth`.

    White space of any kind and length counts as one space, at the ends as none: where a line breaks is layout. Case,
    digits, accents and punctuation all count.
    """
    found, truth = " ".join(found.split()), " ".join(truth.split())
    return Levenshtein.distance(found, truth), len(truth)


def character_error_rate(found: str, truth: str) -> float:
    """Edits per character of the truth, 0 when equal; above 1 when much was added. An empty truth counts as one."""
    edits, length = character_errors(found, truth)
    return edits / max(1, length)
