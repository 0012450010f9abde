"""What is read off prompt and answer."""

import numpy as np

from mecelle.reward.conversation import Conversation
from mecelle.reward.evidence import EVIDENCE, evidence

QUESTION = "Türk Borçlar Kanunu bakımından haksız fiil konusu nasıl düzenlenmiştir?"
ARTICLE = "6098 sayılı Türk Borçlar Kanunu m. 49"
DECISION = "Yargıtay 4. Hukuk Dairesi, E. 2020/1, K. 2021/2"


def read(question: str, answer: str, reference: str = "") -> dict[str, float]:
    return dict(zip(EVIDENCE, evidence([Conversation(question, answer, reference)])[0].tolist(), strict=True))


def test_an_article_that_the_prompt_cites_another_one_and_another_act() -> None:
    def found(citation: str) -> tuple[float, ...]:
        row = read(QUESTION, f"{citation}: Zarar giderilir.", ARTICLE)
        return row["articles_shared"], row["articles_other"], row["acts_shared"]

    assert found(ARTICLE) == (1.0, 0.0, 1.0)
    assert found("6098 sayılı Türk Borçlar Kanunu m. 52") == (0.0, 1.0, 1.0)
    assert found("5237 sayılı Türk Ceza Kanunu m. 49") == (0.0, 0.0, 0.0)


def test_the_act_that_is_asked_about_counts_without_an_article() -> None:
    assert read(QUESTION, f"{ARTICLE}: Zarar giderilir.")["acts_shared"] == 1.0
    assert read(QUESTION, f"{ARTICLE}: Zarar giderilir.")["articles_other"] == 0.0  # the prompt cites none


def test_a_decision_that_the_prompt_cites_and_another_one() -> None:
    same, other = (
        read("Ne oldu?", f"{one}: Ret.", DECISION) for one in (DECISION, DECISION.replace("2021/2", "2021/3"))
    )
    assert (same["decisions_shared"], same["decisions_other"]) == (1.0, 0.0)
    assert (other["decisions_shared"], other["decisions_other"]) == (0.0, 1.0)
    assert read("Ne oldu?", f"{DECISION}: Ret.")["decisions_other"] == 0.0  # nothing to compare with


def test_how_the_answer_goes_on_from_the_reference() -> None:
    assert read("Süre nedir?", "Süre bir aydır. Uzamaz.", "süre bir")["begins_alike"] == 1.0
    assert read("Süre nedir?", "Uzamaz. Süre bir aydır.", "Süre bir")["begins_alike"] == 0.0
    assert read("Süre nedir?", "Süre iki aydır.", "Süre bir")["begins_alike"] == 0.5
    assert read("Süre nedir?", "Süre bir aydır.")["begins_alike"] == 0.0


def test_words_and_length() -> None:
    row = read("Kira nedir?", "KİRA bir sözleşmedir.")
    assert row["words_shared"] == 1 / 3
    assert row["length"] == np.log(4)
    assert read("Kira nedir?", "")["length"] == 0.0
    assert evidence([]).shape == (0, len(EVIDENCE))


def test_runs_of_words_that_come_again() -> None:
    assert read("Ne oldu?", "Kira bedeli ödendi.")["repeated"] == 0.0
    assert read("Ne oldu?", "bir şey bir şey bir şey")["repeated"] == 0.5  # four runs, two of them new
    assert read("Ne oldu?", "Olmadı.")["repeated"] == 0.0
