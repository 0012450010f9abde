"""How many lies of a language model are caught, and how many true sentences are held back by mistake.

    python benchmarks/serving_answers.py [--n 300] [--seed 7]

True sentences: one sentence of an article or a decision, as it stands (verbatim), with other case suffixes (inflected),
and hand-written answers of qa.jsonl.gz (manual_gold, kvkk_100) whose one cited article is the passage (paraphrase).
Lies: the verbatim sentences behind the citation of their passage, changed in one thing: another article of the same
act, another act, another decision number, another chamber, case and decision number exchanged, another number, another
unit of time, another fraction or ordinal, the opposite predicate; or left as they are and tied to another passage of
the same act or chamber (unsupported). One passage each, so that a lie finds no other source. Unit, fraction and ordinal
are changed in n articles and n decisions that have one.

Evidence: answerable questions (retrieval_statutes) against the same questions over a collection without the gold
articles' acts, and headlines of general text.
"""

import argparse
import gzip
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import akana
import orjson
from measuring import DATA, machine, write_results
from scipy.stats import beta

from mecelle.retrieval.bm25 import Bm25
from mecelle.retrieval.hits import Hit, citation
from mecelle.reward.pairs.damages.invented_decision_number import invented_decision_number
from mecelle.reward.pairs.damages.wrong_article_number import wrong_article_number
from mecelle.reward.pairs.damages.wrong_law_name import wrong_law_name
from mecelle.reward.pairs.negation import opposite
from mecelle.serving.answering.answer import check
from mecelle.serving.answering.checks import Claim, find_fault, support
from mecelle.serving.answering.draft import Sentence
from mecelle.serving.answering.evidence import Source, known_share
from mecelle.serving.answering.settings import AnswerSettings
from mecelle.text.citations import find_citations
from mecelle.text.perturbation import inflected
from mecelle.text.sentences import sentences
from mecelle.text.words import words

SETTINGS = AnswerSettings()

# What a lie changes is found by other means than those of the check that has to catch it.
NUMBER = re.compile(r"(?<![\w.,/%])\d+(?!\w|[.,]\d|\s?[./]\s?\d{1,2}\s?[./])")  # not of a date
CARDINALS = {word for number in range(1_001) for word in akana.number_to_words(number).split()}
ORDINALS = {akana.ordinal_to_words(number): number for number in range(1, 100)}
COUNTED_TIME = re.compile(
    rf"(?<=\s)((?:\d{{1,3}}|{'|'.join(CARDINALS)}) )(gün|ay|yıl|hafta(?=\W|l|d))"
    r"((?:l[ıiü][kğ])?(?:l[ae]r)?(?:[ıiü]n?)?(?:[dt][ae]n?|[ae]|[ıiü]n?)?(?:[dt][ıiü]r)?)(?!\w)"
)
PART = re.compile(
    r"(?<=\s)(?:[1-9]/(?P<denominator>\d{1,2})(?![\w/])"
    rf"|(?P<parts>{'|'.join(CARDINALS - {'yüz', 'bin'})})[dt][ae](?= (?:{'|'.join(CARDINALS)}))"
    r"|yarısı(?P<case>\w*)"
    rf"|(?P<ordinal>{'|'.join(sorted(ORDINALS, key=len, reverse=True))})(?!\w))"
)


def rows(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(DATA / f"legal/{name}.jsonl.gz") as lines:
        yield from map(orjson.loads, lines)


def source_of_article(row: dict[str, Any]) -> Source:
    values = {
        "citation": citation({"kind": "statute", "law_number": row["law_number"]}, row["id"]),
        "law_number": row["law_number"],
        "article": row["id"],
        "passage": row["text"],
    }
    return Source(1, Hit(**{**dict.fromkeys(Hit.__dataclass_fields__), **values}))


def source_of_decision(row: dict[str, Any]) -> Source:
    said = str(row.get("number") or "")
    number, decision = (re.search(rf"{label}(?:20|19)\d\d\s?/\s?\d+", said) for label in ("", r"(?<=K\. )"))
    metadata = {"kind": "decision", "court": row["court"], "chamber": row.get("chamber"), "date": row.get("date")}
    metadata["case_number"] = number[0] if number else None
    metadata["decision_number"] = decision[0] if decision else None
    passage = " ".join(row["text"].split(" ")[:220])
    known = {**metadata, "citation": citation(metadata, None), "passage": passage}
    known.pop("kind")
    return Source(1, Hit(**{**dict.fromkeys(Hit.__dataclass_fields__), **known}))


def usable(sentence: str) -> bool:
    return 6 <= len(words(sentence)) <= 45 and sentence.endswith(".") and not sentence.startswith("(")


def drawn(sources: list[Source], n: int, rng: random.Random) -> list[tuple[Source, str]]:
    found = []
    for source in rng.sample(sources, len(sources)):
        said = [one for one in sentences(source.hit.passage) if usable(one) and "mülga" not in one]
        if said:
            found.append((source, rng.choice(said)))
        if len(found) == n:
            break
    return found


def drawn_lies(
    sources: list[Source], change: Callable[[str, random.Random], str | None], n: int, rng: random.Random
) -> list[tuple[Source, str]]:
    """Of n sources that have one, a sentence that can be changed, behind its citation: for what few sentences hold."""
    found = []
    for source in rng.sample(sources, len(sources)):
        said = [one for one in sentences(source.hit.passage) if usable(one) and "mülga" not in one]
        lies = [lie for one in said if (lie := change(cited_sentence(source, one), rng))]
        if lies:
            found.append((source, rng.choice(lies)))
        if len(found) == n:
            break
    return found


def another_number(sentence: str, rng: random.Random) -> str | None:
    cited = [(one.start, one.end) for one in find_citations(sentence)]
    free = [
        one
        for one in NUMBER.finditer(sentence)
        if not any(start < one.end() and one.start() < end for start, end in cited)
    ]
    if not free:
        return None
    one = rng.choice(free)
    return f"{sentence[: one.start()]}{int(one[0]) + rng.choice((1, 2, 5, 10, 30))}{sentence[one.end() :]}"


def another_unit(sentence: str, rng: random.Random) -> str | None:
    """Another unit of time behind the same number, with the vowels of its suffix: `otuz ay` for `otuz gün`."""
    found = list(COUNTED_TIME.finditer(sentence))
    if not found:
        return None
    one = rng.choice(found)
    number, unit, suffix = one.groups()
    others = [other for other in ("gün", "ay", "yıl", "hafta") if other != unit]
    if suffix and suffix[0] not in "ld":  # hafta takes other forms of the other suffixes
        others.remove("hafta")
    other = rng.choice(others)
    suffix = suffix.translate(str.maketrans("ıa", "üe") if other == "gün" else str.maketrans("üie", "ııa"))
    return f"{sentence[: one.start()]}{number}{other}{suffix}{sentence[one.end() :]}"


def another_part(sentence: str, rng: random.Random) -> str | None:
    """Another fraction or ordinal, outside of citations: `dörtte biri` for `üçte biri`, `1/5` for `1/4`."""
    cited = [(one.start, one.end) for one in find_citations(sentence)]
    found = [
        one
        for one in PART.finditer(sentence)
        if not any(start < one.end() and one.start() < end for start, end in cited)
    ]
    if not found:
        return None
    one = rng.choice(found)
    if one["denominator"]:
        other = f"{one[0].partition('/')[0]}/{int(one['denominator']) + rng.choice((1, 2, 5))}"
    elif one["parts"]:
        other = rng.choice([part for part in ("üçte", "dörtte", "beşte", "altıda", "sekizde") if part != one[0]])
    elif one["ordinal"]:
        other = akana.ordinal_to_words(ORDINALS[one["ordinal"]] + rng.choice((1, 2, 5, 10, 30)))
    else:
        other = f"üçte biri{one['case'].translate(str.maketrans('ıa', 'ie'))}"
    return f"{sentence[: one.start()]}{other}{sentence[one.end() :]}"


def another_chamber(text: str) -> str | None:
    """`14. HD` for `4. HD`: the false name holds the true one."""
    return _changed(r"(?<!\w)(?=\d\. ?[HC]D(?!\w))", "1", text)


def another_branch(text: str) -> str | None:
    """`4. CD` for `4. HD`, and the reverse."""
    return _changed(r"(?<=\d\. )[HC](?=D(?!\w))", lambda found: "CH"["HC".index(found[0])], text)


def exchanged_numbers(text: str) -> str | None:
    """The case number (esas) under the label of the decision number (karar), and the reverse."""
    if not re.search(r"E\. \d+/\d+, K\. \d+/\d+", text):
        return _changed(r"E\.(?= \d+/)", "K.", text)
    return _changed(r"E\. (\d+/\d+), K\. (\d+/\d+)", r"E. \2, K. \1", text)


def _changed(pattern: str, by: str | Callable[[re.Match[str]], str], text: str) -> str | None:
    changed = re.sub(pattern, by, text, count=1)
    return changed if changed != text else None


def cited_sentence(source: Source, sentence: str) -> str:
    return f"{source.hit.citation}: {sentence}"


def rate(caught: int, n: int) -> dict[str, Any]:
    """A rate with its exact 95% interval (Clopper-Pearson)."""
    low = float(beta.ppf(0.025, caught, n - caught + 1)) if caught else 0.0
    high = float(beta.ppf(0.975, caught + 1, n - caught)) if caught < n else 1.0
    return {
        "count": caught,
        "n": n,
        "rate": round(caught / n, 4) if n else None,
        "interval": [round(low, 4), round(high, 4)],
    }


def measure(cases: list[tuple[Source, str]]) -> dict[str, Any]:
    kinds: dict[str, int] = {}
    for source, text in cases:
        fault = find_fault(Sentence(text, (1,)), [source], least_support=SETTINGS.least_support)
        if fault:
            kinds[fault.kind] = kinds.get(fault.kind, 0) + 1
    return {**rate(sum(kinds.values()), len(cases)), "as": dict(sorted(kinds.items()))}


def paraphrases(articles: dict[str, Source]) -> list[tuple[Source, str]]:
    found = []
    for row in rows("qa"):
        if row["synthetic"] or not row.get("answer"):
            continue
        keys = [key for one in find_citations(" ".join(row.get("citations") or [])) for key in one.normalised]
        if len(keys) == 1 and keys[0] in articles:
            text = re.sub(r"\s*\[[^\]]*\]", "", row["answer"])
            found += [(articles[keys[0]], one) for one in sentences(text) if len(words(one)) >= 4]
    return found


def evidence_shares(statutes: list[dict[str, Any]], seed: int) -> dict[str, list[float]]:
    """Known share of six passages found by BM25 in 8,000 articles: of questions whose gold article is among them, of
    the same questions without any article of the gold act, and of first sentences of general text."""
    asked = [row for row in rows("retrieval_statutes") if row["gold"]]
    gold = {key for row in asked for key in row["gold"]}
    rng = random.Random(seed)
    kept = [row for row in statutes if row["id"] in gold]
    kept += rng.sample([row for row in statutes if row["id"] not in gold], 8_000 - len(kept))
    text = {row["id"]: f"{row['law']}\n{row.get('heading') or ''}\n{row['text']}" for row in kept}
    bm25 = Bm25.build(text.items())

    def share(question: str, without: set[str]) -> float:
        best = [key for key, _ in bm25.rank(question, 400) if key.partition(":")[0] not in without][:6]
        return known_share(bm25, question, [text[key] for key in best])

    with gzip.open(DATA / "general/text.jsonl.gz") as lines:
        firsts = (sentences(orjson.loads(line)["text"][:600])[:1] for line in lines)
        foreign = [one[0] for one in firsts if one and 5 <= len(words(one[0])) <= 14][: len(asked)]
    return {
        "answerable": [share(row["query"], set()) for row in asked],
        "act missing": [share(row["query"], {key.partition(":")[0] for key in row["gold"]}) for row in asked],
        "foreign": [share(one, set()) for one in foreign],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    rng = random.Random(asked.seed)
    statutes = [row for row in rows("statute_articles") if not row.get("repealed") and len(row["text"]) < 2_000]
    articles = {row["id"]: source_of_article(row) for row in statutes}
    decisions = [source_of_decision(row) for row in rows("decisions") if row.get("number")]
    ours = drawn(list(articles.values()), asked.n, rng) + drawn(decisions, asked.n, rng)
    others = [(source, sentence) for (source, _), (_, sentence) in zip(ours, ours[1:] + ours[:1], strict=True)]

    def lied(change: Callable[[str], str | None]) -> list[tuple[Source, str]]:
        pairs = ((source, change(cited_sentence(source, sentence))) for source, sentence in ours)
        return [(source, text) for source, text in pairs if text]

    def anywhere(change: Callable[[str, random.Random], str | None]) -> list[tuple[Source, str]]:
        places = (list(articles.values()), decisions)
        return [lie for place in places for lie in drawn_lies(place, change, asked.n, random.Random(asked.seed))]

    true = {
        "verbatim": ours,
        "verbatim behind its citation": [(source, cited_sentence(source, one)) for source, one in ours],
        "inflected": [(source, inflected(sentence)) for source, sentence in ours],
        "paraphrase (hand-written answers)": paraphrases(articles),
    }
    lies = {
        "another article": lied(lambda text: wrong_article_number(text, seed=asked.seed)),
        "another act": lied(lambda text: wrong_law_name(text, seed=asked.seed)),
        "another decision number": lied(lambda text: invented_decision_number(text, seed=asked.seed)),
        "another chamber": lied(another_chamber),
        "civil for criminal chamber": lied(another_branch),
        "case and decision number exchanged": lied(exchanged_numbers),
        "another number": lied(lambda text: another_number(text, rng)),
        "another unit of time": anywhere(another_unit),
        "another fraction or ordinal": anywhere(another_part),
        "the opposite": lied(opposite),
        "another passage's sentence": others,
    }
    figures = {
        "machine": machine("akana", "pydantic"),
        "seed": asked.seed,
        "settings": SETTINGS.model_dump(mode="json"),
        "withheld_true": {name: measure(cases) for name, cases in true.items()},
        "caught_lies": {name: measure(cases) for name, cases in lies.items()},
        "known_share_under": {
            name: {
                "n": len(shares),
                **{
                    str(least): round(sum(s < least for s in shares) / len(shares), 4)
                    for least in (0.3, 0.4, 0.5, 0.6, 0.7)
                },
            }
            for name, shares in evidence_shares(statutes, asked.seed).items()
        },
        "least_support": thresholds(true["paraphrase (hand-written answers)"], others),
    }
    for group in ("withheld_true", "caught_lies"):
        print(f"\n{group}")
        for name, one in figures[group].items():
            print(f"  {name:36} {one['count']:4} of {one['n']:4}  {one['rate']}  {one['interval']}  {one['as']}")
    print("\nleast_support: true paraphrases withheld, foreign sentences caught")
    for one in figures["least_support"]:
        print(f"  {one['least_support']}: {one['paraphrase']}  {one['foreign']}")
    print("\nquestions refused for thin evidence, by least_known_share")
    for name, one in figures["known_share_under"].items():
        print(f"  {name:12} {one}")
    write_results("serving_answers", figures)
    # The whole way once: an answer of one true and one false sentence.
    source, sentence = ours[0]
    shown = check(f"{sentence} [1] {others[0][1]} [1]", [source], AnswerSettings(most_withheld_share=0.9))
    print(f"\none true, one foreign sentence: {len(shown.sentences)} shown, {len(shown.withheld)} withheld")


def thresholds(paraphrase: list[tuple[Source, str]], foreign: list[tuple[Source, str]]) -> list[dict[str, Any]]:
    """What other values of `least_support` would withhold, by that check alone."""
    values = {
        name: [support(Claim(text, (source,))) for source, text in cases]
        for name, cases in (("paraphrase", paraphrase), ("foreign", foreign))
    }
    return [
        {
            "least_support": least,
            **{name: round(sum(v < least for v in vs) / len(vs), 4) for name, vs in values.items()},
        }
        for least in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
    ]


if __name__ == "__main__":
    main()
