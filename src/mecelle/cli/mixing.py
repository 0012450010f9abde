"""`mecelle corpus mix`: a training set by targets or by a curriculum."""

from pathlib import Path
from typing import Annotated

import typer

from mecelle.cli.common import Out, Params, Seed, Settings, errors, finish, laid_over, parameters, seed_of, told


@told
def mix(
    documents: Annotated[Path, typer.Argument(help="An artifact of `corpus build` or `corpus select`.")],
    out: Out,
    curriculum: Annotated[
        str | None,
        typer.Option(
            help="Phases instead of targets, as in `decoder pretrain`: mecellem_general_first, laptop, ..., a YAML of "
            "one's own, or FILE:SECTION."
        ),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes for the steps of the phases; 0: all cores.")] = 0,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Cut and repeat categories to their targets (section `mix`), or lay out the phases of a curriculum.

    With --curriculum, the keys of the section go over it: size, total, phases.
    """
    from mecelle.base.artifacts import read_record
    from mecelle.corpus.executors.local import Local
    from mecelle.corpus.mixing.balance import balance, composition
    from mecelle.corpus.mixing.curriculum import Curriculum
    from mecelle.corpus.mixing.phases import follow
    from mecelle.corpus.mixing.targets import Balance
    from mecelle.decoder.curriculum.named import load_curriculum

    if curriculum:
        begun = load_curriculum(curriculum).mixture()
        plan = parameters(Curriculum, None, "mix", settings, laid_over(begun, params, "mix"))
        follow(documents, out, plan, seed=seed_of(seed, params), executor=Local(workers=workers))
    else:
        config = parameters(Balance, params, "mix", settings, Balance())
        balance(documents, out, config, seed=seed_of(seed, params))
        if record := read_record(out):
            _tell(f"The mix: {composition(record.figures['targets'])}.")
        if config.table and config.use == "factors":
            _tell("By the paper's factors, which fit its own collection; --set use=shares takes the shares it came to.")
    finish(out)


def _tell(sentence: str) -> None:
    errors.print(sentence, markup=False, highlight=False, soft_wrap=True)
