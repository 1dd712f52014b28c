"""Checks of a skops file that is loaded without trust. They read its bytes and its JSON, and import and build nothing.

A skops file is a zip archive: ``schema.json`` is a tree of nodes, each of which names a loader and a class; arrays lie
beside it in numpy's format. skops itself refuses classes that it does not know by name. This module adds what skops
leaves to its callers:

- sizes are known before anything is unpacked: members are stored, not compressed, and an array is as long as its header
  says;
- only loaders that build plain data or objects from their attributes are let through, none that calls a function;
- each class that is accepted beyond skops' own list is accepted by its full name, under one loader;
- the indices in decision trees and in trees of nearest neighbours are in range. scikit-learn follows them without
  checking, so a wrong one would read outside of the array.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from livermore.typing import Integers

MAX_SCHEMA_BYTES = 1 << 27
MAX_CHECKS = 10_000_000
MIN_PROTOCOL = 1  # in the first protocol a function's name stood where this module does not look

LOADERS = frozenset(
    {
        *("BytearrayNode", "BytesNode", "DTypeNode", "DefaultDictNode", "DictNode", "FunctionNode", "JsonNode"),
        *("ListNode", "LossNode", "MaskedArrayNode", "NdArrayNode", "ObjectNode", "RandomGeneratorNode"),
        *("RandomStateNode", "SetNode", "SliceNode", "TreeNode", "TupleNode", "TypeNode"),
    }
)
TREE, TREE_PREDICTOR = "sklearn.tree._tree.Tree", "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"
NEIGHBOUR_TREES = {"sklearn.neighbors._kd_tree.KDTree": 2, "sklearn.neighbors._ball_tree.BallTree": 1}  # bounds
# Beyond skops' own list: parts of common models that are built from their attributes alone. Class to its loaders.
KNOWN_CLASSES = {
    TREE: ("TreeNode",),
    "collections.OrderedDict": ("TypeNode", "DictNode"),
    "sklearn.utils._bunch.Bunch": ("DictNode",),
    **dict.fromkeys(
        (
            TREE_PREDICTOR,
            *NEIGHBOUR_TREES,
            "lightgbm.basic.Booster",
            "lightgbm.sklearn.LGBMClassifier",
            "lightgbm.sklearn.LGBMRegressor",
            "sklearn.calibration._CalibratedClassifier",
            "sklearn.calibration._SigmoidCalibration",
            "sklearn.metrics._dist_metrics.EuclideanDistance64",
            "sklearn.metrics._scorer._PassthroughScorer",
            "sklearn.model_selection._split.KFold",
            "sklearn.model_selection._split._CVIterableWrapper",
            "sklearn.model_selection._split.StratifiedKFold",
            "sklearn.model_selection._split.TimeSeriesSplit",
            "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
            "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
            "xgboost.core.Booster",
            "xgboost.sklearn.XGBClassifier",
            "xgboost.sklearn.XGBRegressor",
        ),
        ("ObjectNode",),
    ),
}
# Ensembles that hand rows to their trees without checking them again.
UNCHECKED_ENSEMBLES = ("sklearn.ensemble._forest", "sklearn.ensemble._gb", "sklearn.ensemble._iforest")

Node = dict[str, Any]


class UnsafeSkopsError(ValueError):
    """A skops file holds something that is not loaded without trust; the message says what."""


def check_skops(content: bytes) -> None:
    """Refuse a file that is damaged, too large when unpacked, or does more than hold data.

    Raises
    ------
    UnsafeSkopsError
        The message continues a sentence: "… is not loaded: {message}".
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_sizes(archive, len(content))
            schema = json.loads(archive.read("schema.json"))
            _check_protocol(schema)
            _Checker(archive).check(schema)
    except UnsafeSkopsError:
        raise
    # Whatever the file holds in place of what skops writes: wrong types, missing keys, endless nesting.
    except (
        *(ArithmeticError, AttributeError, LookupError, MemoryError, NotImplementedError, OSError),
        *(RecursionError, RuntimeError, SyntaxError, TypeError, ValueError, zipfile.BadZipFile),
    ) as error:
        raise UnsafeSkopsError(f"it is not what skops writes ({type(error).__name__}: {error})") from error


def _require(condition: bool | np.bool_, otherwise: str) -> None:
    if not condition:
        raise UnsafeSkopsError(otherwise)


def _check_sizes(archive: zipfile.ZipFile, size: int) -> None:
    """Refuse compressed members, members that overlap, and too much JSON: what is unpacked is no larger than the file.

    zipfile believes the size that a stored member declares; of a compressed one it may unpack far more.
    """
    members = archive.infolist()
    plain = all(m.compress_type == zipfile.ZIP_STORED and m.compress_size == m.file_size for m in members)
    _require(plain, "its parts are compressed, and how large they are is known only after unpacking them")
    _require(sum(m.file_size for m in members) <= size, "its parts overlap")
    _require(len({m.filename for m in members}) == len(members), "it holds several parts of one name")
    _require(archive.getinfo("schema.json").file_size <= MAX_SCHEMA_BYTES, "its description is too large")


def _check_protocol(schema: Any) -> None:
    protocol = schema.get("protocol") if isinstance(schema, dict) else None
    _require(type(protocol) is int and protocol >= MIN_PROTOCOL, f"it has the protocol {protocol!r} of skops")


class _Checker:
    """Visits all nodes of a schema.

    Where several nodes have one id, skops builds the first in place of all. So each of them is checked in the place of
    each, that is inside the same estimator and ensemble: `owners` are the two innermost object nodes around a node.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive

    def check(self, schema: Node) -> None:
        """Check a schema and all nodes in it."""
        twins = _nodes_by_id(schema)
        seen: set[tuple[int, ...]] = set()
        pending: list[tuple[Any, tuple[Node, ...]]] = [(schema, ())]
        while pending:
            value, owners = pending.pop()
            if isinstance(value, list):
                pending += [(item, owners) for item in value]
            if not isinstance(value, dict):
                continue
            key = id(value), *map(id, owners)
            if key in seen:
                continue
            seen.add(key)
            _require(len(seen) <= MAX_CHECKS, "its parts refer to each other too often")
            pending += [(twin, owners) for twin in twins.get(value.get("__id__"), ())]
            if "__loader__" in value:
                self.check_node(value, owners)
                if value["__loader__"] == "ObjectNode":
                    owners = (*owners[-1:], value)
            pending += [(item, owners) for item in value.values()]

    def check_node(self, node: Node, owners: tuple[Node, ...]) -> None:
        """Check one node, not those inside it."""
        loader, name = node["__loader__"], _name(node)
        _require(loader in LOADERS, f"it names {name} and uses {loader} of skops, which can call functions")
        if name in KNOWN_CLASSES:
            _require(loader in KNOWN_CLASSES[name], f"it builds {name} with {loader} of skops")
        if loader == "NdArrayNode" and node["type"] == "numpy":
            self.array(node)
        elif loader == "TreeNode":
            self.check_tree(node, owners)
        elif name == TREE_PREDICTOR:
            self.check_tree_predictor(node, owners)
        elif name in NEIGHBOUR_TREES:
            self.check_neighbour_tree(node, NEIGHBOUR_TREES[name])

    def array(self, node: Node) -> np.ndarray[Any, Any]:
        """Return the array of a node, after comparing its length with what its header declares."""
        _require(node["__loader__"] == "NdArrayNode" and node["type"] == "numpy", "an array is no array of numbers")
        raw = self.archive.read(node["file"])
        buffer = io.BytesIO(raw)
        version = np.lib.format.read_magic(buffer)
        _require(version in ((1, 0), (2, 0)), f"an array has numpy's format {version}")
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(buffer)
        _require(not dtype.hasobject, "an array holds objects")
        count = 1
        for length in shape:
            _require(length >= 0, "an array has a negative length")
            count *= length
        _require(count * dtype.itemsize == len(raw) - buffer.tell(), "an array is not as long as it says")
        found: np.ndarray[Any, Any] = np.load(io.BytesIO(raw), allow_pickle=False)
        return found

    def check_tree(self, node: Node, owners: tuple[Node, ...]) -> None:
        """Check a decision tree of scikit-learn: sizes, children, features."""
        n_features, classes, n_outputs = node["__reduce__"]["args"]["content"]
        n_classes, content = self.array(classes), node["content"]["content"]
        nodes, count = self.array(content["nodes"]), len(self.array(content["values"]))
        _require(
            n_classes.shape == (_number(n_outputs),) and bool((n_classes >= 1).all()), "a tree has no such outputs"
        )
        _require(nodes.ndim == 1 and len(nodes) == count == _number(content["node_count"]), "a tree is cut off")
        features = min([_number(n_features), *_feature_counts(owners)])
        left, right = (nodes[side].astype(np.int64) for side in ("left_child", "right_child"))
        inner = left != -1
        depth = _depth_of_tree(left, right, inner)
        _require(_number(content["max_depth"]) >= depth, "a tree is deeper than it says")
        _require(_in_range(nodes["feature"][inner], features), "a tree asks for a feature that there is not")

    def check_tree_predictor(self, node: Node, owners: tuple[Node, ...]) -> None:
        """Check a tree of scikit-learn's histogram gradient boosting: children, features, sets of categories."""
        content = node["content"]["content"]
        nodes, sets = self.array(content["nodes"]), self.array(content["raw_left_cat_bitsets"])
        _require(nodes.ndim == 1 and sets.ndim == 2 and (len(sets) == 0 or sets.shape[1] == 8), "a tree is cut off")
        inner = nodes["is_leaf"] == 0
        left, right = (nodes[side].astype(np.int64) for side in ("left", "right"))
        _depth_of_tree(left, right, inner)
        features = min(_feature_counts(owners))
        _require(_in_range(nodes["feature_idx"][inner], features), "a tree asks for a feature that there is not")
        categorical = inner & (nodes["is_categorical"] != 0)
        _require(_in_range(nodes["bitset_idx"][categorical], len(sets)), "a tree has a set of categories too few")

    def check_neighbour_tree(self, node: Node, n_bounds: int) -> None:
        """Check a k-d tree or ball tree of scikit-learn: samples, nodes, leaves."""
        state = node["content"]["content"]
        data, index, nodes, bounds = (self.array(part) for part in state[:4])
        n_levels, n_nodes = _number(state[5]), _number(state[6])
        _require(data.ndim == 2 and index.shape == data.shape[:1], "a search tree is cut off")
        _require(bool(_in_range(index, len(data))), "a search tree names a sample that there is not")
        _require(0 < n_levels < 64 and n_nodes == 2**n_levels - 1 == len(nodes), "a search tree has no such levels")
        _require(bounds.shape == (n_bounds, n_nodes, data.shape[1]), "a search tree has no such bounds")
        start, end = nodes["idx_start"].astype(np.int64), nodes["idx_end"].astype(np.int64)
        _require(
            ((start >= 0) & (start <= end) & (end <= len(data))).all(),
            "a search tree names samples out of range",
        )
        _require((nodes["is_leaf"][n_nodes // 2 :] != 0).all(), "a search tree has no leaves")


def _nodes_by_id(schema: Any) -> dict[Any, list[Node]]:
    """Return the nodes of each id that several have."""
    found: dict[Any, list[Node]] = {}
    pending = [schema]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if (number := value.get("__id__")) is not None:
                _require(type(number) is int, "a node has an id that is no number")
                found.setdefault(number, []).append(value)
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    return {number: nodes for number, nodes in found.items() if len(nodes) > 1}


def _name(node: Node) -> str:
    module, name = node["__module__"], node["__class__"]
    _require(isinstance(module, str) and isinstance(name, str), "a node names no class")
    return f"{module}.{name}"


def _number(node: Node) -> int:
    """Return the whole number that a node holds."""
    _require(node["__loader__"] in ("JsonNode", "NdArrayNode"), "a number is no number")
    found = json.loads(node["content"])
    _require(type(found) is int, "a number is no whole number")
    return int(found)


def _feature_counts(owners: tuple[Node, ...]) -> Iterator[int]:
    """Yield how many features the estimator of a tree is given, and the ensemble around it if that checks no rows."""
    _require(bool(owners), "a tree belongs to no estimator")
    yield _number(owners[-1]["content"]["content"]["n_features_in_"])
    if len(owners) > 1 and owners[-2]["__module__"] in UNCHECKED_ENSEMBLES:
        yield _number(owners[-2]["content"]["content"]["n_features_in_"])


def _in_range(indices: Any, length: int) -> bool:
    values = np.asarray(indices).astype(np.int64)
    return bool(((values >= 0) & (values < length)).all())


def _depth_of_tree(left: Integers, right: Integers, inner: Any) -> int:
    """Return the depth of a tree whose nodes come after their parents, which rules out circles."""
    parents = np.flatnonzero(inner)
    _require(len(left) > 0, "a tree has no nodes")
    for children in (left[parents], right[parents]):
        _require(((children > parents) & (children < len(left))).all(), "a tree names a node that there is not")
    depth = [0] * len(left)
    for parent, one, other in zip(parents.tolist(), left[parents].tolist(), right[parents].tolist(), strict=True):
        for child in (one, other):
            depth[child] = max(depth[child], depth[parent] + 1)
    return max(depth)
