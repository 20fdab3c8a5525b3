"""Groups by the mean log odds between the members of two groups: A like B and B like C does not make A and C the same.

Agglomerative clustering by average linkage: the two groups that fit best are joined until none fit well enough.
"""

import heapq
from collections.abc import Mapping


def linked(number: int, odds: Mapping[tuple[int, int], float], *, threshold: float, unknown: float) -> list[list[int]]:
    """Return the groups of items 0 to `number` - 1, each ascending.

    Args:
        number: how many items there are.
        odds: log odds by pair, the lower first. Minus infinity forbids the two in one group.
        threshold: the least mean at which two groups are joined.
        unknown: the log odds of a pair that is not in `odds`.
    """
    groups = {item: [item] for item in range(number)}
    #: sums over pairs less `unknown` for each: a pair that is not there adds nothing
    sums: dict[int, dict[int, float]] = {item: {} for item in groups}
    for (one, other), value in odds.items():
        sums[one][other] = sums[other][one] = value - unknown

    def mean(one: int, other: int) -> float:
        return unknown + sums[one][other] / (len(groups[one]) * len(groups[other]))

    queue = [(-mean(one, other), one, other) for one, other in odds if mean(one, other) >= threshold]
    heapq.heapify(queue)
    following = number
    while queue:
        _, one, other = heapq.heappop(queue)
        if one not in groups or other not in groups:
            continue
        near = {k: sums[one].get(k, 0.0) + sums[other].get(k, 0.0) for k in sums[one].keys() | sums[other].keys()}
        joined = groups.pop(one) + groups.pop(other)
        groups[following], sums[following] = joined, {}
        for k, total in near.items():
            if k in groups:
                sums[following][k] = sums[k][following] = total
                if mean(k, following) >= threshold:
                    heapq.heappush(queue, (-mean(k, following), k, following))
        following += 1
    return [sorted(group) for group in groups.values()]
