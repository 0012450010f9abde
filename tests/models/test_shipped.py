"""The embedding model in the package: whole, small, licensed, and better than words where words say nothing."""

import pytest
from typer.testing import CliRunner

from mecelle.base import artifacts
from mecelle.cli.main import app
from mecelle.embedding.derived import front_matter
from mecelle.models.names import load_encoder
from mecelle.models.packaged.mecelle import FOLDER, NAME, mecelle_folder

pytest.importorskip("sentence_transformers")


def test_the_folder_is_whole_and_at_most_forty_megabytes():
    artifacts.verify(FOLDER)
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) <= 40_000_000


def test_its_card_names_licence_base_and_the_commands_that_make_it_again():
    found = front_matter(FOLDER)
    assert (found["license"], found["base_model"]) == ("mit", "intfloat/multilingual-e5-small")
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert "mecelle embedding train pruned" in card
    assert "package_embedding.py" in card


def test_it_finds_articles_that_share_no_word_with_the_question():
    articles = {
        "eviction": "Kiracı, muaccel olan kira bedelini ödeme borcunu ifa etmezse, kiraya veren sözleşmeyi fesheder.",
        "notice": "Belirsiz süreli iş sözleşmelerinin feshinden önce durumun diğer tarafa bildirilmesi gerekir.",
        "inheritance": "Mirasbırakanın birinci derece mirasçıları altsoyudur. Çocuklar eşit olarak mirasçıdırlar.",
        "theft": "Zilyedinin rızası olmadan başkasına ait taşınır bir malı alan kişiye hapis cezası verilir.",
    }
    questions = {
        "eviction": "ev sahibim aylık ödemediğim için beni çıkarabilir mi",
        "notice": "patron işçiyi işten atmadan haber vermek zorunda mı",
        "inheritance": "babam öldü, kardeşimle ne kadar pay alırız",
        "theft": "komşunun bisikletini çaldım, ne olur",
    }
    model = load_encoder(NAME)
    similar = model.encode(list(questions.values()), role="query") @ model.encode(list(articles.values())).T
    assert (similar.argmax(axis=1) == range(4)).sum() >= 3  # of four; chance finds one


def test_it_leaves_as_an_ordinary_folder(tmp_path):
    from sentence_transformers import SentenceTransformer

    out = tmp_path / "plain"
    done = CliRunner().invoke(app, ["export", NAME, "--out", str(out)])
    assert done.exit_code == 0, done.output
    plain = SentenceTransformer(str(out), device="cpu")
    vector = plain.encode_query("kıdem tazminatı")
    assert vector @ load_encoder(mecelle_folder()).encode(["kıdem tazminatı"], role="query")[0] == pytest.approx(
        1, abs=1e-4
    )
