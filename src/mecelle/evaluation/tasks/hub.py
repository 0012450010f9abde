"""Tasks whose data lie on the Hugging Face hub: those of MTEB-Turkish, SciFact-TR and the English legal ones of MLEB.

Source: Mecellem §3.5.1, Table 11: 17 tasks. The paper names MassiveIntent, TurkishMovie, WebFAQ, XQuAD, XNLI and three
legal ones; a set of 99 texts for clustering and one of 208 pairs for STS are those of SIB-200 and STS22. The rest is
our choice.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mecelle.base.errors import InputError, require
from mecelle.evaluation.record import Kind

if TYPE_CHECKING:
    from mteb.abstasks import AbsTask


@dataclass(frozen=True)
class HubTask:
    """One task by id. `task` is its name in mteb; where mteb has none, `dataset` is a retrieval set in BEIR's form."""

    name: str
    kind: Kind
    task: str | None = None
    dataset: str | None = None
    qrels: str | None = None
    """Repository of the relevance, where it is another."""
    subset: str = "default"
    split: str = "test"
    language: str = "tur"
    named_in_paper: bool = False
    notes: tuple[str, ...] = ()

    def load(self, *, seed: int) -> "AbsTask":
        """The mteb task with its data. Raises InputError if the hub cannot be reached or does not have it."""
        mteb = require("mteb", extra="evaluation", why=f"The task '{self.name}'")
        try:
            if self.task:
                task: AbsTask = mteb.get_task(self.task, hf_subsets=[self.subset], eval_splits=[self.split])
                task.seed = seed
                task.load_data()
                return task
            from mecelle.evaluation.tasks.hub_retrieval import load_beir

            return load_beir(self, seed=seed)
        except (OSError, ValueError, RuntimeError) as error:  # the hub's and datasets' own errors are kinds of these
            reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
            raise InputError(
                f"task '{self.name}': its data ({self.dataset or self.task}) are on the Hugging Face hub, which does "
                f"not give them here ({reason}). Check the connection and HF_TOKEN, or use the tasks over local files"
            ) from error


UNVERIFIED = "The paper gives a collection (newmindai/mleb-dataset), not this id: check it before quoting a score."
OURS = ("Our choice: the paper does not name this one.",)

MTEB_TURKISH: tuple[HubTask, ...] = (
    HubTask("MassiveIntent.v1", "classification", "MassiveIntentClassification", subset="tr", named_in_paper=True),
    HubTask("MassiveScenario.v1", "classification", "MassiveScenarioClassification", subset="tr", notes=OURS),
    HubTask("TurkishMovie.v1", "classification", "TurkishMovieSentimentClassification.v2", named_in_paper=True),
    HubTask("TurkishProduct.v1", "classification", "TurkishProductSentimentClassification.v2", notes=OURS),
    HubTask("Sentiment.v1", "classification", "MultilingualSentimentClassification", subset="tur", notes=OURS),
    HubTask("Sib200.v1", "classification", "SIB200Classification.v3", subset="tur_Latn", notes=OURS),
    HubTask("WebFaq.v1", "retrieval", "WebFAQRetrieval", subset="tur", named_in_paper=True),
    HubTask("XQuad.v1", "retrieval", "XQuADRetrieval", subset="tr", split="validation", named_in_paper=True),
    HubTask("TurHistQuad.v1", "retrieval", "TurHistQuadRetrieval", notes=OURS),
    HubTask("Belebele.v1", "retrieval", "BelebeleRetrieval", subset="tur_Latn-tur_Latn", notes=OURS),
    HubTask("Xnli.v1", "pair classification", "XNLI", subset="tr", named_in_paper=True),
    HubTask("XnliV2.v1", "pair classification", "XNLIV2", subset="turkish", notes=OURS),
    HubTask("Sib200Clusters.v1", "clustering", "SIB200ClusteringS2S", subset="tur_Latn", notes=OURS),
    HubTask("Sts22.v1", "sts", "STS22.v2", subset="tr", notes=OURS),
    HubTask(
        "Contracts.v1",
        "legal retrieval",
        dataset="newmindai/contract-retrieval",
        named_in_paper=True,
        notes=(UNVERIFIED,),
    ),
    HubTask(
        "Regulation.v1",
        "legal retrieval",
        dataset="newmindai/regulation-retrieval",
        named_in_paper=True,
        notes=(UNVERIFIED,),
    ),
    HubTask(
        "Caselaw.v1", "legal retrieval", dataset="newmindai/caselaw-retrieval", named_in_paper=True, notes=(UNVERIFIED,)
    ),
)

SCIFACT_TR = HubTask(
    "SciFactTr.v1", "retrieval", dataset="AbdulkaderSaoud/scifact-tr", qrels="AbdulkaderSaoud/scifact-tr-qrels"
)

MLEB_ENGLISH: tuple[HubTask, ...] = tuple(
    HubTask(f"{name}.v1", "legal retrieval", name, language="eng")
    for name in ("BarExamQA", "BillSumUS", "BillSumCA", "GovReport")
)
"""Those of MLEB (arXiv 2510.19365) that mteb 2.26 knows by the id of their authors, and that it split of BillSum."""
