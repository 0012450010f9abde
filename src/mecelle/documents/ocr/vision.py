"""A vision language model behind an OpenAI-compatible endpoint: DotsOCR on vLLM in the paper."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from mecelle.documents.ocr.engine import Ask, Ended, Engine, PageText
from mecelle.documents.ocr.rendering import Rendering
from mecelle.models.endpoint import Chat, Endpoint, EndpointError

_ENDS: dict[str, Ended] = {"stop": "natural", "length": "length"}


class Vision(Engine):
    """One request per page with the picture as a data URI, decoded greedily. Source: Mecellem §3.2.2."""

    kind: Literal["vision"] = "vision"
    rendering: Rendering = Rendering(longest_side=1024, colour=True)
    endpoint: Endpoint
    prompt: str = Field(default="Extract the text content from this image.", min_length=1)
    """The default is what DotsOCR was trained with for plain text."""
    context_tokens: int = Field(default=12_288, ge=1)
    """Context that the server was started with (vLLM: `--max-model-len`)."""
    max_new_tokens: int = Field(default=3_072, ge=1)
    """Longest answer; a page that reaches it ends as `length`."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.max_new_tokens >= self.context_tokens:
            raise ValueError(
                f"max_new_tokens = {self.max_new_tokens:,} leaves no room for the page in context_tokens = "
                f"{self.context_tokens:,}"
            )
        return self

    @property
    def label(self) -> str:
        """The model's name."""
        return self.endpoint.model

    def identity(self) -> dict[str, Any]:
        """Model, prompt, limits and rendering; not where the model is served, nor how patiently it is asked."""
        own = self.model_dump(mode="json", include={"prompt", "context_tokens", "max_new_tokens", "rendering"})
        return {"engine": self.label, **own}

    def in_flight(self, *, alone: bool) -> int:
        """As many as the endpoint may be asked at a time."""
        return self.endpoint.requests_in_flight

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Ask]:
        """Raises ConfigError if the variable of the key is not set."""
        async with Chat(self.endpoint) as chat:

            async def ask(png: bytes) -> PageText:
                try:
                    answer = await chat.post_chat(self._request(png))
                except EndpointError as error:
                    return PageText("abort", error=str(error))
                ended = _ENDS.get(answer.finish_reason, "abort")
                fault = f"the server ended it as {answer.finish_reason!r}" if ended == "abort" else ""
                return PageText(ended, answer.text, answer.prompt_tokens, answer.output_tokens, fault)

            yield ask

    def _request(self, png: bytes) -> dict[str, Any]:
        picture = f"data:image/png;base64,{base64.b64encode(png).decode()}"
        content = [{"type": "image_url", "image_url": {"url": picture}}, {"type": "text", "text": self.prompt}]
        return {
            "messages": [{"role": "user", "content": content}],
            "temperature": 0,
            "max_tokens": self.max_new_tokens,
        }
