"""A tiny Qwen3 of random weights, and a small collection of questions, articles and decisions."""

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

from mecelle.base.collection import write_documents
from mecelle.base.document import make_document

SUBJECTS = ("kira", "miras", "nafaka", "ipotek", "haciz", "velayet", "vergi", "sigorta", "kefalet", "vekâlet")
ACTS = (("6098", "TÜRK BORÇLAR KANUNU"), ("4721", "TÜRK MEDENİ KANUNU"), ("5237", "TÜRK CEZA KANUNU"))


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 questions, 30 articles, 20 decisions."""
    found = []
    for number in range(30):
        subject = SUBJECTS[number % 10]
        law, name = ACTS[number % 3]
        found.append(make_document(
            f"Evet, {subject} ilişkisi {number + 2} yıl içinde sona erer. Taraflar mahkemeye başvurabilir. "
            f"Mahkemenin kararına karşı itiraz edilebilir. Bu husus TBK m. {number + 10} hükmünde düzenlenmiştir.",
            kind="question", source=f"q{number}", question=f"{subject} bakımından {number} numaralı mesele nedir?",
        ))  # fmt: skip
        found.append(make_document(
            f"MADDE {number + 1}- Tarafların {subject} hakkı mahkeme kararıyla sınırlanabilir. Hâkim davanın reddine "
            f"karar verir. Zararın tamamı {number + 2} ay içinde ödenir. Bu süre kesindir.",
            kind="article", source=f"a{number}", law_number=law, law=name, article=str(number + 1),
            heading=f"{subject} hakkının {number} inci hâli",
        ))  # fmt: skip
        if number < 20:
            found.append(make_document(
                f"Davacının {subject} alacağı için açtığı {number} numaralı dava mahkemece reddedilmiştir. "
                "Davalının temyiz itirazları yerinde değildir. Hükmün onanması gerekir. Karar oybirliğiyle verildi.",
                kind="decision", source=f"d{number}", court="Yargıtay", chamber="4. Hukuk Dairesi",
                case_number=f"2020/{1000 + 37 * number}", decision_number=f"2021/{2000 + 41 * number}",
            ))  # fmt: skip
    folder = tmp_path_factory.mktemp("reward") / "training"
    write_documents(found, folder / "documents")
    return folder


@pytest.fixture(scope="session")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two layers, 32 components, byte-level BPE without a chat template."""
    folder = tmp_path_factory.mktemp("backbone")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        [f"{subject} hakkının mahkeme kararıyla sınırlanması" for subject in SUBJECTS],
        trainers.BpeTrainer(
            vocab_size=400, special_tokens=["<pad>", "<end>"], show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        ),
    )  # fmt: skip
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<end>")
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=len(fast), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, head_dim=16, max_position_embeddings=512, eos_token_id=1, pad_token_id=0,
    )  # fmt: skip
    Qwen3ForCausalLM(config).save_pretrained(folder)
    return folder
