"""What several steps look at of one text, computed once: lines, words, and how often each word stands in it."""

from collections import Counter
from functools import cached_property

from mecelle.text.casing import fold
from mecelle.text.words import words


class View:
    """Parts of a text, each made when it is first asked for. Treat them as read-only: all steps share them."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def bytes(self) -> int:
        """Length in UTF-8."""
        return len(self.text.encode("utf-8", "surrogatepass"))

    @cached_property
    def lines(self) -> list[str]:
        """Lines without their ends."""
        return self.text.split("\n")

    @cached_property
    def tokens(self) -> list[str]:
        """What stands between white space, as written."""
        return self.text.split()

    @cached_property
    def folded(self) -> list[str]:
        """Words (mecelle.text.words) in one case; digits and diacritics are kept."""
        return words(fold(self.text))

    @cached_property
    def forms(self) -> Counter[str]:
        """How often each folded word stands in the text."""
        return Counter(self.folded)


_last = View("")


def view(text: str) -> View:
    """The view of `text`; the same object for as long as steps ask for the same text one after another.

    A pipeline hands one document through all its steps before the next, so one place to remember is enough.
    """
    global _last
    if _last.text is not text:
        _last = View(text)
    return _last
