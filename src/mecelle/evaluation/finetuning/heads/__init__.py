"""What a type of task puts on an encoder: features for training, and predictions from logits. One file each."""

from mecelle.evaluation.finetuning.config import FineTuningConfig
from mecelle.evaluation.finetuning.heads.answers import AnswerHead
from mecelle.evaluation.finetuning.heads.head import Head
from mecelle.evaluation.finetuning.heads.sequences import ClassHead, ScoreHead
from mecelle.evaluation.finetuning.heads.tags import TagHead
from mecelle.evaluation.finetuning.items import TaskType

__all__ = ["Head", "head_for"]

_HEADS: dict[TaskType, type[Head]] = {
    "CLF": ClassHead, "NLI": ClassHead, "STS": ScoreHead, "NER": TagHead, "POS": TagHead, "QA": AnswerHead,
}  # fmt: skip


def head_for(kind: TaskType, config: FineTuningConfig) -> Head:
    """The head of a type."""
    return _HEADS[kind](config)
