"""Retrieval: a query, a collection, and the documents that answer the query.

Example (retrieval_statutes): "Kiracı kirayı ödemezse ev sahibi ne yapabilir?" -> {"6098:m315"}.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from mecelle.base.accounts import Accounts
from mecelle.base.collection import read_documents, read_jsonl
from mecelle.base.errors import InputError
from mecelle.documents.passages import passages
from mecelle.documents.queries import Query, read_queries

Pool = Literal["all", "gold_acts"]


@dataclass(frozen=True)
class RetrievalTask:
    """Queries with gold documents over one collection."""

    name: str
    queries: Mapping[str, str]
    documents: Mapping[str, str]
    gold: Mapping[str, set[str]]
    """Query -> all that answers it; what the collection lacks cannot be found, and counts as missed."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Query -> group that is also reported alone, such as the subset that people wrote."""
    accounts: Accounts = field(default_factory=lambda: Accounts(unit="queries"))
    """Queries read, kept, and left out with the reason."""
    missing_gold: int = 0
    """Gold documents of the queries that the collection lacks, counted per query."""


def read_task(name: str, queries: Path, documents: Path, *, pool: Pool = "all") -> RetrievalTask:
    """A task from two files.

    queries: JSON Lines or CSV with query and gold, see `mecelle.documents.queries`.
    documents: JSON Lines {id, text, heading?, repealed?}, or an artifact with `documents/`, whose acts are cut into
    articles ("6098:m264") and whose other documents go by their `source_id`. The text that is ranked is heading and
    text. Repealed articles are left out unless a query's gold names them.
    pool: "gold_acts" keeps only documents of the acts (the part of the id before ":") that some gold names.
    Queries of whose gold nothing is in the collection are left out and counted.
    Raises InputError if a file is absent, a column is missing, or nothing is left.
    """
    rows = list(read_queries(queries, gold=True))
    wanted = {identifier for row in rows for identifier in row.gold}
    collection = dict(_read_collection(documents, wanted))
    if pool == "gold_acts":
        acts = {identifier.partition(":")[0] for identifier in wanted}
        collection = {key: text for key, text in collection.items() if key.partition(":")[0] in acts}
    accounts = Accounts(unit="queries")
    kept: dict[str, Query] = {}
    for row in rows:
        if not row.gold:
            accounts.drop("no_gold")
        elif collection.keys().isdisjoint(row.gold):
            accounts.drop("gold_not_in_collection")
        elif row.id in kept:
            accounts.drop("same_id")
        else:
            accounts.keep()
            kept[row.id] = row
    if not kept:
        raise InputError(
            f"{queries}: none of {len(rows)} queries has a gold document in {documents}; do the ids match?"
        )
    return RetrievalTask(
        name=name,
        queries={key: row.query for key, row in kept.items()},
        documents=collection,
        gold={key: set(row.gold) for key, row in kept.items()},
        groups={key: row.subset for key, row in kept.items() if row.subset},
        accounts=accounts,
        missing_gold=sum(len(set(row.gold) - collection.keys()) for row in kept.values()),
    )


def task_of_pairs(
    name: str, held_out: Iterable[Mapping[str, Any]], others: Iterable[Mapping[str, Any]] = ()
) -> RetrievalTask:
    """A task from held-out pairs {id, query, document, document_id}: a silver standard, made by rule.

    others: pairs whose documents are ranked too, since it is easy to find one of a few. A document is a text, known by
    its `document_id`; further texts of the same id are `id#2`, `id#3`. A query with several documents has them all as
    gold.
    """
    queries: dict[str, str] = {}
    gold: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    pieces = Counter[str]()
    seen: dict[str, str] = {}
    accounts = Accounts(unit="queries")
    asked = list(held_out)
    for pair in chain(asked, others):
        if pair["document"] not in names:
            pieces[pair["document_id"]] += 1
            count = pieces[pair["document_id"]]
            names[pair["document"]] = pair["document_id"] if count == 1 else f"{pair['document_id']}#{count}"
    for pair in asked:
        first = seen.setdefault(pair["query"], pair["id"])
        gold.setdefault(first, set()).add(names[pair["document"]])
        if first == pair["id"]:
            queries[first] = pair["query"]
            accounts.keep()
        else:
            accounts.drop("same_query")
    documents = {identifier: text for text, identifier in names.items()}
    return RetrievalTask(name=name, queries=queries, documents=documents, gold=gold, accounts=accounts)


def _read_collection(path: Path, wanted: set[str]) -> Iterable[tuple[str, str]]:
    if not path.exists():
        raise InputError(f"{path}: no such file; documents are JSON Lines (id, text) or an artifact with documents/")
    if path.is_dir():
        yield from _units(path)
        return
    seen: dict[str, str] = {}
    for number, row in enumerate(read_jsonl(path), start=1):
        if not isinstance(row, dict) or row.get("id") in (None, "") or not isinstance(row.get("text"), str):
            found = f"the fields {', '.join(map(str, row))}" if isinstance(row, dict) else f"a {type(row).__name__}"
            raise InputError(f"{path}:{number}: expected an object with 'id' and 'text' (a text); found {found}")
        name = str(row["id"])
        if row.get("repealed") and name not in wanted:
            continue
        text = f"{row['heading']}\n{row['text']}" if row.get("heading") else row["text"]
        if seen.setdefault(name, text) != text:
            raise InputError(f"{path}:{number}: '{name}' is the id of another text above; give each document its own")
        yield name, text


def _units(folder: Path) -> Iterator[tuple[str, str]]:
    """Articles of acts, and all other documents whole; of several with one id the first counts."""
    seen = set[str]()
    for document in read_documents(folder):
        articles: dict[str, list[str]] = {}
        for passage in passages(document):
            key = passage.article or str(document.metadata.get("source_id", document.id))
            parts = articles.setdefault(key, [passage.heading] if passage.heading and passage.article else [])
            if passage.article:
                parts.append(passage.text)
        for key, parts in articles.items():
            if key not in seen:
                seen.add(key)
                yield key, "\n".join(parts) if parts else document.text
