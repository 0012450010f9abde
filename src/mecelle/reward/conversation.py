"""A question and an answer as tokens. Source: Mecellem §4.4.5: the user says the question and a part of the reference,
the assistant the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PLAIN_USER, PLAIN_ASSISTANT = "Soru: ", "\nCevap: "
"""Around the user's turn, for a backbone without a chat template."""
DATE = "26 Jul 2024"
"""What templates call today: the date that Llama 3.1's own has. Others take the day on which they are used, so that a
saved model would score otherwise tomorrow."""
NO_CLOCK = f"{{%- macro strftime_now(format) -%}}{DATE}{{%- endmacro -%}}"
"""Before a template that asks for the day and is not told it, as Llama's are."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is judged."""

    question: str
    answer: str
    reference: str = ""
    """What stands beside the question: the beginning of a reference text, or what is cited; "" for nothing."""

    @property
    def user_turn(self) -> str:
        """The question, and behind an empty line the reference."""
        return f"{self.question}\n\n{self.reference}" if self.reference else self.question


@dataclass(frozen=True, slots=True)
class Tokens:
    """One conversation as the backbone reads it."""

    ids: Sequence[int]
    """The last is the token that ends the answer, where the answer is judged."""
    prompt: int
    """Of these, tokens of the prompt; the gate reads the last of them, which has seen nothing of the answer."""
    truncated: bool
    """Whether something was cut off."""


def tokens_of(conversation: Conversation, tokenizer: Any, *, max_length: int) -> Tokens:
    """At most `max_length` ids. The answer is kept before the prompt, of which half of the room is kept at least."""
    user = tokenizer(conversation.user_turn, add_special_tokens=False)["input_ids"]
    answer = tokenizer(conversation.answer, add_special_tokens=False)["input_ids"]
    end = tokenizer.eos_token_id if tokenizer.eos_token_id is not None else tokenizer.pad_token_id
    around = len(_prompt(tokenizer, ""))
    room = max_length - around - 1
    most_user = max(room - len(answer), room // 2)
    cut = len(user) > most_user
    # Ids of a piece and the piece of ids are not always inverse: a few tokens are left for that.
    text = tokenizer.decode(user[: max(1, most_user - 2)]) if cut else conversation.user_turn
    prompt = _prompt(tokenizer, text)
    kept = answer[: max(0, max_length - 1 - len(prompt))]
    ids = [*prompt, *kept, end]
    return Tokens(ids[-max_length:], min(len(prompt), max_length - 1), cut or len(kept) < len(answer))


def _prompt(tokenizer: Any, user: str) -> list[int]:
    if tokenizer.chat_template:
        turns = [{"role": "user", "content": user}]
        text = tokenizer.apply_chat_template(
            turns,
            chat_template=NO_CLOCK + tokenizer.get_chat_template(),
            tokenize=False,
            add_generation_prompt=True,
            date_string=DATE,
        )
    else:
        text = f"{tokenizer.bos_token or ''}{PLAIN_USER}{user}{PLAIN_ASSISTANT}"
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])
