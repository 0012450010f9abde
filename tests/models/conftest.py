"""Tiny real models with random weights, written to disk once per session."""

from pathlib import Path

import pytest

WORDS = ["kiracı", "kira", "bedel", "öde", "mahkeme", "karar", "sözleşme", "fesih", "##yi", "##ini", "##si", "##ler"]


@pytest.fixture(scope="session")
def tiny_tokenizer():
    """A WordPiece tokenizer of a dozen words and single letters."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    letters = list("abcçdefgğhıijklmnoöprsştuüvyz")
    specials = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
    pieces = specials + WORDS + letters + ["##" + letter for letter in letters] + ["."]
    tokenizer = Tokenizer(models.WordPiece({p: i for i, p in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    tokenizer.decoder = decoders.WordPiece()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]",
        mask_token="[MASK]", model_max_length=24,
    )  # fmt: skip


@pytest.fixture(scope="session")
def masked_folder(tiny_tokenizer, tmp_path_factory) -> Path:
    """A plain Hugging Face folder of a masked language model: two layers, 24 positions."""
    import torch
    from transformers import ModernBertConfig, ModernBertForMaskedLM

    torch.manual_seed(0)
    config = ModernBertConfig(
        vocab_size=len(tiny_tokenizer), hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=24, pad_token_id=3, cls_token_id=1, sep_token_id=2,
        bos_token_id=1, eos_token_id=2, attn_implementation="sdpa",
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("masked") / "model"
    model = ModernBertForMaskedLM(config)
    with torch.no_grad():  # the default initialisation is so small that all options would look alike
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(std=0.3)
    model.save_pretrained(folder)
    tiny_tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def roberta_folder(tiny_tokenizer, tmp_path_factory) -> Path:
    """A RoBERTa, whose positions begin behind the padding token's id: 24 rows, of which 20 serve; its tokenizer has no
    limit."""
    import torch
    from transformers import AutoTokenizer, RobertaConfig, RobertaForMaskedLM

    torch.manual_seed(0)
    config = RobertaConfig(
        vocab_size=len(tiny_tokenizer), hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=24, pad_token_id=3, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("roberta") / "model"
    RobertaForMaskedLM(config).save_pretrained(folder)
    tiny_tokenizer.save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder, model_max_length=10**30)
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def embedding_folder(masked_folder, tmp_path_factory) -> Path:
    """A sentence-transformers folder: the same encoder, CLS pooling, prompts for both roles."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    transformer = Transformer(str(masked_folder))
    model = SentenceTransformer(
        modules=[transformer, Pooling(transformer.get_embedding_dimension(), pooling_mode="cls")],
        device="cpu",
        prompts={"query": "kiracı ", "document": ""},
    )
    folder = tmp_path_factory.mktemp("embedding") / "model"
    model.save(str(folder))
    return folder
