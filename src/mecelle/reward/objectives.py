"""What an answer is judged by. Source: Mecellem §4.4.5."""

from typing import Literal, get_args

Objective = Literal[
    "statute_reference", "legal_accuracy", "case_law_reference", "linguistic_coherence", "depth_coverage"
]
"""statute_reference: acts and articles are cited correctly (mevzuat atfı).
legal_accuracy: what is said of the law is right (hukuki doğruluk).
case_law_reference: decisions are cited correctly (içtihat atfı).
linguistic_coherence: language and order of thought (dil ve bütünlük).
depth_coverage: all that matters is said, and nothing else (derinlik ve kapsam)."""

OBJECTIVES: tuple[Objective, ...] = get_args(Objective)
"""In the order of the columns of every array of rewards."""
