"""One language model on the tasks that need its head: cloze, free vocabulary, masked accuracy, perplexity."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from mecelle.base.config import Config
from mecelle.base.errors import ConfigError
from mecelle.base.protocols import MaskFiller, TextScorer
from mecelle.evaluation.keeping import Outcome, keep
from mecelle.evaluation.leakage import TrainingText
from mecelle.evaluation.record import Kind, TaskRecord, path
from mecelle.evaluation.tasks import cloze, free_vocabulary, masked_accuracy, perplexity
from mecelle.evaluation.tasks.masked_accuracy import MaskedAccuracyConfig
from mecelle.evaluation.tasks.perplexity import PerplexityConfig
from mecelle.evaluation.tasks.texts import HeldOutText, data_hash, draw


class Bench:
    """Scores a model and keeps the records in a folder; what is there and still true is not made again."""

    def __init__(
        self,
        model: MaskFiller | TextScorer,
        out: Path,
        *,
        name: str,
        split: str,
        seed: int,
        training: TrainingText | None = None,
    ) -> None:
        """name: what records call the model. split: the side of the data, as records tell it. training: what the model
        was trained on, where it is known: scores are told without the items that it holds, too."""
        self.model, self.out, self.name, self.split, self.seed = model, out, name, split, seed
        self.training = training

    def cloze(self, items: Sequence[cloze.ClozeItem]) -> TaskRecord:
        """All ways of scoring the cloze test; options and their scores stand beside the record (`scores_file`)."""

        def make() -> Outcome:
            touched = self._touched({one.id: one.filled for one in items})
            scores = cloze.score_items(self.model, items)
            self.scores_file.parent.mkdir(parents=True, exist_ok=True)
            cloze.write_scores(self.scores_file, items, scores, touched)
            return cloze.outcome(items, scores, touched)

        return self._keep(make, cloze.TASK, "cloze", cloze.data_hash(items), {}, beside=self.scores_file)

    @property
    def is_filler(self) -> bool:
        """Whether the model has masks to fill."""
        return isinstance(self.model, MaskFiller)

    @property
    def scores_file(self) -> Path:
        """Where `cloze` leaves what each option scored."""
        return path(self.out, self.name, cloze.TASK).with_suffix(".options.jsonl")

    def free_vocabulary(self, prompts: Sequence[free_vocabulary.Prompt]) -> list[free_vocabulary.Completion]:
        """The model's own words; twelve sentences take a second, so that they are always asked again."""
        completions = free_vocabulary.complete(self._filler("free vocabulary"), prompts)
        data = free_vocabulary.data_hash(prompts)
        self._keep(lambda: free_vocabulary.outcome(completions), free_vocabulary.TASK, "masked model", data, {})
        return completions

    def masked_accuracy(self, texts: Sequence[HeldOutText], config: MaskedAccuracyConfig) -> list[TaskRecord]:
        """One record per domain, and one of all."""
        filler = self._filler("accuracy of masked words")
        drawn = draw(texts, per_domain=config.documents, words=config.passage_words, seed=self.seed)

        def measure(passages: Sequence[HeldOutText], touched: Mapping[str, str]) -> Outcome:
            return masked_accuracy.outcome(filler, passages, config, touched, seed=self.seed)

        return self._by_domain(texts, drawn, measure, masked_accuracy.overall, "mlm", "masked model", config)

    def perplexity(self, texts: Sequence[HeldOutText], config: PerplexityConfig) -> list[TaskRecord]:
        """One record per domain, and one of all."""
        model = self.model
        if not isinstance(model, TextScorer):
            raise ConfigError(f"{self.name}: scores no running text; perplexity needs a causal or a masked model")
        documents, words = config.sample(model.likelihood)
        drawn = draw(texts, per_domain=documents, words=words, seed=self.seed)
        task = "perplexity" if model.likelihood == "likelihood" else "pseudo-perplexity"

        def measure(passages: Sequence[HeldOutText], touched: Mapping[str, str]) -> Outcome:
            return perplexity.outcome(model, passages, config, touched)

        return self._by_domain(texts, drawn, measure, perplexity.overall, task, "perplexity", config)

    def _by_domain(
        self,
        texts: Sequence[HeldOutText],
        drawn: Mapping[str, Sequence[HeldOutText]],
        measure: Callable[[Sequence[HeldOutText], Mapping[str, str]], Outcome],
        overall: Callable[[Sequence[TaskRecord]], Outcome],
        task: str,
        kind: Kind,
        config: Config,
    ) -> list[TaskRecord]:
        wanted = {one.id for own in drawn.values() for one in own}
        # Whole documents are looked for, and only if something must be measured: a decision has leaked as a whole, its
        # formulas always.
        touched = cache(lambda: self._touched({one.id: one.text for one in texts if one.id in wanted}))
        settings = config.model_dump()

        def domain_record(domain: str) -> TaskRecord:
            own = drawn[domain]
            return self._keep(lambda: measure(own, touched()), f"{task}-{domain}.v1", kind, data_hash(own), settings)

        records = [domain_record(domain) for domain in drawn]
        data = data_hash(one for own in drawn.values() for one in own)
        return [*records, self._keep(lambda: overall(records), f"{task}.v1", kind, data, settings)]

    def _filler(self, task: str) -> MaskFiller:
        if not isinstance(self.model, MaskFiller):
            raise ConfigError(f"{self.name}: has no masks to fill; {task} needs a masked language model")
        return self.model

    def _touched(self, items: Mapping[str, str]) -> Mapping[str, str]:
        return self.training.find(items).touched if self.training else {}

    def _keep(
        self, make: Callable[[], Outcome], task: str, kind: Kind, data: str, settings: Mapping[str, Any], **more: Any
    ) -> TaskRecord:
        return keep(
            self.out,
            make,
            model=self.name,
            fingerprint=self.model.fingerprint,
            task=task,
            kind=kind,
            split=self.split,
            data=data,
            parameters={**settings, "leakage": self.training.facts if self.training else None},
            seed=self.seed,
            **more,
        )
