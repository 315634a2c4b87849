r"""Places thousands of nodes on a plane within a second.

Nodes repel one another with a force of 1/distance and edges pull with their length, as in ForceAtlas2 (Jacomy et al.
2014), while steps become shorter (Fruchterman and Reingold 1991). Repulsion over a distance is taken from a grid by
convolution, and within a cell from pairs of neighbours: particle–particle–particle–mesh (Hockney and Eastwood 1988).
Pictures of up to 2,000 memories are placed by `coda_graphmem.graphs.layout`, more evenly and more slowly.
"""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

_SEED = 7
_GRID = 96
_PAIRS = 8
"""Neighbours within a cell, in the order of nodes, that repel one another."""


def place(count: int, edges: NDArray[np.int64]) -> Points:
    """Places of nodes; the same graph gives the same places.

    Args:
        count: How many nodes there are.
        edges: Pairs of nodes, shape (m, 2), each below ``count``.

    Returns:
        Shape (count, 2), around the origin, one unit for each node to be had.
    """
    rng = np.random.default_rng(_SEED)
    spread = np.sqrt(max(count, 1))
    angle, radius = rng.uniform(0, 2 * np.pi, count), spread * np.sqrt(rng.uniform(0, 1, count))
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    if count < 2:
        return points
    degree = np.bincount(edges.ravel(), minlength=count).astype(np.float64)
    mass = np.log2(2.0 + degree)
    rounds = 300 if count < 300 else 160 if count < 3000 else 90
    for i in range(rounds):
        force = 0.9 * _repulsion(points, mass) + _attraction(points, edges, degree)
        force -= 0.06 * points * mass[:, None]
        length = np.hypot(force[:, 0], force[:, 1]) + 1e-12
        longest = 0.35 * spread * (1.0 - i / rounds) ** 2 + 0.02
        points += force * (np.minimum(0.3 * length, longest) / length)[:, None]
    return points


def _attraction(points: Points, edges: NDArray[np.int64], degree: NDArray[np.float64]) -> Points:
    first, second = edges[:, 0], edges[:, 1]
    # A hub would pull all that hangs on it into one point.
    pull = (points[second] - points[first]) / np.sqrt(np.minimum(degree[first], degree[second]))[:, None]
    force = np.empty_like(points)
    for axis in (0, 1):
        force[:, axis] = np.bincount(first, pull[:, axis], len(points)) - np.bincount(
            second, pull[:, axis], len(points)
        )
    return force


def _repulsion(points: Points, mass: NDArray[np.float64]) -> Points:
    if len(points) <= 300:
        apart = points[:, None] - points[None]
        weight = mass[None] / (np.einsum("ijk,ijk->ij", apart, apart) + 0.05)
        near: Points = np.einsum("ijk,ij->ik", apart, weight) * mass[:, None]
        return near
    low = points.min(axis=0)
    size = float((points.max(axis=0) - low).max()) / (_GRID - 1) + 1e-9
    cell = np.clip(np.rint((points - low) / size).astype(np.int64), 0, _GRID - 1)
    flat = cell[:, 0] * _GRID + cell[:, 1]
    grid = np.bincount(flat, mass, _GRID * _GRID).reshape(_GRID, _GRID)
    across, down = _KERNELS
    wide = np.fft.rfft2(grid, (2 * _GRID, 2 * _GRID))
    force = np.empty_like(points)
    for axis, kernel in enumerate((across, down)):
        field = np.fft.irfft2(wide * kernel, (2 * _GRID, 2 * _GRID))[:_GRID, :_GRID]
        force[:, axis] = field.ravel()[flat] / size
    order = np.argsort(flat, kind="stable")
    for step in range(1, min(_PAIRS, len(points) - 1) + 1):
        one, other = order[:-step], order[step:]
        near = flat[one] == flat[other]
        one, other = one[near], other[near]
        apart = points[one] - points[other]
        push = apart / (np.einsum("ij,ij->i", apart, apart) + 0.05)[:, None]
        for axis in (0, 1):
            force[:, axis] += np.bincount(one, push[:, axis] * mass[other], len(points))
            force[:, axis] -= np.bincount(other, push[:, axis] * mass[one], len(points))
    return force * mass[:, None]


def _kernels() -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """The force 1/distance of a cell on every other, transformed, across and down; none on itself."""
    steps = np.arange(2 * _GRID)
    offset = np.where(steps < _GRID, steps, steps - 2 * _GRID).astype(np.float64)
    across, down = np.meshgrid(offset, offset, indexing="ij")
    square = across**2 + down**2
    square[0, 0] = np.inf
    return np.fft.rfft2(across / square), np.fft.rfft2(down / square)


_KERNELS = _kernels()
