"""What the service is asked and what it answers: plain typed models, the same for the interface, the page and MCP."""

from mecelle.serving.settings import LONGEST_QUERY
from mecelle.serving.views.answer import AnswerRequest, AnswerResult, SentenceView, SourceView, WithheldView
from mecelle.serving.views.base import Asked, View, parse
from mecelle.serving.views.embedding import Embedding, EmbeddingRequest, EmbeddingResponse, Usage
from mecelle.serving.views.operation import Fault, FaultView, HealthView, TakedownRequest, TakedownView
from mecelle.serving.views.reading import (
    ArticleView,
    CautionView,
    CitationView,
    CitedView,
    DocumentView,
    SectionsView,
    SectionText,
    SectionView,
)
from mecelle.serving.views.search import (
    FilterView,
    HitView,
    PassageView,
    Question,
    SearchRequest,
    SearchResult,
    SimilarResult,
)

__all__ = [
    "LONGEST_QUERY",
    "AnswerRequest",
    "AnswerResult",
    "ArticleView",
    "Asked",
    "CautionView",
    "CitationView",
    "CitedView",
    "DocumentView",
    "Embedding",
    "EmbeddingRequest",
    "EmbeddingResponse",
    "Fault",
    "FaultView",
    "FilterView",
    "HealthView",
    "HitView",
    "PassageView",
    "Question",
    "SearchRequest",
    "SearchResult",
    "SectionText",
    "SectionView",
    "SectionsView",
    "SentenceView",
    "SimilarResult",
    "SourceView",
    "TakedownRequest",
    "TakedownView",
    "Usage",
    "View",
    "WithheldView",
    "parse",
]
