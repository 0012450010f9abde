"""The generator: the whole collection from one seed."""

import random

from mecelle.base.errors import ConfigError
from mecelle.sample.acts import ask_questions, write_legislation
from mecelle.sample.contracts import write_contract
from mecelle.sample.copies import add_copies
from mecelle.sample.damage import damage_decisions
from mecelle.sample.decisions import write_decision
from mecelle.sample.others import foreign_documents, junk_documents
from mecelle.sample.records import Sample, SampleSize
from mecelle.sample.terms import write_terms

MAX_ACTS = 40


def generate(*, seed: int, size: SampleSize) -> Sample:
    """A Turkish legal collection with known truth; the same seed and size give the same sample.

    Each document draws from a stream of its own, so that a change to one bank leaves the others as they were.
    Raises ConfigError if more acts are asked for than there are, or more planted copies than decisions.
    """
    planted = 2 * size.num_exact_groups + 2 * size.num_near_groups + size.num_twins + size.num_damaged
    if not 1 <= size.num_acts <= MAX_ACTS:
        raise ConfigError(f"num_acts is {size.num_acts}; the generator has between 1 and {MAX_ACTS} acts")
    if planted >= size.num_decisions:
        raise ConfigError(
            f"num_decisions is {size.num_decisions}, but copies, twins and damaged decisions alone need {planted}; "
            "ask for more decisions or fewer groups"
        )
    legislation = write_legislation(size.num_acts, seed=seed)
    num_originals = size.num_decisions - planted
    originals = [
        write_decision(f"decision-{number:05d}", acts=legislation.acts, rng=random.Random(f"{seed}:decision:{number}"))
        for number in range(1, num_originals + 1)
    ]
    copies, duplicates = add_copies(originals, size=size, seed=seed)
    damaged_decisions, damaged = damage_decisions(originals, count=size.num_damaged, seed=seed)
    return Sample(
        seed=seed,
        size=size,
        decisions=(*originals, *copies, *damaged_decisions),
        acts=legislation.acts,
        contracts=tuple(
            write_contract(f"contract-{number:04d}", rng=random.Random(f"{seed}:contract:{number}"))
            for number in range(1, size.num_contracts + 1)
        ),
        questions=ask_questions(legislation, size.num_questions, seed=seed),
        terms=write_terms(size.num_terms, seed=seed),
        foreign=foreign_documents(size.num_foreign, seed=seed),
        junk=junk_documents(size.num_junk, seed=seed),
        damaged=damaged,
        duplicates=duplicates,
    )
