"""What a guide costs a training step: vectors from the cache against a live guide in sentence-transformers.

All take turns on the same batches of real text in one process. The clock, the processor's, covers forward
passes, loss and backward passes of one batch with gradient caching, and the guide: looked up in the file, or run. Not
the optimizer, nor tokenising, which are the same for all; nor the one pass that fills the cache, whose seconds stand
beside it.
Models have random weights, and guides share the student's tokenizer, which spares the live guide a second tokenising.

    python benchmarks/embedding_step.py --tokenizer ~/.cache/mecelle/tokenizers/legal-32k
    python benchmarks/embedding_step.py --tokenizer ... --memory 64 256 1024 4096     (peak memory by batch size)
"""

import argparse
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from measuring import machine, real_documents, watched, write_results
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import CachedGISTEmbedLoss, CachedMultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from transformers import AutoTokenizer, ModernBertConfig, ModernBertModel

from mecelle.base import artifacts
from mecelle.embedding.collate import PairCollator
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.gradient_cache import Features, backward
from mecelle.embedding.guide.build import GuideConfig, cache_guide
from mecelle.embedding.guide.vectors import GuideVectors
from mecelle.embedding.objective import PairObjective
from mecelle.embedding.pairs.record import Draft, Pair, make_pair, write_pairs
from mecelle.models.quiet import quiet

QUERY_WORDS, DOCUMENT_WORDS = 8, 90
SHAPES = {"student": (4, 256), "guide of equal size": (4, 256), "guide of ten times the size": (10, 512)}
"""Layers and width; parameters without the embedding matrix are counted and printed."""
NO_GUIDE, CACHED = "ours, no guide", "ours, cached guide"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--chunk", type=int, default=32)
    parser.add_argument("--steps", type=int, default=7, help="measured turns; one more warms up")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--memory", type=int, nargs="*", help="measure peak memory at these batch sizes instead")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    if options.child:
        with tempfile.TemporaryDirectory() as folder:
            next(iter(contestants(Path(folder), options, live=False).values()))(0)
    elif options.memory:
        measure_memory(options)
    else:
        measure_time(options)


def measure_time(options: argparse.Namespace) -> None:
    """Processor seconds a step of each, in turns, and ratios to ours with the cached guide."""
    with tempfile.TemporaryDirectory() as folder:
        steps = contestants(Path(folder), options, live=True)
        seconds: dict[str, list[float]] = {name: [] for name in steps}
        for turn in range(options.steps + 1):
            for name, step in steps.items():
                began = time.process_time()  # one thread: other work on the machine distorts it least
                step(turn)
                if turn:
                    seconds[name].append(time.process_time() - began)
    rows = {}
    for name, taken in seconds.items():
        ratios = [theirs / ours for theirs, ours in zip(taken, seconds[CACHED], strict=True)]
        rows[name] = {"seconds": taken, "median": statistics.median(taken), "ratio": statistics.median(ratios)}
        print(
            f"{name:58} {rows[name]['median']:8.3f} s   x {rows[name]['ratio']:.3f}"
            f"  ({min(ratios):.3f}-{max(ratios):.3f})"
        )
    write_results("embedding_step", {"machine": told(), "options": plain(options), "steps": rows})


def measure_memory(options: argparse.Namespace) -> None:
    """Peak memory of a process that does one step with the cached guide, by batch size."""
    rows = []
    for batch in options.memory:
        arguments = [
            "--tokenizer",
            options.tokenizer,
            "--batch",
            batch,
            "--chunk",
            options.chunk,
            "--seed",
            options.seed,
        ]
        rows.append({"batch": batch, **watched([__file__, *map(str, arguments), "--child"])})
        print(f"batch {batch:5}: {rows[-1]['peak_gib']:.2f} GiB, {rows[-1]['seconds']:.0f} s with start and guide")
    write_results("embedding_step_memory", {"machine": told(), "options": plain(options), "steps": rows})


def contestants(folder: Path, options: argparse.Namespace, *, live: bool) -> dict[str, Callable[[int], None]]:
    """Name -> one step on the batch number that it is called with. live: with sentence-transformers' losses."""
    pairs = make_pairs(options.batch * (2 if live else 1))
    models = {
        name: random_model(folder / name.replace(" ", "-"), options.tokenizer, shape) for name, shape in SHAPES.items()
    }
    with artifacts.create(folder / "pairs", stage="pairs", version=1, parameters={}, inputs={}, seed=None) as run:
        write_pairs(pairs, run.folder)
    began = time.perf_counter()
    with quiet():
        cache_guide(folder / "pairs", folder / "cached", GuideConfig(model=str(folder / "guide-of-equal-size")))
    print(f"the guide of equal size embedded {2 * len(pairs)} texts once in {time.perf_counter() - began:.1f} s")
    student = models["student"]
    batches = make_batches(student, pairs, options.batch)
    steps: dict[str, Callable[[int], None]] = {
        CACHED: ours(student, pairs, batches, options, "guided_info_nce.v1", GuideVectors(folder / "cached")),
        NO_GUIDE: ours(student, pairs, batches, options, "multiple_negatives.v1", None),
    }
    if live:
        plain_loss = CachedMultipleNegativesRankingLoss(student, mini_batch_size=options.chunk)
        steps["sentence-transformers, no guide"] = others(student, plain_loss, batches)
        for name in list(SHAPES)[1:]:
            loss = CachedGISTEmbedLoss(student, models[name], temperature=0.05, mini_batch_size=options.chunk)
            size = parameters(models[name]) / parameters(student)
            steps[f"sentence-transformers, live {name} ({size:.1f}x)"] = others(student, loss, batches)
    return steps


def make_pairs(count: int) -> list[Pair]:
    """The first words of a legal text as the query, what follows as the document."""
    made: list[Pair] = []
    for document in real_documents():
        words = document.text.split()
        if len(words) >= QUERY_WORDS + DOCUMENT_WORDS:
            query, text = " ".join(words[:QUERY_WORDS]), " ".join(words[QUERY_WORDS : QUERY_WORDS + DOCUMENT_WORDS])
            made.append(
                make_pair(Draft(f"{query} {len(made)}", f"{text} {len(made)}", document.id, document.id), kind="given")
            )
        if len(made) == count:
            return made
    raise SystemExit(f"{len(made)} texts are long enough, and {count} are needed")


def make_batches(model: SentenceTransformer, pairs: list[Pair], size: int) -> list[tuple[list[Features], torch.Tensor]]:
    """Features of both sides and numbers of the pairs of each batch."""
    collator = PairCollator(model.tokenizer, max_length=256, prompts={"query": "", "document": ""})
    batches = []
    for start in range(0, len(pairs), size):
        numbered = list(enumerate(pairs))[start : start + size]
        rows = [{"query": p.query, "document": p.document, "negatives": [], "label": n} for n, p in numbered]
        made = collator(rows)
        sides = [{k.removeprefix(s): v for k, v in made.items() if k.startswith(s)} for s in ("query_", "document_")]
        batches.append((sides, made["label"]))
    return batches


def random_model(folder: Path, tokenizer: Path, shape: tuple[int, int]) -> SentenceTransformer:
    """A ModernBERT of (layers, width) with random weights, saved as sentence-transformers does."""
    layers, width = shape
    loaded = AutoTokenizer.from_pretrained(tokenizer)
    config = ModernBertConfig(
        vocab_size=len(loaded), hidden_size=width, intermediate_size=width * 3 // 2, num_hidden_layers=layers,
        num_attention_heads=width // 64, max_position_embeddings=512, pad_token_id=loaded.pad_token_id,
        cls_token_id=loaded.cls_token_id, sep_token_id=loaded.sep_token_id, bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    plain_folder = folder.with_name(f"{folder.name}-plain")
    with quiet():
        ModernBertModel(config).save_pretrained(plain_folder)
        loaded.save_pretrained(plain_folder)
        model = SentenceTransformer(modules=[Transformer(str(plain_folder)), Pooling(width), Normalize()], device="cpu")
        model.save_pretrained(str(folder), create_model_card=False)
    return model


def parameters(model: SentenceTransformer) -> int:
    """Of the layers, without the embedding matrix: what a forward pass takes its time for."""
    return sum(p.numel() for name, p in model.named_parameters() if "embeddings" not in name)


def ours(
    model: SentenceTransformer, pairs: list[Pair], batches: list[tuple[list[Features], torch.Tensor]],
    options: argparse.Namespace, loss: str, guide: GuideVectors | None,
) -> Callable[[int], None]:  # fmt: skip
    """A step of ours."""
    objective = PairObjective(model, pairs, EmbeddingConfig(loss=loss), guide)

    def step(turn: int) -> None:
        sides, numbers = batches[turn % len(batches)]
        model.zero_grad()
        backward(
            lambda side: model(dict(side))["sentence_embedding"],
            sides,
            lambda vectors: objective.judge(vectors, numbers),
            chunk=options.chunk,
        )

    return step


def others(
    model: SentenceTransformer, loss: torch.nn.Module, batches: list[tuple[list[Features], torch.Tensor]]
) -> Callable[[int], None]:
    """A step of theirs."""

    def step(turn: int) -> None:
        sides, numbers = batches[turn % len(batches)]
        model.zero_grad()
        loss([dict(side) for side in sides], numbers).backward()

    return step


def told() -> dict[str, object]:
    """Machine and versions."""
    return machine("torch", "transformers", "sentence-transformers", "numpy")


def plain(options: argparse.Namespace) -> dict[str, object]:
    """The options, for the record, with the command."""
    return {"command": " ".join(itertools.chain(["python"], sys.argv)), **{k: str(v) for k, v in vars(options).items()}}


if __name__ == "__main__":
    main()
