"""Quality filters: ours against datatrove's own, on the same real documents, in the same run.

Prints agreement of decisions (datatrove's word and sentence splitter replaced by ours; and as it comes, with spaCy for
`tur`), CPU seconds for each MB of both, the cost of every registered filter, and what each drops of each kind of text.
Needs the real data (MECELLE_DATA). CPU time, since a shared machine's wall clock counts the neighbours.

    python benchmarks/filters.py --documents 6000 --stock 600 --seed 7
"""

import argparse
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from time import process_time
from unittest.mock import patch

from datatrove.pipeline.filters import (
    c4_filters,
    fineweb_quality_filter,
    gopher_quality_filter,
    gopher_repetition_filter,
)
from datatrove.utils.typeshelper import Languages

from mecelle.base.collection import read_jsonl
from mecelle.base.config import parse
from mecelle.base.document import Document
from mecelle.corpus.cleaning.c4_lines import C4Lines
from mecelle.corpus.cleaning.empty_lines import EmptyLines
from mecelle.corpus.cleaning.unicode import Unicode
from mecelle.corpus.filters import Filter, filters
from mecelle.corpus.filters.c4_quality import C4Quality
from mecelle.corpus.filters.fineweb_quality import FineWebQuality
from mecelle.corpus.filters.function_words import written_stop_words
from mecelle.corpus.filters.gopher_quality import GopherQuality
from mecelle.corpus.filters.gopher_repetition import GopherRepetition
from mecelle.corpus.filters.profanity import Profanity
from mecelle.corpus.view import view
from mecelle.text.sentences import sentences

SOURCES = {"legal/decisions": 0.4, "legal/statutes": 0.1, "legal/regulations": 0.1, "general/text": 0.4}
"""File of the real data -> share of the documents."""
FINEWEB = {"short_line_thr": 0.67, "char_duplicates_ratio": 0.03, "new_line_ratio": 0.4}  # Mecellem §3.2.3
TURKISH = Languages.turkish


def real_documents(folder: Path, count: int, *, seed: int) -> list[Document]:
    """Cleaned documents of all sources, drawn by `seed`, shuffled."""
    rng, drawn = random.Random(seed), []
    for name, share in SOURCES.items():
        texts = [row["text"] for row in read_jsonl(folder / f"{name}.jsonl.gz")]
        drawn += [(name, text) for text in rng.sample(texts, min(len(texts), round(share * count)))]
    rng.shuffle(drawn)
    cleaned = ((name, EmptyLines().clean(Unicode().clean(text))) for name, text in drawn)
    return [Document(text=text, id=str(at), metadata={"file": name}) for at, (name, text) in enumerate(cleaned)]


def pairs() -> dict[str, tuple[Filter, Callable[[], object]]]:
    """Ours, and how datatrove's of the same thresholds is made."""
    stop_words = sorted(written_stop_words())
    fineweb = FineWebQuality(most_short_line_share=0.67, most_duplicate_share=0.03, most_newlines_a_word=0.4)
    return {
        "fineweb_quality": (
            fineweb, partial(fineweb_quality_filter.FineWebQualityFilter, language=TURKISH, **FINEWEB)
        ),
        "c4_quality": (
            C4Quality(spared_kinds=(), policy_phrases=tuple(c4_filters.POLICY_SUBSTRINGS)),
            partial(c4_filters.C4QualityFilter, language=TURKISH),
        ),
        "gopher_quality": (
            GopherQuality(),
            partial(gopher_quality_filter.GopherQualityFilter, language=TURKISH, stop_words=stop_words),
        ),
        "gopher_repetition": (
            GopherRepetition(), partial(gopher_repetition_filter.GopherRepetitionFilter, language=TURKISH)
        ),
    }  # fmt: skip


@contextmanager
def our_words() -> Iterator[None]:
    """Datatrove with our words (between white space) and our sentences."""
    with ExitStack() as stack:
        for module in (fineweb_quality_filter, gopher_quality_filter, gopher_repetition_filter):
            stack.enter_context(patch.object(module, "split_into_words", lambda text, language: text.split()))
        stack.enter_context(patch.object(c4_filters, "split_into_sentences", lambda text, language: sentences(text)))
        yield


def decide(filter: object, documents: Sequence[Document]) -> tuple[list[tuple[bool, str]], list[str], float]:
    """Verdicts, texts afterwards and seconds of a filter of datatrove's."""
    copies = [Document(text=one.text, id=one.id, metadata={}) for one in documents]
    began = process_time()
    results = [filter.filter(one) for one in copies]  # type: ignore[attr-defined]
    seconds = process_time() - began
    verdicts = [(True, "") if result is True else (bool(result[0]), str(result[1])) for result in results]
    return verdicts, [one.text for one in copies], seconds


def judge(filter: Filter, documents: Sequence[Document], *, shared: bool) -> tuple[list[bool], list[str], float]:
    """Verdicts, reasons and seconds of a filter of ours. shared: words are split beforehand, outside the clock."""
    kept, reasons, seconds = [], [], 0.0
    for one in documents:
        text = one.text
        if shared:
            _ = view(text).tokens, view(text).forms
        began = process_time()
        verdict = filter.judge(one)
        seconds += process_time() - began
        kept.append(verdict.kept)
        reasons.append(verdict.reason or "")
        view("")  # the next filter splits for itself
    return kept, reasons, seconds


def compare(documents: Sequence[Document], stock: Sequence[Document]) -> list[dict[str, object]]:
    """One row a filter: agreement and cost."""
    megabytes, stock_megabytes = megabytes_of(documents), megabytes_of(stock)
    rows = []
    for name, (ours, make) in pairs().items():
        kept, _, seconds = judge(ours, documents, shared=False)
        _, _, seconds_shared = judge(ours, documents, shared=True)
        with our_words():
            same_words, texts, seconds_same_words = decide(make(), documents)
        decide(make(), stock[:1])  # spaCy loads
        as_it_comes, _, seconds_stock = decide(make(), stock)
        ours_on_stock = judge(ours, stock, shared=False)[0]
        row = {
            "filter": name,
            "documents": len(documents),
            "dropped": kept.count(False),
            "same_decision": sum(one == other[0] for one, other in zip(kept, same_words, strict=True)),
            "stock_documents": len(stock),
            "stock_dropped": dict(Counter(reason for kept, reason in as_it_comes if not kept).most_common()),
            "stock_same_decision": sum(one == other[0] for one, other in zip(ours_on_stock, as_it_comes, strict=True)),
            "ours_s_per_mb": seconds / megabytes,
            "ours_shared_s_per_mb": seconds_shared / megabytes,
            "datatrove_our_words_s_per_mb": seconds_same_words / megabytes,
            "datatrove_stock_s_per_mb": seconds_stock / stock_megabytes,
            "ours_documents_per_s": len(documents) / seconds,
            "datatrove_stock_documents_per_s": len(stock) / seconds_stock,
        }
        if isinstance(ours, C4Quality):
            cleaned = [C4Lines(rules=ours).clean(one.text) for one in documents]
            row["same_text"] = sum(a == b for a, b, k in zip(cleaned, texts, kept, strict=True) if k)
        rows.append(row)
    return rows


def together(documents: Sequence[Document]) -> dict[str, object]:
    """Seconds a MB of the four filters one after another, as a pipeline runs them: words are split once."""
    chosen, seconds = [ours for ours, _ in pairs().values()], 0.0
    for one in documents:
        view("")
        began = process_time()
        for filter in chosen:
            filter.judge(one)
        seconds += process_time() - began
    return {"filter": "all four, words once", "s_per_mb": seconds / megabytes_of(documents)}


def category_rates(folder: Path, *, most: int, seed: int) -> list[dict[str, object]]:
    """What each filter drops of each kind of real text, none spared: at most `most` documents a kind."""
    texts: dict[str, list[str]] = {}
    for name in (*SOURCES, "legal/statute_articles"):
        for row in read_jsonl(folder / f"{name}.jsonl.gz"):
            key = row["court"] if name == "legal/decisions" else row.get("domain", name.removeprefix("legal/"))
            texts.setdefault(str(key), []).append(row["text"])
    rules = {name: ours for name, (ours, _) in pairs().items()}
    rules |= {"fineweb_quality, datatrove's thresholds": FineWebQuality(), "profanity": Profanity(spared_kinds=())}
    rows = []
    for key, found in texts.items():
        drawn = random.Random(seed).sample(found, min(most, len(found)))
        sample = [Document(text=EmptyLines().clean(Unicode().clean(text)), id="x", metadata={}) for text in drawn]
        reasons = {name: Counter(rule.judge(one).reason for one in sample) for name, rule in rules.items()}
        dropped = {
            name: {str(reason): n for reason, n in found.most_common() if reason} for name, found in reasons.items()
        }
        rows.append({"kind": key, "documents": len(sample), "dropped": dropped})
    return rows


def megabytes_of(documents: Sequence[Document]) -> float:
    """Text in UTF-8."""
    return sum(len(one.text.encode()) for one in documents) / 1e6


def costs(documents: Sequence[Document]) -> list[dict[str, object]]:
    """Seconds a MB of each registered filter that needs no parameters, words split beforehand, and what it drops."""
    megabytes, rows = megabytes_of(documents), []
    for name in filters.names():
        if name == "turkish_quality.v1":  # benchmarks/morphology.py
            continue
        if any(field.is_required() for field in filters.get(name).model_fields.values()):
            continue
        filter = parse(filters.get(name), {"filter": name}, where=name)
        judge(filter, documents[:20], shared=True)
        _, reasons, seconds = judge(filter, documents, shared=True)
        dropped = Counter(filter_reason for filter_reason in reasons if filter_reason)
        rows.append({"filter": name, "s_per_mb": seconds / megabytes, "dropped": dict(sorted(dropped.items()))})
    return rows


def main() -> None:
    """Parse, run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("MECELLE_DATA", default)))
    parser.add_argument("--documents", type=int, default=6_000)
    parser.add_argument("--stock", type=int, default=600, help="documents for datatrove as it comes (spaCy is slow)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "filters.json")
    arguments = parser.parse_args()
    documents = real_documents(arguments.data, arguments.documents, seed=arguments.seed)
    compared = compare(documents, documents[: arguments.stock])
    cost = [*costs(documents[: arguments.documents // 3]), together(documents[: arguments.documents // 3])]
    rates = category_rates(arguments.data, most=1_000, seed=arguments.seed)
    arguments.out.parent.mkdir(exist_ok=True)
    settings = {"documents": len(documents), "stock": arguments.stock, "seed": arguments.seed}
    result = {"settings": settings, "python": sys.version.split()[0], "compared": compared, "costs": cost}
    result["rates"] = rates
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for row in compared:
        print(
            f"{row['filter']:18} same decision {row['same_decision']}/{row['documents']}, "
            f"with spaCy {row['stock_same_decision']}/{row['stock_documents']} | s/MB ours {row['ours_s_per_mb']:.3f} "
            f"(words shared {row['ours_shared_s_per_mb']:.3f}), datatrove with our words "
            f"{row['datatrove_our_words_s_per_mb']:.3f}, as it comes {row['datatrove_stock_s_per_mb']:.3f}"
        )
    for row in cost:
        print(f"{row['filter']:24} {row['s_per_mb']:.4f} s/MB  {row.get('dropped', '')}")
    for row in rates:
        shares = (f"{name} {sum(found.values()) / row['documents']:.1%}" for name, found in row["dropped"].items())
        print(f"{row['kind']:36} n = {row['documents']:5}  {', '.join(shares)}")


if __name__ == "__main__":
    main()
