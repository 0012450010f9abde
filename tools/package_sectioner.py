"""Put a trained sectioner into the package, as `package:sectioner`, with its card.

    mecelle segment data decision_sections.jsonl.gz --out data --splits docs/splits.json \\
        --outside regulations.jsonl.gz --seed 7 --set generated=60
    mecelle segment train data --out model --seed 7
    mecelle segment measure model --data data --out scores --seed 7
    python tools/package_sectioner.py model scores

What it read on test stays behind: it holds the decisions' texts.
"""

import argparse
import shutil
from pathlib import Path

from mecelle.base import artifacts
from mecelle.base.errors import ArtifactError
from mecelle.segmentation.config import PARAMETERS, STAGE, VERSION
from mecelle.segmentation.sectioner import WEIGHTS

PLACE = Path(__file__).parents[1] / "src" / "mecelle" / "segmentation" / "data" / "sectioner"
LARGEST = 12_000_000
"""Bytes of the weights."""
SHOWN = {
    "doc_pass": "decisions without a mistake",
    "tol_pass": "every boundary within 10 words",
    "bnd_f1": "F1 of boundaries",
    "span_exact_f1": "F1 of whole sections",
    "col_weighted_f1": "F1 of words",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("scores", type=Path)
    given = parser.parse_args()
    size = (given.model / WEIGHTS).stat().st_size
    if size > LARGEST:
        raise ArtifactError(f"{given.model}: {size:,} bytes of weights; the package takes {LARGEST:,}: fewer members")
    shutil.rmtree(PLACE, ignore_errors=True)
    (PLACE / "lineage").mkdir(parents=True)
    for name in (PARAMETERS, WEIGHTS, "lineage/decisions.jsonl"):
        shutil.copyfile(given.model / name, PLACE / name)
    (PLACE / "README.md").write_text(card(given.model, given.scores), encoding="utf-8")
    artifacts.mark(PLACE, stage=STAGE, version=VERSION)


def card(model: Path, scores: Path) -> str:
    """The card: what it is, of what, how well, and how to make it again."""
    made, measured = artifacts.read_record(model), artifacts.read_record(scores)
    if made is None or measured is None:
        raise ArtifactError(f"{model} or {scores} has no record beside it (.run.json)")
    forms = measured.figures["models"][model.name]
    named, outside = [name for name in forms if name not in ("courts", "confusion", "outside")], forms["outside"]
    table = "\n".join(
        f"| {told} | {' | '.join(_cell(forms[form][name]) for form in named)} |" for name, told in SHOWN.items()
    )
    rates = {court: one["doc_pass"] for court, one in forms["courts"].items()}
    members = made.parameters["sentences"]["members"]
    courts = "; ".join(f"{court} {_cell(rate)} of {rate['n']}" for court, rate in rates.items())
    return f"""# package:sectioner

Reads the eight sections of a Turkish court decision (header, formal, claim, defense, reasoning, ruling, footer,
dissent) from its sentences. It is what `mecelle segment apply` uses where no other model is named.

**Model.** Hashed word pieces of each sentence, a two-way LSTM over the document, a CRF that keeps the order of the law:
{members} such networks, whose scores are averaged, weights in half precision. `sectioner.json` has all parameters,
`lineage/decisions.jsonl` names all that it learnt from.
Lineage: artifact {artifacts.read_marker(model).hash} of data {made.inputs["decisions"].hash}, seed {made.seed}.

**Data.** Decisions of Yargıtay, Danıştay and Anayasa Mahkemesi cut at their own headings by rule, with and without the
headings; regulations as what is no decision; generated decisions of `mecelle.sample`. Decisions carry no copyright in
Türkiye (FSEK 31); their sources are named in docs/results/sections.md. No text of a decision is in this folder.

**Scores** on {measured.figures["n"]} test decisions that it has not seen, 95% intervals:

| | {" | ".join(named)} |
|---|{"---|" * len(named)}
{table}

Decisions without a mistake, plain, by court: {courts}.
Plain: headings taken out. Of {outside["n"]} texts that are no decision {outside["with_sections"]} got a section.

**Limits.** It reads the courts that it learnt from: the same network trained without Yargıtay, or without Danıştay,
passed none of their decisions. Regional and first-instance courts are among the generated decisions alone and were not
scored; criminal decisions are rare. Confidence is not calibrated. Labels come from headings by rule: nobody has checked
them one by one. More: docs/results/sections.md.

**Licence.** Apache-2.0, as Mecelle.

**Made by**

```bash
{_commands()}
```
"""


def _commands() -> str:
    lines = (__doc__ or "").split("\n\n")[1].splitlines()
    return "\n".join(line.removeprefix("    ") for line in lines)


def _cell(figure: dict[str, float]) -> str:
    return f"{figure['mean']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


if __name__ == "__main__":
    main()
