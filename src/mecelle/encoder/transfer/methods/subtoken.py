"""What the old tokenizer made of the token."""

from typing import Any

import numpy as np

from mecelle.encoder.transfer.matching import Entries, Form, read_entries
from mecelle.encoder.transfer.methods import METHODS, Filled, Task
from mecelle.tokenizer.measure.spelling import SPACE


@METHODS.register("subtoken.v1")
def subtoken(task: Task, *, seed: int) -> Filled:
    """The mean of the rows of a token's old pieces: `alacaklı` from those of `alacak` and `##lı`.

    The pieces are those that the old tokenizer takes where the token stands: at the beginning of a word or inside one.
    What it cannot write gets the mean of the whole vocabulary, as in `mean.v1`. seed: nothing is drawn.
    """
    old, new = read_entries(task.old), read_entries(task.new)
    rows = np.tile(task.table.mean(0), (len(task.wanted), 1))
    ways = ["mean"] * len(rows)
    for place, identity in enumerate(task.wanted):
        form = None if new.entries[identity] in new.added else new.form(identity)
        found = pieces(task.old, old, form) if form else []
        if found:
            rows[place], ways[place] = task.table[found].mean(0), "old pieces"
    return Filled(rows, ways)


def pieces(tokenizer: Any, entries: Entries, form: Form) -> list[int]:
    """Ids in which a tokenizer writes a form, unknown tokens left out.

    entries: its vocabulary. The model behind the tokenizer is asked, since a tokenizer takes any text for the
    beginning of a word.
    """
    backend = tokenizer.backend_tokenizer
    text = " " + form.text if form.begins and entries.marks_spaces else form.text
    if backend.normalizer:
        text = backend.normalizer.normalize_str(text)
    words = [word for word, _ in backend.pre_tokenizer.pre_tokenize_str(text)] if backend.pre_tokenizer else [text]
    if words and not form.begins:
        # Metaspace puts its mark before any text, and WordPiece's mark belongs to the entries alone.
        words[0] = entries.spelling.continuing + words[0].removeprefix(SPACE)
    found = [token.id for word in words for token in backend.model.tokenize(word)]
    return [identity for identity in found if identity != tokenizer.unk_token_id]
