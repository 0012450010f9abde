"""Damaged text reconstructed by a language model, kept only where the answer proves that nothing but damage changed."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator

from pydantic import Field
from rapidfuzz.distance import Levenshtein

from mecelle.base.config import Config
from mecelle.models.endpoint import Chat, Endpoint, EndpointError
from mecelle.text.casing import fold

INSTRUCTION = (
    "Aşağıdaki metin taranmış bir hukuk belgesinden okunmuştur. Yalnızca okuma hatalarını düzelt: ayrık yazılmış "
    "harfleri birleştir, bitişik kelimeleri ayır, satır sonunda bölünen kelimeleri birleştir, yanlış okunan Türkçe "
    "harfleri düzelt. Kelime ekleme, çıkarma veya değiştirme; rakamlara dokunma; açıklama yazma. Yalnızca düzeltilmiş "
    "metni ver."
)

# Letters that scanners take for one another: an answer may swap these, and no others.
_LOOK_ALIKE = str.maketrans("ıİIlğĞşŞöÖüÜçÇâÂîÎûÛ", "iiiigGsSoOuUcCaAiiuU")
_SEEN_APART = (("rn", "m"), ("cl", "d"), ("vv", "w"))
_DIGIT = re.compile(r"\d")
_NO_CONTENT = re.compile(r"[\W_]+")


class Reconstruction(Config):
    """Which model reconstructs, and how far it may go. Source: Mecellem App. D ("LLM-based reconstruction")."""

    endpoint: Endpoint
    """Where the model is served."""
    piece_characters: int = Field(default=2_000, ge=100)
    """Text in one request; pieces end at line ends. A refused answer costs no more than its piece."""
    most_new_tokens: int = Field(default=3_072, ge=1)
    """Limit of an answer, in tokens; one that reaches it is refused."""
    most_changed: float = Field(default=0.0, ge=0.0, le=1.0)
    """Edits, per letter and digit, that an answer may make beyond spaces, punctuation and letters that look alike.
    Above 0 a word can become another one: `davacı` is one edit from `davalı`."""


async def reconstruct(text: str, chat: Chat, config: Reconstruction) -> tuple[str, Counter[str]]:
    """The text with each piece as the model gives it, or as it was; and how many pieces met which fate.

    Fates: `unchanged`, `reconstructed`, or why an answer was refused: `failed` (no answer), `truncated`,
    `digits_changed`, `content_changed`.
    """
    pieces = list(_pieces(text, config.piece_characters))
    answers = await asyncio.gather(*(_ask(piece, chat, config) for piece in pieces))
    return "".join(answer for answer, _ in answers), Counter(fate for _, fate in answers)


async def _ask(piece: str, chat: Chat, config: Reconstruction) -> tuple[str, str]:
    body = piece.strip()
    if not body:
        return piece, "unchanged"
    try:
        answer = await chat.post_chat(
            {
                "messages": [{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": body}],
                "temperature": 0,
                "max_tokens": config.most_new_tokens,
            }
        )
    except EndpointError:
        return piece, "failed"
    found = answer.text.strip()
    if answer.finish_reason != "stop":
        return piece, "truncated"
    if reason := fault(body, found, most_changed=config.most_changed):
        return piece, reason
    return piece.replace(body, found, 1), "unchanged" if found == body else "reconstructed"


def fault(before: str, after: str, *, most_changed: float) -> str | None:
    """Why `after` is no reconstruction of `before`; None if it is one."""
    if _DIGIT.findall(before) != _DIGIT.findall(after):
        return "digits_changed"
    left, right = _content(before), _content(after)
    allowed = int(most_changed * len(left))
    if Levenshtein.distance(left, right, score_cutoff=allowed) > allowed:
        return "content_changed"
    return None


def _content(text: str) -> str:
    """What must stay: letters and digits without spaces and punctuation, letters that look alike as one."""
    text = fold(_NO_CONTENT.sub("", text).translate(_LOOK_ALIKE)).translate(_LOOK_ALIKE)
    for apart, one in _SEEN_APART:
        text = text.replace(apart, one)
    return text


def _pieces(text: str, longest: int) -> Iterator[str]:
    """Consecutive pieces of whole lines; a line longer than `longest` is cut."""
    piece = ""
    for line in text.splitlines(keepends=True):
        if piece and len(piece) + len(line) > longest:
            yield piece
            piece = ""
        while len(line) > longest:
            yield line[:longest]
            line = line[longest:]
        piece += line
    if piece:
        yield piece
