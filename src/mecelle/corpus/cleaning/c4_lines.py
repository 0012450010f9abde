"""Lines of web pages that are no sentences: menus, captions, notes on cookies."""

from typing import Literal

from mecelle.corpus.cleaning import Cleaner, cleaners
from mecelle.corpus.filters.c4_quality import C4Quality


@cleaners.register("c4_lines.v1")
class C4Lines(Cleaner):
    """Keep only lines that C4 (arXiv:1910.10683 §2.2) takes for sentences. For collections of web pages alone.

    A page that has filler text or a curly bracket stays as it is, for `c4_quality.v1` to drop.
    """

    cleaner: Literal["c4_lines.v1"] = "c4_lines.v1"
    rules: C4Quality = C4Quality()
    """What a good line is."""

    def clean(self, text: str) -> str:
        """Idempotent. Headings and list items without a full stop go."""
        lines = self.rules.good_lines(text)
        return text if isinstance(lines, str) else "\n".join(lines).strip()
