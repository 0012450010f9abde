"""Stages from a decoder to an embedding model, apart from those of all embedding models: what they do loads torch."""

from mecelle.decoder import config as decoder_config
from mecelle.embedding import merging
from mecelle.embedding.conversion import adapt as adaptation
from mecelle.embedding.conversion import convert as conversion
from mecelle.recipes.embedding_parts import DECODER
from mecelle.recipes.graph import Inputs, Stage
from mecelle.recipes.parts import PARAMS, made_here, text, tokenizer

CONVERTED, ADAPTED, MERGED = (f"artifacts/{name}" for name in ("converted", "adapted", "merged"))


def beginning(inputs: Inputs) -> tuple[tuple[Stage, ...], str]:
    """The stages from the user's documents to a decoder that is converted, and adapted beside, and the converted one.

    With a decoder to begin with none is trained; without documents none is adapted.
    """
    documents = text(inputs) if inputs.data else ()
    trained = () if inputs.initial else (tokenizer(inputs), _decoder())
    decoder = inputs.initial or DECODER
    return (*documents, *trained, _converted(decoder), *((_adapted(decoder),) if documents else ())), CONVERTED


def _decoder() -> Stage:
    return Stage(
        name="decoder",
        command=f"mecelle decoder pretrain artifacts/training --tokenizer artifacts/tokenizer --out {DECODER} "
        f"--work work/decoder {PARAMS}",
        reads=("artifacts/training", "artifacts/tokenizer"),
        makes=DECODER,
        parameters=("seed", "decoder"),
        version=decoder_config.VERSION,
    )


def _converted(decoder: str) -> Stage:
    """The decoder without its head, with attention to both sides."""
    return Stage(
        name="convert",
        command=f"mecelle embedding convert {decoder} --out {CONVERTED} {PARAMS}",
        reads=made_here(decoder),
        makes=CONVERTED,
        parameters=("convert",),
        version=conversion.VERSION,
    )


def _adapted(decoder: str) -> Stage:
    """The same, and taught to look ahead by masked tokens of the training set."""
    return Stage(
        name="adapt",
        command=f"mecelle embedding adapt {decoder} --texts artifacts/training --out {ADAPTED} --work work/adapted "
        f"{PARAMS}",
        reads=(*made_here(decoder), "artifacts/training"),
        makes=ADAPTED,
        parameters=("seed", "adapt_converted"),
        version=adaptation.VERSION,
    )


def merged(first: str, second: str) -> Stage:
    """A model between two trainings."""
    return Stage(
        name="merge",
        command=f"mecelle embedding merge {first} {second} --out {MERGED} {PARAMS}",
        reads=(first, second),
        makes=MERGED,
        parameters=("merge",),
        version=merging.VERSION,
    )
