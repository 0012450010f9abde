"""OpenAI's form of embeddings."""

from typing import Annotated, Literal

from pydantic import Field

from mecelle.serving.settings import MOST_TEXTS
from mecelle.serving.views.base import OfText, View


class EmbeddingRequest(OfText):
    """The body of OpenAI's `POST /v1/embeddings`; fields of theirs that change no vector are passed over."""

    input: str | Annotated[list[str], Field(min_length=1, max_length=MOST_TEXTS)]
    """Texts. Lists of token numbers are refused: tokens of whose model they are, nobody can tell."""
    model: str = ""
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(default=None, ge=1, strict=True)
    """Leading components (Matryoshka), made unit vectors again; None: all."""
    input_type: Literal["query", "document"] = "document"
    """An addition of ours: models with two prompts prepare the sides of a search differently."""


class Embedding(View):
    """One vector."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str
    """Components, or their little-endian float32 bytes in base64."""


class Usage(View):
    """OpenAI counts tokens here; we count words, and say so in the documentation."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingResponse(View):
    """The answer in OpenAI's form."""

    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: Usage
