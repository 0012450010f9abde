"""HukukBERT Table 4 and Mecellem Fig. 6 in kind: tokenizers of one code, on legal text that none of them saw.

Cuts a training artifact into legal and general Turkish, holds acts out by law number (their articles with them) and
takes the decisions of docs/splits.json from the corpus; trains every tokenizer of TOKENIZERS with
`mecelle tokenizer train`, then measures all in one call of `mecelle tokenizer measure`. What is trained is kept.

    python benchmarks/tokenizer_comparison.py ~/.cache/mecelle/full/training ~/.cache/mecelle/full/corpus --seed 7
"""

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from measuring import DATA, RESULTS, write_results

from mecelle.base.collection import read_documents, write_documents
from mecelle.base.document import Document
from mecelle.corpus.decontamination.splits import held_out_source_ids

ROOT = Path(__file__).parents[1]
HELD_OUT_ACTS = 0.05
"""Share of law numbers whose texts are measured on."""

MEASURED = "measured"

TERMS = [DATA / "legal" / "dictionary.jsonl.gz", DATA / "legal" / "legal_terms.jsonl.gz"]

WORDPIECE, BPE = "algorithm=wordpiece.v1", "algorithm=bpe.v1"

TOKENIZERS: dict[str, tuple[str, list[str], bool]] = {
    # name: (corpus, settings, seeded)
    "general-32k": ("general", [WORDPIECE, "pattern=bert.v1", "vocab_size=32000"], False),
    "general-128k": ("general", [WORDPIECE, "pattern=bert.v1", "vocab_size=128000"], False),
    "general-32k-digits": ("general", [WORDPIECE, "pattern=digits.v1", "vocab_size=32000"], False),
    "web-32k": ("web", [WORDPIECE, "pattern=bert.v1", "vocab_size=32000"], False),
    "web-128k": ("web", [WORDPIECE, "pattern=bert.v1", "vocab_size=128000"], False),
    "legal-32k": ("legal", [WORDPIECE, "pattern=bert.v1", "vocab_size=32000"], False),
    "legal-48k": ("legal", [WORDPIECE, "pattern=bert.v1", "vocab_size=48000"], False),
    "legal-48k-seeded": ("legal", [WORDPIECE, "pattern=bert.v1", "vocab_size=48000", "family=bert"], True),
    "legal-48k-seeded-balanced": (
        "legal", [WORDPIECE, "pattern=bert.v1", "vocab_size=48000", "family=bert", "balance={}"], True,
    ),
    "legal-48k-digits": ("legal", [WORDPIECE, "pattern=digits.v1", "vocab_size=48000"], True),
    "legal-48k-whitespace": ("legal", [WORDPIECE, "pattern=whitespace.v1", "vocab_size=48000"], False),
    "legal-42k": ("legal", [WORDPIECE, "pattern=bert.v1", "vocab_size=42020"], False),
    "legal-42k-morphemes": (
        "legal", [WORDPIECE, "pattern=bert.v1", "vocab_size=42020", "segmentation=akana.v1"], False,
    ),
    "legal-42k-unigram": ("legal", ["algorithm=unigram.v1", "pattern=bert.v1", "vocab_size=42102"], False),
    "legal-48k-bpe-llama": ("legal", [BPE, "pattern=llama.v1", "vocab_size=48000"], False),
    "legal-48k-bpe-gpt2": ("legal", [BPE, "pattern=gpt2.v1", "vocab_size=48000"], False),
    "legal-48k-bpe-legal": ("legal", [BPE, "pattern=legal.v1", "vocab_size=48000"], False),
    "all-59k-bpe-llama": ("all", [BPE, "pattern=llama.v1", "vocab_size=59008"], False),
}  # fmt: skip
"""general: data/general/text, three quarters of it parliament's minutes; web: without them; legal: laws, regulations,
decisions, questions; all: legal and general."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("training", type=Path, help="artifact of `corpus select`")
    parser.add_argument("corpus", type=Path, help="artifact of `corpus build`, which still has the held-out decisions")
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache" / "mecelle" / "tokenizers")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    if not (arguments.work / "held-out").is_dir():
        write_results("tokenizers_data", prepare(arguments.training, arguments.corpus, arguments.work, arguments.seed))
    for name, (corpus, settings, seeded) in TOKENIZERS.items():
        if not (arguments.work / name).is_dir():
            run(train_command(name, corpus, settings, seeded, arguments.seed), arguments.work)
    run(measure_command(arguments.seed), arguments.work)
    measured = (arguments.work / MEASURED / "measurements.json").read_text(encoding="utf-8")
    # Whose machine it was is no result.
    (RESULTS / "tokenizers.json").write_text(measured.replace(str(DATA), "../shared/data"), encoding="utf-8")


def prepare(training: Path, corpus: Path, work: Path, seed: int) -> dict[str, dict[str, int]]:
    """Write legal/, general/, all/ and held-out/; returns documents and characters of each."""
    acts = sorted({number for document in read_documents(training) if (number := law_of(document))})
    rng = np.random.default_rng(seed)
    held = set(rng.choice(acts, size=round(HELD_OUT_ACTS * len(acts)), replace=False).tolist())
    decisions = held_out_source_ids(ROOT / "docs" / "splits.json")
    amounts: dict[str, Counter[str]] = {}

    def counted(name: str, documents: Iterator[Document]) -> Iterator[Document]:
        amount = amounts.setdefault(name, Counter())
        for document in documents:
            amount.update(documents=1, characters=len(document.text))
            yield document

    def trained(*collections: str) -> Iterator[Document]:
        for document in read_documents(training):
            if law_of(document) not in held and collection_of(document) in collections:
                yield document

    def measured() -> Iterator[Document]:
        for document in read_documents(corpus):
            # The acts themselves, not their articles, which say the same again.
            act = document.metadata.get("kind") == "statute" and law_of(document) in held
            if act or document.metadata.get("source_id") in decisions:
                yield document

    for name, documents in {
        "legal": trained("legal"), "general": trained("web", "parliament"), "web": trained("web"),
        "all": trained("legal", "web", "parliament"), "held-out": measured(),
    }.items():  # fmt: skip
        write_documents(counted(name, documents), work / name)
    return {name: dict(amount) for name, amount in amounts.items()}


def law_of(document: Document) -> str | None:
    """The number of the act that a document is or stands in."""
    number = document.metadata.get("law_number")
    return str(number) if number and document.metadata.get("kind") in ("statute", "article") else None


def collection_of(document: Document) -> str:
    """legal, parliament or web."""
    if not str(document.metadata["source"]).startswith("text.jsonl.gz"):
        return "legal"
    return "parliament" if document.metadata.get("domain") == "parliament" else "web"


def train_command(name: str, corpus: str, settings: list[str], seeded: bool, seed: int) -> list[str]:
    """`mecelle tokenizer train ...`, in the working folder."""
    terms = [option for path in TERMS if seeded for option in ("--terms", str(path))]
    sets = [option for one in settings for option in ("--set", one)]
    return ["mecelle", "tokenizer", "train", corpus, "--out", name, "--seed", str(seed), *terms, *sets]


def measure_command(seed: int) -> list[str]:
    """`mecelle tokenizer measure ...` on all of them and multilingual-e5's."""
    places = [f"{name}={name}" for name in TOKENIZERS]
    terms = [option for path in TERMS for option in ("--terms", str(path))]
    return [
        "mecelle", "tokenizer", "measure", *places, "multilingual-e5=package:e5", "--texts", "held-out",
        *terms, "--gold", str(DATA / "general" / "morphology.jsonl.gz"), "--baseline", "general-32k",
        "--out", MEASURED, "--seed", str(seed),
    ]  # fmt: skip


def run(command: list[str], work: Path) -> None:
    """Run and show a command; a failure ends the benchmark."""
    sys.stdout.write(" ".join(command) + "\n")
    sys.stdout.flush()
    subprocess.run(command, check=True, cwd=work)


if __name__ == "__main__":
    main()
