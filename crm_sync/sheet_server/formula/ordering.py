"""An order in which each formula comes after those that it reads, and the circles among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crm_sync.sheet_server.formula.dependencies import Key

Successors = Mapping[Key, Iterable[Key]]


def in_order(nodes: Iterable[Key], successors: Successors) -> tuple[list[Key], set[Key]]:
    """All nodes, each after its predecessors; and those that lie in a circle.

    `successors` names nodes only. A node that merely follows a circle comes after its members.
    """
    all_nodes = list(nodes)
    ordered = _without_circles(all_nodes, successors, set())
    if len(ordered) == len(all_nodes):
        return ordered, set()
    placed = set(ordered)
    circular = _circular([node for node in all_nodes if node not in placed], successors)
    rest = _without_circles(all_nodes, successors, circular)
    return [*sorted(circular), *rest], circular


def _without_circles(nodes: list[Key], successors: Successors, ignored: set[Key]) -> list[Key]:
    """Kahn's order of the nodes but the ignored ones, without those in or behind a circle."""
    waits = {node: 0 for node in nodes if node not in ignored}
    for node in waits:
        for after in successors.get(node, ()):
            if after in waits:
                waits[after] += 1
    ready = sorted((node for node, count in waits.items() if not count), reverse=True)
    ordered: list[Key] = []
    while ready:
        node = ready.pop()
        ordered.append(node)
        for after in successors.get(node, ()):
            if after in waits:
                waits[after] -= 1
                if not waits[after]:
                    ready.append(after)
    return ordered


def _circular(nodes: list[Key], successors: Successors) -> set[Key]:
    """The nodes that can reach themselves: Tarjan's strongly connected components, no recursion."""
    members = set(nodes)
    index: dict[Key, int] = {}
    low: dict[Key, int] = {}
    stack: list[Key] = []
    on_stack: set[Key] = set()
    found: set[Key] = set()
    for start in nodes:
        if start in index:
            continue
        path = [(start, iter(_within(start, members, successors)))]
        _enter(start, index, low, stack, on_stack)
        while path:
            node, following = path[-1]
            after = next(following, None)
            if after is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == index[node]:
                    found |= _component(node, stack, on_stack, successors)
            elif after not in index:
                _enter(after, index, low, stack, on_stack)
                path.append((after, iter(_within(after, members, successors))))
            elif after in on_stack:
                low[node] = min(low[node], index[after])
    return found


def _within(node: Key, members: set[Key], successors: Successors) -> list[Key]:
    return [after for after in successors.get(node, ()) if after in members]


def _enter(
    node: Key, index: dict[Key, int], low: dict[Key, int], stack: list[Key], on_stack: set[Key]
) -> None:
    index[node] = low[node] = len(index)
    stack.append(node)
    on_stack.add(node)


def _component(root: Key, stack: list[Key], on_stack: set[Key], successors: Successors) -> set[Key]:
    component: set[Key] = set()
    while True:
        node = stack.pop()
        on_stack.discard(node)
        component.add(node)
        if node == root:
            break
    if len(component) > 1 or root in successors.get(root, ()):
        return component
    return set()
