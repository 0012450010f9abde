"""Clustering: do texts of one category lie together? k-means, V-measure, ten draws.

Example (news_1150): articles of about 2004 on economy, magazine, health, politics and sport.
"""

from mecelle.evaluation.tasks.definition import Caps, GroupedData, LocalTask, Source, register


def _task(name: str, file: str, about: str, stands_for: str, note: str) -> LocalTask:
    path = f"general/classification_{file}.jsonl.gz"

    def read(source: Source, caps: Caps, seed: int) -> GroupedData:
        return GroupedData([(row["text"], row["label"]) for row in source.rows(path)])

    return register(
        LocalTask(name, "clustering", about, (path,), read, split="all", stands_for=stands_for, notes=(note,))
    )


_task(
    "news_1150.v1",
    "news_1150haber",
    "News articles in five categories (1150haber).",
    "SIB200ClusteringS2S",
    "The paper's set has 99 texts, as the validation side of SIB-200 has.",
)
_task("news_2017.v1", "news_2017", "Headlines and summaries in five categories.", "", "Spare: not the one slot.")
