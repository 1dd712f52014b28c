"""Checking samples and turning them into arrays, and back."""

import copy
import math
from collections.abc import Callable
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.errors import DatasetError, FeatureError, LivermoreWarning
from livermore.ml.dataset import Dataset, _samples
from livermore.ml.dataset import _columns as compiled
from livermore.testing._kernels import uncompiled

PLAIN = uncompiled(compiled)


def sample(time: int = 60, value: Any = True, **features: Any) -> dict[str, Any]:
    return {"time": time, "features": features or {"rsi": 1.0}, "label": {"name": "win", "value": value}}


def test_samples_are_sorted_by_time_and_equal_times_keep_their_order() -> None:
    data = Dataset.from_samples([sample(t, v, a=float(v)) for t, v in ((120, 1), (60, 2), (120, 3), (60, 4))])
    assert data.time.tolist() == [60, 60, 120, 120]
    assert data.labels == (2, 4, 1, 3)
    assert data.X[:, 0].tolist() == [2.0, 4.0, 1.0, 3.0]


def test_features_are_sorted_by_name_whatever_the_order_in_the_dicts() -> None:
    data = Dataset.from_samples([sample(a=1, b=2), {**sample(), "features": {"b": 4, "a": 3}}])
    assert data.feature_names == ("a", "b")
    assert data.X.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_bool_and_missing_features() -> None:
    data = Dataset.from_samples(
        [sample(trend=True, rsi=None), sample(trend=None, rsi=2), sample(trend=False, rsi=True)]
    )
    assert data.bool_features == {"trend"}
    np.testing.assert_array_equal(data.X, [[math.nan, 1.0], [2.0, math.nan], [1.0, 0.0]])
    assert data.missing() == {"rsi": 1, "trend": 1}
    assert [s["features"]["trend"] for s in data.to_samples()] == [True, None, False]


def test_what_numpy_masks_is_missing() -> None:
    data = Dataset.from_samples(
        [sample(a=np.ma.masked), sample(a=np.ma.array([1.0, 2.0], mask=[0, 1])[1]), sample(a=2)]
    )
    np.testing.assert_array_equal(data.X[:, 0], [math.nan, math.nan, 2.0])


def test_large_integers_that_floats_hold_are_kept() -> None:
    assert Dataset.from_samples([sample(a=2**60), sample(a=-(2**53))]).X[:, 0].tolist() == [2.0**60, -(2.0**53)]


def test_numpy_scalars_become_plain_numbers() -> None:
    data = Dataset.from_samples([sample(np.int64(60), np.bool_(True), a=np.float32(0.1), b=np.bool_(False))])
    assert type(data.labels[0]) is bool
    assert data.X[0].tolist() == [float(np.float32(0.1)), 0.0]
    assert data.bool_features == {"b"}


def test_arrays_are_read_only() -> None:
    data = Dataset.from_samples([sample()])
    with pytest.raises(ValueError, match="read-only"):
        data.X[0, 0] = 2.0


def test_context_is_kept() -> None:
    extra = {"label_time": 120, "exchange": "E", "symbol": "BTC-USDT", "timeframe": "15m", "side": "short", "weight": 2}
    data = Dataset.from_samples([sample() | extra, sample() | {"label_time": 90, "symbol": "ETH-USDT"}])
    assert data.label_time is not None
    assert data.label_time.tolist() == [120, 90]
    first, second = data.to_samples()
    assert first == sample() | extra | {"side": "short", "weight": 2.0}
    assert second == sample() | {"label_time": 90, "symbol": "ETH-USDT", "weight": 1.0}


def test_take_keeps_everything_in_the_order_asked_for() -> None:
    data = Dataset.from_samples(
        [sample(60 * i, i, a=i) | {"label_time": 60 * i + 1, "symbol": str(i)} for i in range(5)]
    )
    part = data.take([3, 1])
    assert part.labels == (3, 1)
    assert part.time.tolist() == [180, 60]
    assert part.symbol is not None
    assert part.symbol.tolist() == ["3", "1"]
    assert part.feature_names == data.feature_names


def test_label_times_of_some_samples_only_are_left_out_with_a_warning() -> None:
    with pytest.warns(LivermoreWarning, match="only 1 of 2 samples have a label_time"):
        data = Dataset.from_samples([sample() | {"label_time": 120}, sample()])
    assert data.label_time is None


def test_fingerprint_depends_on_every_value(make_samples: Callable[..., Any]) -> None:
    samples = make_samples(n=20)
    original = Dataset.from_samples(samples).fingerprint()
    assert Dataset.from_samples(copy.deepcopy(samples)).fingerprint() == original
    changes = [
        lambda s: s["features"].update(signal=s["features"]["signal"] + 1e-12),
        lambda s: s["label"].update(value=not s["label"]["value"]),
        lambda s: s.update(label_time=s["label_time"] + 1),
        lambda s: s["label"].update(name="other"),
    ]
    for change in changes:
        changed = copy.deepcopy(samples)
        for one in changed if change is changes[-1] else changed[7:8]:
            change(one)
        assert Dataset.from_samples(changed).fingerprint() != original


BAD_SAMPLES = {
    "empty": ([], DatasetError, "the data is empty"),
    "a result instead of its samples": ({"data_points": []}, DatasetError, "must be a list of dicts.*not a dict"),
    "not dicts": ([1], DatasetError, "sample 0 must be a dict"),
    "no label": ([{"time": 60, "features": {"a": 1}}], DatasetError, r"sample 0 \(time 60, 1970.* has no 'label'"),
    "no features": ([{**sample(), "features": {}}], FeatureError, "sample 0 .* has no features"),
    "features missing later": (
        [sample(a=1, b=2), sample(120, a=1)],
        FeatureError,
        r"sample 1 \(time 120, .*lacks 'b', which sample 0 ",
    ),
    "features renamed": (
        [sample(rsi=1, b=2), sample(rsi14=1, b=2)],
        FeatureError,
        r"sample 1 .*has 'rsi14' \(did you mean 'rsi'\?\)",
    ),
    "infinite": (
        [sample(a=1.0), sample(120, a=math.inf)],
        FeatureError,
        r"feature 'a' of sample 1 \(time 120.*is inf.*1 of 2 samples",
    ),
    "text": ([sample(a="1.0")], FeatureError, "feature 'a' of sample 0 .*must be a real number.*str '1.0'"),
    "an array": ([sample(a=np.ones(3))], FeatureError, r"Record one number of it, such as the last: x\[-1\]"),
    "complex": ([sample(a=1j)], FeatureError, "must be a real number"),
    "decimal": ([sample(a=Decimal(1))], FeatureError, "must be a real number"),
    "huge int": ([sample(a=10**400)], FeatureError, "too large"),
    "an int that no float is": ([sample(a=2**53 + 1)], FeatureError, "9007199254740993, which no float holds exactly"),
    "a larger one": ([sample(a=1), sample(a=10**30)], FeatureError, "feature 'a' of sample 1 .*no float holds"),
    "half a character": ([{**sample(), "features": {"\ud800": 1}}], FeatureError, "half of a character"),
    "a name too long": ([{**sample(), "features": {"x" * 131_073: 1}}], FeatureError, "131,073 characters"),
    "a label's name too long": (
        [{**sample(), "label": {"name": "x" * 131_073, "value": 1}}],
        DatasetError,
        "131,073 characters",
    ),
    "a symbol with NUL": ([sample() | {"symbol": "A\0"}], DatasetError, "must not hold a NUL"),
    "payoff": ([sample() | {"payoff": math.inf}], DatasetError, "payoff of sample 0 .*finite number or None"),
    "a huge weight": ([sample() | {"weight": 10**400}], DatasetError, "weight of sample 0 .* at least 0"),
    "a masked label": ([sample(60, np.ma.masked)], DatasetError, "the label of sample 0"),
    "a column of the CSV": ([{**sample(), "features": {"time": 1.0}}], FeatureError, "cannot be named 'time'"),
    "no name": ([{**sample(), "features": {"": 1}}], FeatureError, "name must be a text"),
    "label not a number": ([sample(60, "up")], DatasetError, "the label of sample 0 .* not 'up'"),
    "label nan": ([sample(60, math.nan)], DatasetError, "the label of sample 0 .* is nan"),
    "label too large": ([sample(60, 2**70)], DatasetError, "too large"),
    "labels of two names": (
        [sample(), {**sample(), "label": {"name": "other", "value": 1}}],
        DatasetError,
        "sample 1 .* is labelled 'other', sample 0 'win'",
    ),
    "milliseconds": ([sample(1_640_995_200_000)], DatasetError, "looks like milliseconds"),
    "time not whole": ([sample(0.5)], DatasetError, "time of sample 0 .* must be whole UTC seconds"),
    "label before features": ([sample(60) | {"label_time": 59}], DatasetError, "known at 59, before its features"),
    "side": ([sample() | {"side": "up"}], DatasetError, "side of sample 0 .*must be 'long' or 'short'"),
    "weight": ([sample() | {"weight": -1}], DatasetError, "weight of sample 0 .* at least 0"),
}


@pytest.mark.parametrize(("samples", "error", "message"), BAD_SAMPLES.values(), ids=BAD_SAMPLES.keys())
def test_bad_samples_are_refused_by_name(samples: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Dataset.from_samples(samples)


@given(
    st.lists(
        st.tuples(
            st.integers(-(10**9), 10**10),
            st.floats(allow_infinity=False),
            st.none() | st.booleans(),
            st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
    )
)
def test_samples_survive_the_round_trip(rows: list[tuple[Any, ...]]) -> None:
    samples = [{"time": t, "features": {"x": x, "flag": f}, "label": {"name": "y", "value": y}} for t, x, f, y in rows]
    data = Dataset.from_samples(samples)
    again = Dataset.from_samples(data.to_samples())
    np.testing.assert_array_equal(again.X, data.X)
    assert again.bool_features == data.bool_features
    assert list(map(repr, again.labels)) == [
        repr(s["label"]["value"]) for s in sorted(samples, key=lambda s: s["time"])
    ]


numbers = st.one_of(st.floats(-1e300, 1e300), st.just(math.nan), st.integers(-(10**400), 10**400), st.booleans())
plain_samples = st.integers(1, 3).flatmap(
    lambda width: st.lists(
        st.builds(
            lambda time, value, context, cells: {
                **sample(time, value, **dict(zip("cab", cells, strict=False))),
                **context,
            },
            st.integers(-(10**6), 2 * 10**11),
            st.one_of(st.booleans(), st.integers(-(2**64), 2**64), st.floats()),
            st.fixed_dictionaries(
                {},
                optional={
                    "label_time": st.one_of(st.none(), st.integers(0, 10**10)),
                    "symbol": st.sampled_from(("", "BTC-USDT", None)),
                    "side": st.sampled_from(("long", "short", None)),
                },
            ),
            st.lists(st.one_of(numbers, st.sampled_from((math.inf, None))), min_size=width, max_size=width),
        ),
        min_size=1,
        max_size=4,
    )
)


@pytest.mark.filterwarnings("ignore:only .* have a label_time")
@given(plain_samples)
def test_columns_of_plain_values_give_what_samples_one_by_one_give(samples: list[dict[str, Any]]) -> None:
    one_by_one = [
        MappingProxyType({**s, "features": MappingProxyType(s["features"]), "label": MappingProxyType({**s["label"]})})
        for s in samples
    ]
    found, expected = outcome(samples), outcome(one_by_one)
    assert found == expected


@pytest.mark.filterwarnings("ignore:only .* have a label_time")
@given(plain_samples)
def test_the_kernels_as_plain_python_take_the_same_columns(samples: list[dict[str, Any]]) -> None:
    found = outcome(samples)
    names = ("column", "complete", "matrix")
    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            patch.setattr(_samples, name, getattr(PLAIN, name))
        assert outcome(samples) == found


def outcome(samples: list[Any]) -> Any:
    """What becomes of samples: the data set's parts in a form that can be compared, or the error's message."""
    try:
        data = Dataset.from_samples(samples)
    except (DatasetError, FeatureError) as error:
        return type(error), str(error)
    arrays = (data.X, data.time, data.label_time, data.exchange, data.symbol, data.side)
    parts = [None if array is None else (array.dtype.str, array.shape, repr(array.tolist())) for array in arrays]
    return data.feature_names, data.bool_features, data.label_name, repr(data.labels), parts


def test_one_sample_without_a_feature_among_plain_ones_is_named() -> None:
    samples = [sample(60 * i, a=1.0, b=2.0) for i in range(5)]
    samples[3]["features"] = {"a": 1.0, "c": 2.0}
    with pytest.raises(FeatureError, match=r"sample 3 .* lacks 'b'.* has 'c'"):
        Dataset.from_samples(samples)


@pytest.mark.parametrize("key", ["side", "weight", "payoff", "key", "symbol", "exchange", "timeframe", "label_time"])
@pytest.mark.parametrize("value", [np.array([1, 2]), [1], {}])
@pytest.mark.parametrize("row", [0, 1])
def test_what_is_no_single_value_is_refused_by_our_error(key: str, value: Any, row: int) -> None:
    samples = [
        {"time": t, "features": {"a": 1.0}, "label": {"name": "y", "value": 1}, "label_time": t} for t in (0, 60)
    ]
    samples[row][key] = value
    with pytest.raises(DatasetError, match=f"sample {row}"):
        Dataset.from_samples(samples)


@pytest.mark.parametrize(
    ("key", "value"),
    [("weight", np.ma.masked), ("weight", 10**4999), ("key", 10**4999), ("symbol", "\udcff"), ("symbol", 5)],
    ids=["masked", "large weight", "large key", "surrogate", "number"],
)
def test_values_that_files_cannot_keep(key: str, value: Any) -> None:
    sample = {"time": 0, "features": {"a": 1.0}, "label": {"name": "y", "value": 1}, key: value}
    with pytest.raises(DatasetError, match="sample 0"):
        Dataset.from_samples([sample])


def test_keys_may_be_tuples_of_one_length() -> None:
    sample = {"time": 0, "features": {"a": 1.0}, "label": {"name": "y", "value": 1}, "key": ("a", 1)}
    data = Dataset.from_samples([sample, sample])
    assert data.key is not None
    assert data.key.tolist() == [("a", 1)] * 2
