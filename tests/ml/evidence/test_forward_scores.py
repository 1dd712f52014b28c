"""Forward scores, the cosine test, and blocks in time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.errors import TrainingError
from livermore.ml.evidence import ForwardScores, cosine_test, forward_blocks, forward_test, label_length
from livermore.ml.validation import LabelledSamples


def moving_average(random, m, length):
    """Draw noise whose neighbours overlap, as labels of that length do."""
    return np.convolve(random.standard_normal(m + length - 1), np.ones(length), "valid")


class TestCosineTest:
    @pytest.mark.parametrize(("m", "length"), [(1000, 1), (1000, 10), (250, 10), (60, 1)])
    def test_size_on_overlapping_noise(self, m, length):
        random = np.random.default_rng([12, m, length])
        claimed = np.mean([cosine_test(moving_average(random, m, length), length).p <= 0.05 for _ in range(1000)])
        assert 0.025 <= claimed <= 0.075  # a binomial of 1,000 at 5 % has a standard error of 0.7 %

    def test_power_is_that_of_student(self):
        random = np.random.default_rng(3)
        found = np.mean([cosine_test(random.standard_normal(400) + 0.15).p <= 0.05 for _ in range(400)])
        assert found > 0.80  # 0.91 with a known variance

    def test_formula_by_hand(self):
        u = np.random.default_rng(0).standard_normal(20) + 1
        i, t = np.arange(1, 5)[:, None], np.arange(1, 21)[None, :]
        transforms = np.sqrt(2 / 20) * (u * np.cos(np.pi * i * (t - 0.5) / 20)).sum(axis=1)
        expected = np.sqrt(20) * u.mean() / np.sqrt((transforms**2).mean())
        found = cosine_test(u, label_length=8)
        assert found.degrees == 4
        assert found.t == pytest.approx(expected)

    def test_too_short_zero_and_constant_series(self):
        assert cosine_test(np.ones(7)) == (0.0, 0, 1.0)
        assert cosine_test(np.zeros(100)).p == 1.0
        assert cosine_test(np.ones(100)).p == 0.0
        assert cosine_test(-np.ones(100)).p == 1.0

    def test_values_that_are_not_finite_are_refused(self):
        with pytest.raises(TrainingError, match="finite"):
            cosine_test(np.array([1.0, np.nan] * 10))

    @given(st.integers(0, 2**32 - 1), st.integers(8, 200), st.floats(0.01, 100))
    def test_scale_does_not_matter(self, seed, m, scale):
        u = np.random.default_rng(seed).standard_normal(m)
        assert cosine_test(scale * u).p == pytest.approx(cosine_test(u).p, abs=1e-9)


class TestForwardScores:
    def test_symbols_of_one_time_are_summed(self):
        random = np.random.default_rng(0)
        time, u = np.repeat(60 * np.arange(50), 3), random.standard_normal((150, 2))
        order = random.permutation(150)
        scores = ForwardScores.summed(time[order], u[order])
        np.testing.assert_allclose(scores.u, u.reshape(50, 3, 2).sum(axis=1), atol=1e-12)

    @given(st.integers(1, 60), st.integers(1, 30), st.integers(0, 99))
    def test_cells_lose_no_score(self, m, n, seed):
        random = np.random.default_rng(seed)
        time = np.cumsum(random.integers(1, 1000, m))
        scores = ForwardScores(time, random.standard_normal((m, 2)))
        edges, sums = scores.cells(n)
        assert edges.size == n + 1
        assert edges[0] == time[0]
        assert edges[-1] > time[-1]
        np.testing.assert_allclose(sums.sum(axis=0), scores.u.sum(axis=0), atol=1e-9)

    @pytest.mark.parametrize(
        ("time", "u"),
        [
            ([0, 0], np.ones((2, 2))),
            ([1, 0], np.ones((2, 2))),
            ([0, 1], np.ones((2, 3))),
            ([0, 1], np.full((2, 2), np.inf)),
        ],
    )
    def test_damaged_scores_are_refused(self, time, u):
        with pytest.raises(TrainingError):
            ForwardScores(np.array(time), u)

    def test_both_guards_must_be_beaten(self):
        noise = np.random.default_rng(0).standard_normal(400)
        scores = ForwardScores(np.arange(400), np.column_stack([noise + 0.5, noise]))
        found = forward_test(scores)
        assert found.p1 < 0.01
        assert found.p == found.p2 > 0.05
        assert found.effect_low < 0 < found.effect_high

    def test_no_scores_make_no_claim(self):
        found = forward_test(ForwardScores(np.empty(0, dtype=np.int64), np.empty((0, 2))))
        assert (found.p, found.effect_low, found.effect_high) == (1.0, -1.0, 1.0)


class TestForwardBlocks:
    @given(st.integers(2, 80), st.integers(1, 14), st.integers(0, 20), st.floats(0.1, 1.0), st.integers(0, 99))
    def test_each_block_is_trained_on_what_was_known(self, n, n_blocks, horizon, judged, seed):
        random = np.random.default_rng(seed)
        time = random.integers(0, 50, n)
        samples = LabelledSamples(np.zeros((n, 1)), np.zeros(n), time, time + horizon)
        blocks = forward_blocks(samples, n_blocks, judged)
        rows = np.concatenate([block for _, block in blocks]) if blocks else np.empty(0, dtype=int)
        assert rows.size == np.unique(rows).size
        for train, block in blocks:
            assert not train.size or samples.windows.end[train].max() <= time[block].min()
            assert not np.isin(time[block], time[np.setdiff1d(np.arange(n), block)]).any()

    def test_blocks_cover_the_latest_half(self):
        time = 60 * np.arange(1000)
        blocks = forward_blocks(LabelledSamples(np.zeros((1000, 1)), np.zeros(1000), time, time + 600))
        assert len(blocks) == 12
        assert np.concatenate([block for _, block in blocks]).tolist() == list(range(500, 1000))
        assert [block.size for _, block in blocks] == pytest.approx([500 / 12] * 12, abs=1)
        assert blocks[0][0].tolist() == list(range(491))

    @pytest.mark.parametrize("options", [{"judged": 0.0}, {"judged": 1.5}, {"n_blocks": 0}])
    def test_impossible_cuts_are_refused(self, options):
        with pytest.raises(TrainingError):
            forward_blocks(LabelledSamples(np.zeros((9, 1)), np.zeros(9), np.arange(9)), **options)

    def test_label_length_counts_times_not_symbols(self):
        time = np.repeat(900 * np.arange(100), 5)
        samples = LabelledSamples(np.zeros((500, 1)), np.zeros(500), time, time + 9000)
        assert label_length(samples.windows) == pytest.approx(10, abs=0.5)
