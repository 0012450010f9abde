"""Parameters of the stage "reward-pairs"."""

from pydantic import Field

from mecelle.base.config import Config


class RewardPairsConfig(Config):
    """Which questions are asked, and how their answers are damaged."""

    kinds: tuple[str, ...] = ("asked_question.v1", "cited_article.v1", "cited_decision.v1", "defined_term.v1")
    """Registered kinds of questions, one file each in reward/pairs/questions/."""
    damages: tuple[str, ...] = (
        "wrong_article_number.v1",
        "wrong_law_name.v1",
        "invented_decision_number.v1",
        "contradiction.v1",
        "shuffled_sentences.v1",
        "cut_short.v1",
        "padded.v1",
        "broken_grammar.v1",
        "looping.v1",
        "broken_off.v1",
    )
    """Registered damages, one file each in reward/pairs/damages/."""
    damages_held_out: tuple[str, ...] = ("padded_otherwise.v1",)
    """Damages that answers in training never have: what the model makes of the unknown."""
    damages_per_question: int = Field(default=10, ge=1)
    """Answers with one damage each, at most, drawn by the seed from those that can be done."""
    doubly_damaged: bool = True
    """Whether each question has an answer with two damages besides, where two can be done."""
    most_documents: int = Field(default=20_000, ge=1)
    """Documents that are looked at, drawn by the seed."""
    questions_per_document: int = Field(default=3, ge=1)
    """Questions of one kind from one document; a code of 1,500 articles must not drown the others."""
    questions_per_kind: int = Field(default=400, ge=1)
    """Questions of one kind at most."""
    most_words: int = Field(default=50, ge=10)
    """Of a true answer, which is shortened by whole sentences."""
    least_words: int = Field(default=6, ge=1)
    """Of a true answer; shorter ones cannot be damaged in a way that is seen."""
    held_out_share: float = Field(default=0.25, ge=0.0, lt=1.0)
    """Share of the questions of each kind that are kept for evaluation."""
    near_question: float = Field(default=0.7, gt=0.0, le=1.0)
    """Jaccard similarity of word sets from which two questions count as one, 0..1."""
