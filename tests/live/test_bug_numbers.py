"""Which of the thirty-one commonest live bugs is shown by which test: the numbers are in the tests' names.

1 open candle taken for closed; 2 answers that do not move on; 3 no back-fill; 4 socket that hangs; 5 pings with many
subscriptions; 6 rapid reconnections; 7 doubled or unordered rows; 8 lost subscriptions; 9 time-out taken for failure;
10 retry after acceptance; 11 lost orders that fill later; 12 partial fills counted twice; 13 result from the limit
instead of the fill; 14 unknown status, id as a number; 15 cancellation of other routes' stops; 16 position that lags
its fill; 17 nonce; 18 moved endpoint; 19 trades told twice; 20 rate limit; 21 start with an open position; 22 stops
after a restart; 23 locked database; 24 position closed by hand; 25 reconciliation that does not converge; 26 open
orders not kept; 27 clock; 28 notifier; 29 memory; 30 paper orders that never fill; 31 connection reset.
"""

import re
from pathlib import Path


def test_each_of_the_bugs_has_a_test() -> None:
    numbers = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for name in re.findall(r"def test_bug_(\d\d(?:_and_\d\d)*)_", path.read_text()):
            numbers |= {int(number) for number in name.split("_and_")}
    assert sorted(set(range(1, 32)) - numbers) == []
