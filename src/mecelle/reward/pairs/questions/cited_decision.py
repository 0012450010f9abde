"""What a court decided -> the end of the decision with its citation (karar)."""

from collections.abc import Iterator

from mecelle.base.document import Document
from mecelle.base.seeds import generator
from mecelle.reward.pairs.questions import KINDS
from mecelle.reward.pairs.record import Asked
from mecelle.reward.pairs.shortening import first_words, last_sentences
from mecelle.text.sentences import sentences
from mecelle.text.words import words

_LEAST_WORDS, _MATTER_WORDS = 8, 20


@KINDS.register("cited_decision.v1")
def cited_decision(document: Document, *, most_words: int, seed: int) -> Iterator[Asked]:
    """From decisions with court, chamber and both numbers. In half of the prompts, drawn by the seed, they stand."""
    facts = [str(document.metadata.get(name) or "") for name in ("court", "chamber", "case_number", "decision_number")]
    answer = last_sentences(document.text, most_words)
    if document.metadata.get("kind") != "decision" or not all(facts) or not answer:
        return
    court, chamber, case, number = facts
    citation = f"{court} {chamber}, E. {case}, K. {number}"
    in_prompt = bool(generator(seed, "cited_decision", document.id).integers(2))
    yield Asked(
        f"{court} {chamber} şu olayda hangi sonuca varmıştır: {_matter(document.text)}",
        citation if in_prompt else "",
        f"{citation}: {answer}",
        document.id,
    )


def _matter(text: str) -> str:
    """The first words of the first sentence that is one: headers of decisions are short or have no full stop."""
    found = (one for one in sentences(text) if one.endswith(".") and len(words(one)) >= _LEAST_WORDS)
    return first_words(" ".join(next(found, text).split()), _MATTER_WORDS)
