"""Exact duplicates: documents whose cleaned texts are equal to the letter, and that no official number sets apart."""

from collections.abc import Sequence

from mecelle.corpus.dedup.clusters import Cluster, Member, Order


def exact_clusters(
    content_hashes: Sequence[str], order: Order, officials: Sequence[int] | None = None
) -> list[Cluster]:
    """Groups of two or more documents with one content hash, in the order of their representatives.

    officials: one key per document for its case, decision and law numbers, 0 where it has none. Courts publish formula
    decisions whose texts are equal but for a header that the source left out: with different numbers they are
    different decisions. A document without numbers joins the first of its text.
    """
    keys = officials if officials is not None else [0] * len(content_hashes)
    groups: dict[str, dict[int, list[int]]] = {}
    for row, digest in enumerate(content_hashes):
        groups.setdefault(digest, {}).setdefault(keys[row], []).append(row)
    found = []
    for by_number in groups.values():
        nameless = by_number.pop(0, [])
        parts = list(by_number.values()) or [[]]
        parts[0] += nameless
        for rows in parts:
            if len(rows) > 1:
                first, *rest = sorted(rows, key=order.rank)
                found.append(Cluster("exact", first, tuple(Member(row, 1.0) for row in rest)))
    return sorted(found, key=lambda cluster: cluster.representative)
