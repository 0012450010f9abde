"""The cleaners of `corpus build`, in their order."""

from mecelle.corpus.cleaning import Cleaner
from mecelle.corpus.cleaning.contents_table import ContentsTable
from mecelle.corpus.cleaning.empty_lines import EmptyLines
from mecelle.corpus.cleaning.line_hyphens import LineHyphens
from mecelle.corpus.cleaning.mojibake import Mojibake
from mecelle.corpus.cleaning.noise import Noise
from mecelle.corpus.cleaning.page_numbers import PageNumbers
from mecelle.corpus.cleaning.running_headers import RunningHeaders
from mecelle.corpus.cleaning.spread_letters import SpreadLetters
from mecelle.corpus.cleaning.unicode import Unicode


def repairs() -> tuple[Cleaner, ...]:
    """Damage first, while wide gaps and line ends still tell of it; then one form for spaces and quotes.

    On real statutes and decisions they change one document in ten, nearly always where it is damaged
    (docs/results/corpus.md).
    """
    return (
        Mojibake(), SpreadLetters(), RunningHeaders(), PageNumbers(), ContentsTable(), Noise(),
        Unicode(), LineHyphens(), EmptyLines(),
    )  # fmt: skip
