"""Checks of a skops file that is loaded without trust. They read its bytes and its JSON, and import and build nothing.

A skops file is a zip archive: ``schema.json`` is a tree of nodes, each of which names a loader and a class; arrays lie
beside it in numpy's format. skops itself refuses classes that it does not know by name. Its list holds all estimators
of scikit-learn, and some of them pass fitted arrays to compiled code that follows them unchecked: support vector
machines, histogram gradient boosting, nearest neighbours. A wrong array makes them read or write out of range. So this
module has a list of its own:

- only classes whose predictions are computed by numpy, which checks its ranges, and decision trees and forests, whose
  indices are checked here. LightGBM and XGBoost parse content of their own and are not on the list;
- sizes are known before anything is unpacked: members are stored, not compressed, and an array is as long as its header
  says;
- only loaders that build plain data or objects from their attributes are let through, none that calls a function;
- no attribute is a class or a function, which could take the place of a method that checks its input.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from livermore.typing import Integers

MAX_SCHEMA_BYTES = 1 << 26
MAX_NODES = 1_000_000
MAX_JOBS = 256
MIN_PROTOCOL = 1  # in the first protocol a function's name stood where this module does not look

LOADERS = frozenset(
    {
        *("BytearrayNode", "BytesNode", "DTypeNode", "DefaultDictNode", "DictNode", "JsonNode", "ListNode"),
        *("MaskedArrayNode", "NdArrayNode", "ObjectNode", "RandomStateNode", "SetNode", "SliceNode", "TreeNode"),
        *("TupleNode", "TypeNode"),
    }
)
TREE, RANDOM_STATE = "sklearn.tree._tree.Tree", "numpy.random.mtrand.RandomState"
# Beyond skops' own list: parts of common models that are built from their attributes alone. Class to its loaders.
KNOWN_CLASSES = {
    TREE: ("TreeNode",),
    "collections.OrderedDict": ("TypeNode", "DictNode"),
    "livermore.ml.symbol_scaler.SymbolScaler": ("ObjectNode",),
    "sklearn.utils._bunch.Bunch": ("DictNode",),
    **dict.fromkeys(
        (
            "sklearn.calibration._CalibratedClassifier",
            "sklearn.calibration._SigmoidCalibration",
            "sklearn.metrics._scorer._PassthroughScorer",
            "sklearn.model_selection._split.KFold",
            "sklearn.model_selection._split._CVIterableWrapper",
            "sklearn.model_selection._split.StratifiedKFold",
            "sklearn.model_selection._split.TimeSeriesSplit",
            "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
            "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
            # Of searches saved by scikit-learn 1.6: names of arguments that are passed on.
            "sklearn.utils._metadata_requests.MetadataRequest",
            "sklearn.utils._metadata_requests.MethodMetadataRequest",
        ),
        ("ObjectNode",),
    ),
}
# Of skops' own list: module to classes whose predictions numpy computes, and trees.
ESTIMATORS = {
    "sklearn.calibration": "CalibratedClassifierCV",
    "sklearn.decomposition._pca": "PCA",
    "sklearn.discriminant_analysis": "LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis",
    "sklearn.ensemble._forest": "ExtraTreesClassifier ExtraTreesRegressor RandomForestClassifier RandomForestRegressor",
    "sklearn.ensemble._stacking": "StackingClassifier StackingRegressor",
    "sklearn.ensemble._voting": "VotingClassifier VotingRegressor",
    "sklearn.feature_selection._variance_threshold": "VarianceThreshold",
    "sklearn.frozen._frozen": "FrozenEstimator",
    "sklearn.impute._base": "SimpleImputer",
    "sklearn.isotonic": "IsotonicRegression",
    "sklearn.linear_model._base": "LinearRegression",
    "sklearn.linear_model._bayes": "ARDRegression BayesianRidge",
    "sklearn.linear_model._coordinate_descent": "ElasticNet ElasticNetCV Lasso LassoCV",
    "sklearn.linear_model._huber": "HuberRegressor",
    "sklearn.linear_model._least_angle": "Lars LarsCV LassoLars LassoLarsCV LassoLarsIC",
    "sklearn.linear_model._logistic": "LogisticRegression LogisticRegressionCV",
    "sklearn.linear_model._quantile": "QuantileRegressor",
    "sklearn.linear_model._ridge": "Ridge RidgeCV RidgeClassifier RidgeClassifierCV",
    "sklearn.model_selection._search": "GridSearchCV RandomizedSearchCV",
    "sklearn.multiclass": "OneVsRestClassifier",
    "sklearn.naive_bayes": "BernoulliNB ComplementNB GaussianNB MultinomialNB",
    "sklearn.neural_network._multilayer_perceptron": "MLPClassifier MLPRegressor",
    "sklearn.pipeline": "Pipeline",
    "sklearn.preprocessing._data": (
        "MaxAbsScaler MinMaxScaler PowerTransformer QuantileTransformer RobustScaler StandardScaler"
    ),
    "sklearn.preprocessing._label": "LabelBinarizer LabelEncoder",
    "sklearn.svm._classes": "LinearSVC LinearSVR",
    "sklearn.tree._classes": "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor",
}
SAFE_OBJECTS = {f"{module}.{name}" for module, names in ESTIMATORS.items() for name in names.split()} | {
    name for name, loaders in KNOWN_CLASSES.items() if "ObjectNode" in loaders
}
# Ensembles that hand rows to their trees without checking them again.
UNCHECKED_ENSEMBLES = ("sklearn.ensemble._forest",)

UNKNOWN = "which livermore does not know to be harmless: a wrong array in it could crash Python"

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

    Where several nodes have one id, skops builds the first in place of all, so they must be equal. `owners` are the two
    innermost object nodes around a node: the estimator of a tree, and the ensemble around it.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.numbers: dict[Any, int] = {}
        self.by_id: dict[int, int] = {}
        self.digests: dict[str, bytes] = {}
        self.visited = 0

    def check(self, schema: Node) -> None:
        """Check a schema and all nodes in it."""
        self.number(schema)
        pending: list[tuple[Any, tuple[Node, ...]]] = [(schema, ())]
        while pending:
            value, owners = pending.pop()
            if isinstance(value, list):
                pending += [(item, owners) for item in value]
            if not isinstance(value, dict):
                continue
            if "__loader__" in value:
                self.check_node(value, owners)
                if value["__loader__"] == "ObjectNode":
                    owners = (*owners[-1:], value)
            pending += [(item, owners) for item in value.values()]

    def number(self, value: Any) -> int:
        """Return a number that equal parts of the schema share, and refuse unequal nodes of one id.

        The number of a part follows from the numbers of its own parts, so each is visited once. It leaves out their
        ids: an object that is written twice gives its attributes new ids.
        """
        self.visited += 1
        _require(self.visited <= MAX_NODES, f"its description has more than {MAX_NODES} parts")
        key: Any
        if isinstance(value, dict):
            key = ("{", *sorted((name, self.member(name, part)) for name, part in value.items() if name != "__id__"))
        elif isinstance(value, list):
            key = ("[", *map(self.number, value))
        else:
            key = (type(value), value)
        number = self.numbers.setdefault(key, len(self.numbers))
        if isinstance(value, dict) and (shared := value.get("__id__")) is not None:
            _require(type(shared) is int, "a node has an id that is no number")
            _require(self.by_id.setdefault(shared, number) == number, "different parts of it have one id")
        return number

    def member(self, name: str, value: Any) -> int:
        """Return the number of a value in a node; of a file by its content: skops writes an array to several files."""
        if name != "file" or not isinstance(value, str):
            return self.number(value)
        if value not in self.digests:
            self.digests[value] = hashlib.sha256(self.archive.read(value)).digest()
        return self.number(self.digests[value])

    def check_node(self, node: Node, owners: tuple[Node, ...]) -> None:
        """Check one node, not those inside it."""
        loader, name = node["__loader__"], _name(node)
        _require(
            loader in LOADERS,
            f"it names {name} and uses {loader} of skops, which can call functions or crash Python",
        )
        if name in KNOWN_CLASSES:
            _require(loader in KNOWN_CLASSES[name], f"it builds {name} with {loader} of skops")
        if name.startswith("sklearn."):
            _require(name in SAFE_OBJECTS or name in KNOWN_CLASSES, f"it names {name}, {UNKNOWN}")
        if loader == "ObjectNode":
            self.check_object(node, name)
        elif loader == "NdArrayNode" and node["type"] == "numpy":
            self.array(node)
        elif loader == "TreeNode":
            self.check_tree(node, owners)
        elif loader == "RandomStateNode":
            self.check_random_state(node, name)

    def check_object(self, node: Node, name: str) -> None:
        """Check the class of an object, and that no attribute takes the place of a method or starts many threads."""
        _require(name in SAFE_OBJECTS, f"it names {name}, {UNKNOWN}")
        content = node["content"]
        attributes = content["content"] if isinstance(content, dict) else {}
        for key, value in attributes.items() if isinstance(attributes, dict) else ():
            is_type = isinstance(value, dict) and value.get("__loader__") == "TypeNode"
            _require(not is_type or key == "dtype", f"the attribute {key} of {name} is a class")
            if key == "n_jobs":
                jobs = json.loads(value["content"])
                _require(jobs is None or -MAX_JOBS <= jobs <= MAX_JOBS, f"{name} asks for {jobs} threads")

    def check_random_state(self, node: Node, name: str) -> None:
        """Check the state of a Mersenne Twister, whose position numpy does not check. Perceptrons hold one."""
        state = node["content"]["content"]
        _require(
            name == RANDOM_STATE and json.loads(state["bit_generator"]["content"]) == "MT19937",
            "it holds another random generator than numpy's RandomState of MT19937",
        )
        inner = state["state"]["content"]
        key = self.array(inner["key"])
        _require(key.shape == (624,) and key.dtype == np.uint32, "a random state has another size")
        _require(0 <= _number(inner["pos"]) <= 624, "a random state has a position out of range")

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
