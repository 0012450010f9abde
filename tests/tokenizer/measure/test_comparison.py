"""The command as a whole."""

import orjson
import pytest
from typer.testing import CliRunner

from mecelle.base.errors import ConfigError, InputError
from mecelle.cli.tokenizer import app
from mecelle.tokenizer.measure.comparison import Given, MeasureConfig, compare, write_comparison
from mecelle.tokenizer.measure.figures import Comparison
from mecelle.tokenizer.measure.places import parse_places

QUIET = MeasureConfig(speed=False, analyser=None)


def run(files, *more):
    arguments = [f"wp={files / 'wordpiece.json'}", f"bytes={files / 'bytes.json'}", "--texts", str(files / "texts.txt")]
    return CliRunner().invoke(app, ["measure", *arguments, *map(str, more)])


def test_figures_by_hand(files):
    given = Given(texts=[files / "texts.txt"], terms=[files / "terms.txt"])
    places = parse_places([f"wp={files / 'wordpiece.json'}", f"bytes={files / 'bytes.json'}"])
    found = compare(places, given, QUIET, seed=7, command="test")
    wp, bl = found.tokenizers
    # kira ##cı öde ##di . | kira kira ##cı | [UNK] kira ##cı öde ##di
    assert wp.rates["subwords_per_line"].value == pytest.approx(13 / 3)
    assert wp.rates["unknown_share"].value == pytest.approx(1 / 13)
    # k i r a c ı ␣ ö(2) d e d i . = 14 | k i r a ␣kiracı = 5 | B u ␣kiracı ␣ ö(2) d e d i = 10
    assert bl.rates["subwords_per_line"].value == pytest.approx(29 / 3)
    assert bl.ratios["subwords_per_line"].value == pytest.approx(29 / 13)
    assert (found.baseline, found.measured.documents, found.measured.empty, found.measured.lines) == ("wp", 15, 5, 15)
    # terms as lines: kira | kira ##cı | kira öde
    assert wp.term_rates["subwords_per_line"].value == pytest.approx(5 / 3)
    assert (found.measured.terms, found.measured.single_words) == (3, 2)
    assert wp.phrases[0].phrase == "BÖLGE ADLİYE MAHKEMESİ"


def test_same_input_same_bytes(files):
    for name in ("a", "b"):
        places = parse_places([f"wp={files / 'wordpiece.json'}", f"bytes={files / 'bytes.json'}"])
        given = Given(texts=[files / "texts.txt"], terms=[files / "terms.txt"])
        write_comparison(files / name, places, given, QUIET, seed=7, command="test")
    for name in ("measurements.json", "report.html"):
        assert (files / "a" / name).read_bytes() == (files / "b" / name).read_bytes()


def test_the_command_writes_figures_and_a_page(files, real_data):
    out = files / "out"
    gold = real_data / "general" / "morphology.jsonl.gz"
    (files / "phrases.txt").write_text("Bu kiracı\n", encoding="utf-8")
    result = run(
        files, "--terms", files / "terms.txt", "--phrases", files / "phrases.txt", "--gold", gold, "--out", out,
        "--set", "gold_words=300",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    told = orjson.loads(result.stdout.splitlines()[-1])
    assert set(told["tokenizers"]) == {"wp", "bytes"}
    found = Comparison.model_validate_json((out / "measurements.json").read_bytes())
    one = found.tokenizers[1]
    assert one.tokens is not None
    assert one.tokens.vocabulary.turkish >= 1
    assert one.boundaries is not None
    assert 0 < one.boundaries.recall.value <= 1
    assert one.speed is not None
    assert one.speed.encode_mb_per_s > 0
    assert one.hash
    page = (out / "report.html").read_text(encoding="utf-8")
    for wanted in ("not measured here", "bert-base-turkish-cased", "32K in §3.7", "▁kiracı", "10.02.2019", "<svg"):
        assert wanted in page
    assert "src=" not in page
    assert "<link" not in page
    assert "@import" not in page


def test_the_page_does_without_the_optional_parts(files):
    result = run(files, "--out", files / "out", "--set", "speed=false", "--set", "analyser=null")
    assert result.exit_code == 0, result.output
    page = (files / "out" / "report.html").read_text(encoding="utf-8")
    assert 'id="terms"' not in page
    assert 'id="speed"' not in page
    assert "Mecellem Fig. 6" not in page


def test_a_baseline_of_choice(files):
    result = run(files, "--baseline", "bytes", "--set", "speed=false", "--set", "analyser=null")
    told = orjson.loads(result.stdout.splitlines()[-1])
    assert told["tokenizers"]["wp"]["ratios"]["subwords_per_line"]["value"] == pytest.approx(13 / 29)
    assert told["tokenizers"]["bytes"]["ratios"] == {}


def test_names_with_markup_do_not_break_the_page(files):
    places = parse_places([f"<b>[red]x={files / 'wordpiece.json'}"])
    write_comparison(files / "o", places, Given(texts=[files / "texts.txt"]), QUIET, seed=7, command="<i>")
    page = (files / "o" / "report.html").read_text(encoding="utf-8")
    assert "<b>[red]" not in page
    assert "<i>" not in page


def test_bad_input(files):
    places = parse_places([f"wp={files / 'wordpiece.json'}"])
    config = QUIET.model_copy(update={"baseline": "pw"})
    with pytest.raises(ConfigError, match="--baseline pw: none of the tokenizers"):
        compare(places, Given(texts=[files / "texts.txt"]), config, seed=7, command="")
    (files / "none.txt").write_text("kira sözleşmesi\n2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no single word"):
        compare(places, Given(texts=[files / "texts.txt"], terms=[files / "none.txt"]), QUIET, seed=7, command="")
    with pytest.raises(InputError, match="no such treebank"):
        compare(places, Given(texts=[files / "texts.txt"], gold=files / "x"), QUIET, seed=7, command="")
    assert run(files, "--sample", "0").exit_code == 2
