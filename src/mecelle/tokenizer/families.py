"""Special tokens by model family: which there are, where they stand in the vocabulary, how they frame a text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tokenizers import AddedToken, Tokenizer, processors

from mecelle.base.config import nearest
from mecelle.base.errors import ConfigError
from mecelle.text.identifiers import TAGS

TAG_TOKENS = tuple(sorted(TAGS.values()))
"""Tags that stand for masked identifiers (`[TCKN]`): one token each, ordinary tokens otherwise."""


@dataclass(frozen=True)
class Family:
    """The special tokens that models of one family expect."""

    name: str
    specials: tuple[str, ...]
    """In the order of their ids."""
    roles: Mapping[str, str]
    """Role in `transformers` ("cls_token") -> special token."""
    specials_first: bool = True
    """Whether ids begin with the special tokens; else they end with them."""
    single: str | None = None
    """How one text is framed, as a template of `tokenizers`: "[CLS] $A [SEP]"; None: not at all."""
    pair: str | None = None
    """How two texts are."""
    padding_side: str = "right"
    inputs: tuple[str, ...] = ("input_ids", "attention_mask")
    """What the model takes."""
    chat_template: str | None = field(default=None, repr=False)
    """How a conversation is written (Jinja2), for families that converse."""

    @property
    def unknown(self) -> str | None:
        """The token for what has no piece; None for families whose tokenizers know every byte."""
        return self.roles.get("unk_token")

    def order(self, pieces: Iterable[str], *, size: int) -> dict[str, int]:
        """The vocabulary: special tokens, tags and the first of `pieces` (each once), numbered as the family wants it.

        size: tokens in all, at most.
        """
        specials = (*self.specials, *TAG_TOKENS)
        rest = [piece for piece in dict.fromkeys(pieces) if piece not in specials][: size - len(specials)]
        tokens = [*specials, *rest] if self.specials_first else [*rest, *TAG_TOKENS, *self.specials]
        return {token: number for number, token in enumerate(tokens)}

    def dress(self, tokenizer: Tokenizer) -> None:
        """Give a tokenizer whose vocabulary `order` made its special tokens, tags and frame."""
        # A mask takes the space before it, as ModernBERT's does: else byte-level text has one before the word it hides.
        mask = self.roles.get("mask_token")
        tokenizer.add_special_tokens([AddedToken(one, lstrip=one == mask, special=True) for one in self.specials])
        tokenizer.add_tokens([AddedToken(tag, normalized=False, special=False) for tag in TAG_TOKENS])
        if self.single:
            framing = [token for token in self.specials if token in self.single.split()]
            tokenizer.post_processor = processors.TemplateProcessing(
                single=self.single,
                pair=self.pair,
                special_tokens=[(token, tokenizer.token_to_id(token)) for token in framing],
            )


_BERT_ROLES = {
    "pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]",
}  # fmt: skip

_BERT = Family(
    name="bert",
    specials=("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    roles=_BERT_ROLES,
    single="[CLS] $A [SEP]",
    pair="[CLS] $A [SEP] $B:1 [SEP]:1",
    inputs=("input_ids", "token_type_ids", "attention_mask"),
)

_MODERNBERT = Family(
    name="modernbert",
    specials=("[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"),
    roles=_BERT_ROLES,
    single="[CLS] $A [SEP]",
    pair="[CLS] $A [SEP] $B [SEP]",
)

# The form in which Qwen3 writes turns; tools and thinking, which a base model has no use for, are left out.
_CHAT = (
    "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)

_QWEN3 = Family(
    name="qwen3",
    specials=("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    roles={"eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"},  # as the base models have it
    specials_first=False,
    chat_template=_CHAT,
)

FAMILIES = {one.name: one for one in (_BERT, _MODERNBERT, _QWEN3)}
"""All families by name."""


def get_family(name: str) -> Family:
    """The family called `name`. Raises ConfigError that offers the nearest name."""
    if name not in FAMILIES:
        raise ConfigError(f"model family '{name}' is not known{nearest(name, list(FAMILIES))}")
    return FAMILIES[name]
