"""The calls of the service: what the HTTP interface, the page and the MCP server all stand on."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from mecelle.base.errors import MecelleError
from mecelle.base.protocols import TextEncoder
from mecelle.corpus.takedown_log import LOG
from mecelle.models.endpoint import Chat
from mecelle.retrieval.config import Mode
from mecelle.retrieval.manifest import Manifest
from mecelle.retrieval.search import Filters, Hit
from mecelle.retrieval.stored import StoredDocument
from mecelle.serving import takedowns, views
from mecelle.serving.answering.answer import Answered, Answerer
from mecelle.serving.answering.evidence import Evidence, gather
from mecelle.serving.collection import Collection, found_hits
from mecelle.serving.embeddings import embed
from mecelle.serving.errors import ServiceError, invalid, not_found, not_yet_deleted, note_fault
from mecelle.serving.metrics import Metrics
from mecelle.serving.settings import ServiceSettings
from mecelle.serving.workers import Workers, within

_SHOWN_FIELDS = ("title", "court", "chamber", "case_number", "decision_number", "date", "law_number")


class Service:
    """An open collection and all that can be asked of it. Methods raise MecelleError for what cannot be answered."""

    def __init__(self, settings: ServiceSettings, *, encoder: TextEncoder | None = None) -> None:
        """encoder: the index's model if it is loaded already.

        Raises ArtifactError without a whole index, ConfigError if the key of the endpoint is not set.
        """
        self.settings, self.limits = settings, settings.limits
        log = settings.state_folder / LOG
        threads, waiting = self.limits.threads, self.limits.waiting
        self.collection = Collection(
            settings.index,
            log=log,
            most_questions=threads + waiting,
            encoder=encoder,
            reranker=settings.reranker,
            device=settings.device,
        )
        self.workers = Workers(threads=threads, waiting=waiting)
        # Of their own: a takedown must not take the place of a search, nor its log wait for a deletion and its build.
        self._noting, self._deleting = (Workers(threads=1, waiting=waiting) for _ in range(2))
        self.metrics = Metrics()
        self._chat = Chat(settings.endpoint) if settings.endpoint else None
        self._answerer = Answerer(self._chat, settings.answers, seconds=self.limits.answer_seconds)

    async def close(self) -> None:
        """Let go of files, threads and connections."""
        for workers in (self.workers, self._noting, self._deleting):
            workers.close()
        self.collection.close()
        if self._chat:
            await self._chat.__aexit__(None, None, None)

    async def search(self, asked: views.SearchRequest, *, beyond: int = 0) -> views.SearchResult:
        """The best hits of a question, and `beyond` behind them in the same order."""
        self._check_query(asked.query)
        self._check_most(asked.k)
        began = time.perf_counter()

        def call(mode: Mode | None) -> tuple[list[Hit], list[str], Manifest, Mode]:
            with self.collection.searcher() as searcher:
                if asked.mode in ("dense", "hybrid") and searcher.manifest.model is None:
                    raise invalid(f"mode '{asked.mode}': this collection has no vectors; use 'bm25' or no mode")
                hits, used = found_hits(
                    searcher,
                    asked.query,
                    k=asked.k,
                    skip=asked.skip,
                    beyond=beyond,
                    mode=mode,
                    filters=asked.found_filters(),
                )
                shown = hits[: max(0, self.limits.most_results - asked.skip)]
                return shown, searcher.missing(asked.query), searcher.manifest, used

        async with within(self.limits.search_seconds):
            wanted = await self.collection.prepare(asked.query, asked.mode)
            hits, missing, manifest, mode = await self.workers.run(self.limits.search_seconds, call, wanted)
        return views.SearchResult(
            query=asked.query,
            mode=mode,
            notice=None if mode == (asked.mode or manifest.mode) else "words_only",
            missing=missing,
            hits=_hit_views(hits),
            generation=manifest.generation,
            milliseconds=_milliseconds(began),
        )

    async def document(self, identity: str, *, start: int = 0, characters: int | None = None) -> views.DocumentView:
        """A document, or the part of it that begins at `start`."""
        found = await self._stored(identity)
        end = start + min(characters or self.limits.document_characters, self.limits.document_characters)
        return views.DocumentView(
            document_id=found.id,
            kind=found.kind,
            citation=found.citation,
            **{name: found.metadata.get(name) for name in _SHOWN_FIELDS},
            text=found.text[start:end],
            start=start,
            characters=len(found.text),
            sections=[views.SectionView.model_validate(one) for one in found.sections],
            citations=[
                views.CitationView.model_validate(one) for one in found.citations if start <= one.start < one.end <= end
            ],
        )

    async def sections(self, identity: str) -> views.SectionsView:
        """The sections of a decision, with their text."""
        found = await self._stored(identity)
        rows = [
            views.SectionText(label=one.label, start=one.start, end=one.end, text=found.text[one.start : one.end])
            for one in found.sections
        ]
        return views.SectionsView(document_id=found.id, citation=found.citation, sections=rows)

    async def similar(self, identity: str, *, k: int) -> views.SimilarResult:
        """The documents most like one."""
        self._check_most(k)

        def call() -> list[Hit]:
            with self.collection.searcher() as searcher:
                if searcher.document(identity) is None:
                    raise not_found("This document")
                return searcher.similar(identity, k=k)

        hits = await self.workers.run(self.limits.search_seconds, call)
        return views.SimilarResult(document_id=identity, hits=_hit_views(hits))

    async def article(self, key: str, *, on: str | None = None) -> views.ArticleView:
        """The article that a key names (`6098:m49`), as it stood on a day."""

        def call() -> Any:
            with self.collection.searcher() as searcher:
                return searcher.article(key, on=on)

        if (found := await self.workers.run(self.limits.search_seconds, call)) is None:
            raise not_found("This article")
        return views.ArticleView.model_validate(found)

    async def articles(self, keys: Sequence[str], *, on: str | None = None) -> dict[str, views.ArticleView]:
        """Those of the articles that the collection holds, by key, as they stood on a day."""

        def call() -> dict[str, Any]:
            with self.collection.searcher() as searcher:
                return {key: searcher.article(key, on=on) for key in keys}

        found = await self.workers.run(self.limits.search_seconds, call)
        return {key: views.ArticleView.model_validate(one) for key, one in found.items() if one}

    async def cited(self, kind: str, key: str) -> list[views.CitedView]:
        """The acts (kind law) or decisions that a citation's key names, at most twenty."""

        def call() -> list[StoredDocument | None]:
            with self.collection.searcher() as searcher:
                found = searcher.acts(key) if kind == "law" else searcher.decisions(key)
                return [searcher.document(one) for one in found[:20]]

        rows = await self.workers.run(self.limits.search_seconds, call)
        return [
            views.CitedView(document_id=one.id, citation=one.citation, title=one.metadata.get("title"))
            for one in rows
            if one
        ]

    async def answer(self, asked: views.AnswerRequest) -> views.AnswerResult:
        """A checked answer, or the best passages and why there is no more."""
        self._check_query(asked.query)
        began = time.perf_counter()
        filters = asked.found_filters()
        async with within(self.limits.search_seconds):
            mode = await self.collection.prepare(asked.query, None)
            evidence = await self.workers.run(self.limits.search_seconds, self._gather, asked.query, filters, mode)
        answered = await self._answerer.answer(asked.query, evidence)
        self._count(answered)
        return views.AnswerResult(
            query=asked.query,
            outcome=answered.outcome,
            sentences=[views.SentenceView.model_validate(one) for one in answered.sentences],
            withheld=[views.WithheldView(fault=one.fault.kind, found=one.fault.found) for one in answered.withheld],
            missing=list(answered.missing),
            sources=[views.SourceView.model_validate(one) for one in answered.sources],
            model=self.settings.endpoint.model if self.settings.endpoint else None,
            milliseconds=_milliseconds(began),
        )

    async def embeddings(self, asked: views.EmbeddingRequest) -> views.EmbeddingResponse:
        """Vectors of texts by the model of the index, in OpenAI's form."""
        texts = [asked.input] if isinstance(asked.input, str) else asked.input
        most, longest = self.limits.texts, self.limits.text_characters
        if not 1 <= len(texts) <= most or any(len(text) > longest for text in texts):
            raise invalid(f"input: allowed are 1 to {most} texts of at most {longest:,} characters")
        if (encoder := self.collection.encoder) is None:
            raise ServiceError(404, "no_model", "This collection has no vectors, so there is no model to embed with.")
        return await self.workers.run(self.limits.search_seconds, embed, encoder, asked, texts)

    async def take_down(self, asked: views.TakedownRequest, *, by: str) -> views.TakedownView:
        """Take a document and its copies out of the index, now; `by` stands in the audit log."""
        found = await self._stored(asked.document_id)
        index, state = self.settings.index, self.settings.state_folder
        row = await self._noting.run(takedowns.WAIT_SECONDS, takedowns.note, index, state, found, asked.reason, by)
        try:
            done = await self._deleting.run(takedowns.WAIT_SECONDS, takedowns.carry_out, index, state, row, by)
        except MecelleError as error:
            note_fault(error)
            raise not_yet_deleted(row.number) from error
        return views.TakedownView.model_validate(done)

    async def health(self) -> views.HealthView:
        """Whether the collection can be searched."""

        def call() -> views.HealthView:
            with self.collection.searcher() as searcher:
                return views.HealthView(status="ok", generation=searcher.manifest.generation)

        # Beside the searches: a monitor is answered while they wait, and a new generation may be opened here.
        return await asyncio.to_thread(call)

    def figures(self) -> bytes:
        """The figures of operation, for Prometheus."""
        manifest = self.collection.manifest
        self.metrics.unfinished.set(self.workers.unfinished + self.collection.waiting)
        self.metrics.passages.set(manifest.passages)
        self.metrics.generation.set(manifest.generation)
        return self.metrics.render()

    def _gather(self, question: str, filters: Filters, mode: Mode | None) -> Evidence:
        with self.collection.searcher() as searcher:
            hits, _ = found_hits(searcher, question, k=self.settings.answers.passages, mode=mode, filters=filters)
            return gather(searcher, question, hits)

    async def _stored(self, identity: str) -> StoredDocument:
        def call() -> StoredDocument | None:
            with self.collection.searcher() as searcher:
                return searcher.document(identity)

        if (found := await self.workers.run(self.limits.search_seconds, call)) is None:
            raise not_found("This document")
        return found

    def _check_query(self, query: str) -> None:
        if len(query) > self.limits.query_characters:
            raise invalid(
                f"the question has {len(query):,} characters; this service takes up to {self.limits.query_characters:,}"
            )

    def _check_most(self, k: int) -> None:
        if k > self.limits.most_results:
            raise invalid(f"k is {k}; this service returns at most {self.limits.most_results} hits")

    def _count(self, answered: Answered) -> None:
        self.metrics.answers.labels(answered.outcome).inc()
        for one in answered.withheld:
            self.metrics.withheld.labels(one.fault.kind).inc()


def _hit_views(hits: Sequence[Hit]) -> list[views.HitView]:
    return [views.HitView.model_validate(hit) for hit in hits]


def _milliseconds(began: float) -> float:
    return round(1000 * (time.perf_counter() - began), 1)
