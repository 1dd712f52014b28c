"""Live sessions: the strategy that was backtested trades on, minute by minute, on paper or on an exchange.

One session object and one order of hooks, whether candles come from a file or from an exchange. A journal holds what a
session saw and decided; it goes on from there after a stop, and a comparison with the backtest shows any difference.
"""

from typing import TYPE_CHECKING

from livermore.lazy import lazy_exports
from livermore.live._clock import Clock as Clock
from livermore.live._clock import ManualClock as ManualClock
from livermore.live._clock import SystemClock as SystemClock

if TYPE_CHECKING:
    from livermore.live._events import Event as Event
    from livermore.live._exchange_account import ExchangeAccount as ExchangeAccount
    from livermore.live._exchange_account import connect_account as connect_account
    from livermore.live._exchange_broker import ExchangeBroker as ExchangeBroker
    from livermore.live._exchange_feed import ExchangeFeed as ExchangeFeed
    from livermore.live._execution_gap import ExecutionGap as ExecutionGap
    from livermore.live._feeds import Feed as Feed
    from livermore.live._feeds import Minute as Minute
    from livermore.live._feeds import RowsFeed as RowsFeed
    from livermore.live._feeds import StoredFeed as StoredFeed
    from livermore.live._journal import Journal as Journal
    from livermore.live._keys import Keys as Keys
    from livermore.live._keys import exchange_keys as exchange_keys
    from livermore.live._kill_switch import KillSwitch as KillSwitch
    from livermore.live._live_samples import live_samples as live_samples
    from livermore.live._notifier import Notifier as Notifier
    from livermore.live._notifier import apprise_sender as apprise_sender
    from livermore.live._order_journal import OrderJournal as OrderJournal
    from livermore.live._orders import ExchangeFill as ExchangeFill
    from livermore.live._orders import Limits as Limits
    from livermore.live._orders import OrderRequest as OrderRequest
    from livermore.live._orders import OrderResult as OrderResult
    from livermore.live._orders import Outcome as Outcome
    from livermore.live._parity import Parity as Parity
    from livermore.live._parity import check_parity as check_parity
    from livermore.live._retraining import Retraining as Retraining
    from livermore.live._session import LiveSession as LiveSession
    from livermore.live._view import ModelView as ModelView
    from livermore.live._view import OrderView as OrderView
    from livermore.live._view import PredictionView as PredictionView
    from livermore.live._view import RouteView as RouteView
    from livermore.live._view import SessionView as SessionView
    from livermore.live._view import session_view as session_view
    from livermore.live._warm_up import warm_up_candles as warm_up_candles
    from livermore.live._watched_model import ModelWatch as ModelWatch

__getattr__, __dir__, __all__ = lazy_exports(__name__, __file__)
