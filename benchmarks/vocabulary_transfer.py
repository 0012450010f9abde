"""What a model is worth right after it got another vocabulary, before any training: each method on the same rows.

python benchmarks/vocabulary_transfer.py --model MODEL --tokenizers A B --training TRAINING --held-out HELD_OUT

Rows of held-out text are packed by each tokenizer, 30% of their tokens masked (whole words, same seed), and predicted.
Losses compare within a tokenizer alone: another one cuts the same text into other tokens. The first line of each table
has random rows for all tokens; beside them stands the source model with its own tokenizer, on its own rows.
Transfers are kept in --work and found again.
"""

import argparse
import os
from pathlib import Path
from typing import Any

import torch
from measuring import machine, write_results

from mecelle.base import artifacts
from mecelle.encoder.batches import EvaluationRows, Masker, collate
from mecelle.encoder.initial import packed_initial
from mecelle.encoder.mixture import Mixture
from mecelle.encoder.replacement import Replacement
from mecelle.encoder.transfer.stage import STAGE, TransferConfig, transfer
from mecelle.encoder.vocabulary import load_vocabulary
from mecelle.tokenizer.measure.intervals import share
from mecelle.training import packing
from mecelle.training.packing import PackConfig, Rows
from mecelle.training.pieces import IGNORED

METHODS = (None, "random.v1", "mean.v1", "subtoken.v1", "focus.v1")
RATE = 0.3


def main() -> None:
    """Measure and print."""
    options = _options()
    torch.set_num_threads(options.threads)
    results = [{"tokenizer": "its own", **measure(options.model, options.model, options)}]
    for tokenizer in options.tokenizers:
        for method in METHODS:
            made = options.work / f"{tokenizer.name}-{method or 'none'}"
            if not artifacts.is_artifact(made, stage=STAGE):
                config = TransferConfig(method=method, sampled_documents=options.documents)
                transfer(options.model, tokenizer, made, config, seed=options.seed, texts=options.training)
            record = artifacts.read_record(made)
            assert record is not None
            kept = {name: record.figures[name] for name in ("method", "overlap", "rows", "mean_norm")}
            kept["texts"] = Path(record.inputs["texts"].path).name
            results.append({"tokenizer": tokenizer.name, **kept, **measure(made, tokenizer, options)})
    print_table(results)
    values = {name: getattr(options, name) for name in ("seed", "rows", "length", "documents")}
    write_results("vocabulary_transfer", {"machine": machine(), "options": values, "results": results})


def measure(model: Path, tokenizer: Path, options: Any) -> dict[str, Any]:
    """Loss (nats) and accuracy on the masked tokens of held-out rows."""
    _, vocabulary = load_vocabulary(tokenizer)
    packed = options.work / f"pack-{tokenizer.name}"
    if not artifacts.is_artifact(packed, stage=packing.STAGE):
        sizes = PackConfig(sequence_length=options.length, evaluation_rows=0)
        packing.pack(options.held_out, tokenizer, packed, sizes, seed=options.seed)
    special = {kind: vocabulary.special_ids[kind] for kind in ("cls", "sep", "pad")}
    rates, mixture = ((0.0, RATE),), Mixture({"whole_word.v1": 1.0})
    masker = Masker(masking=mixture, rates=rates, replacement=Replacement(), vocabulary=vocabulary, seed=options.seed)
    rows = EvaluationRows(Rows(packed, "training", **special), masker, count=options.rows)
    network = packed_initial(model).eval()
    nats, right, counted = 0.0, 0, 0
    with torch.no_grad():
        for number in range(len(rows)):
            batch = collate([rows[number]])
            output = network(**batch, num_items_in_batch=1)
            nats, right = nats + float(output.loss), right + int(output.correct)
            counted += int((batch["labels"] != IGNORED).sum())
    return {"loss": nats / counted, "accuracy": share(right, counted).model_dump()}


def print_table(results: list[dict[str, Any]]) -> None:
    """One line a model."""
    print("| tokenizer | method | tokens known | running | loss (nats) | accuracy | norm copied / new |")
    print("|---|---|---|---|---|---|---|")
    for one in results:
        overlap, norms, accuracy = one.get("overlap"), one.get("mean_norm", {}), one["accuracy"]
        known = f"{overlap['share']:.1%} | {overlap['running_share']:.1%}" if overlap else "| "
        norm = f"{norms.get('copied', 0):.3f} / {norms.get('new', 0):.3f}" if norms else ""
        hit = f"{accuracy['share']:.3f} [{accuracy['low']:.3f}, {accuracy['high']:.3f}], n = {accuracy['n']:,}"
        method = one.get("method") or ("none" if overlap else "source")
        print(f"| {one['tokenizer']} | {method} | {known} | {one['loss']:.3f} | {hit} | {norm} |")


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--tokenizers", type=Path, nargs="+", required=True)
    parser.add_argument("--training", type=Path, required=True, help="text that FOCUS learns from")
    parser.add_argument("--held-out", type=Path, required=True, help="text that nothing was trained on")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=4000, help="of --training")
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--threads", type=int, default=int(os.environ.get("OMP_NUM_THREADS", "2")))
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
