"""Vectors as stores take and give them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: A unit vector, or rows of unit vectors, in single precision.
Vector = NDArray[np.float32]
