"""What an act says on the heading of an article -> the article's text with its citation (madde)."""

import re
from collections.abc import Iterator

from mecelle.base.document import Document
from mecelle.base.seeds import generator
from mecelle.documents.passages import passages
from mecelle.embedding.pairs.articles import is_repealed, without_lines
from mecelle.reward.pairs.questions import KINDS
from mecelle.reward.pairs.record import Asked
from mecelle.reward.pairs.shortening import first_sentences
from mecelle.text.casing import fold, title, upper

_MARKER = re.compile(r"^\s*madde\s+\d+\s*[-–—.]?\s*")
_AMENDMENT = re.compile(r"^\s*\((?:Değişik|Ek|Yeniden)[^()]*\)\s*")
_PLAIN_ARTICLE = re.compile(r"(?P<law>\d+):m(?P<article>\d+)")


@KINDS.register("cited_article.v1")
def cited_article(document: Document, *, most_words: int, seed: int) -> Iterator[Asked]:
    """From acts and articles with a heading, a number and a name. In half of the prompts, drawn by the seed, stands
    what is cited, so that a wrong number can be seen; in the others nobody could but by heart."""
    if document.metadata.get("kind") not in ("statute", "article"):
        return
    name = _name(document)
    seen: set[str] = set()
    for passage in passages(document):
        found = _PLAIN_ARTICLE.fullmatch(passage.article or "")
        if not (name and found and passage.heading) or passage.article in seen or is_repealed(passage.text):
            continue
        seen.add(str(passage.article))
        heading = " ".join(passage.heading.split()).rstrip(" :.-–—")
        text = without_lines(passage.text, passage.heading)
        text = _AMENDMENT.sub("", text[_marker(text) :])
        answer = first_sentences(text, most_words)
        if not (answer and heading):
            continue
        citation = f"{found['law']} sayılı {name} m. {found['article']}"
        in_prompt = bool(generator(seed, "cited_article", document.id, found["article"]).integers(2))
        yield Asked(
            f"{name} bakımından {heading} konusu nasıl düzenlenmiştir?",
            citation if in_prompt else "",
            f"{citation}: {answer}",
            document.id,
        )


def _marker(text: str) -> int:
    found = _MARKER.match(fold(text))
    return found.end() if found else 0


def _name(document: Document) -> str:
    name = " ".join(str(document.metadata.get("law") or document.metadata.get("title") or "").split())
    return title(name) if name == upper(name) else name
