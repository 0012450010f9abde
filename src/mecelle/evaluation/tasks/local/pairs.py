"""Pair classification (does one sentence follow from the other?) and semantic textual similarity (STS).

Example (snli): "İki kadın kucaklaşıyor" / "İki kadın birbirine sarılıyor" -> 1; a contradiction -> 0, neutral left out.
"""

from mecelle.evaluation.tasks.definition import Caps, LocalTask, PairData, Source, draw, register

NLI, STS = "general/nli.jsonl.gz", "general/sts.jsonl.gz"
CLASSES = {"entailment": 1.0, "contradiction": 0.0}


def _read_nli(source: Source, caps: Caps, seed: int) -> PairData:
    rows = [row for row in source.rows(NLI) if row["split"] == "test" and row["label"] in CLASSES]
    chosen = draw(rows, caps.pairs, seed=seed, name="snli.v1")
    return PairData(
        [(f"{place:05d}", r["premise"], r["hypothesis"], CLASSES[r["label"]]) for place, r in enumerate(chosen)]
    )


def _read_sts(source: Source, caps: Caps, seed: int) -> PairData:
    rows = [row for row in source.rows(STS) if row["split"] == "test"]
    return PairData(
        [(f"{place:05d}", r["sentence1"], r["sentence2"], float(r["score"])) for place, r in enumerate(rows)]
    )


register(
    LocalTask(
        "snli.v1",
        "pair classification",
        "Does the second sentence follow from the first, or contradict it? (SNLI-TR)",
        (NLI,),
        _read_nli,
        stands_for="XNLI",
        notes=("Machine translated. MNLI-TR and XNLI are not at hand: one set fills the two slots.",),
    )
)
register(
    LocalTask(
        "stsb.v1",
        "sts",
        "How alike are two sentences, 0 to 5? (STSb-TR)",
        (STS,),
        _read_sts,
        stands_for="STS22",
        notes=("Machine translated.",),
    )
)
