"""Technical indicators, as Jesse's ``ta``: ``import livermore.indicators as ta``.

Each is one file in `library`, imported when it is first used. Called on the candles of a run, an indicator computes many
bars in one pass and looks the others up; called on any other array, it computes the one answer. `indicator` makes one of
your own.
"""

from typing import TYPE_CHECKING

from livermore.indicators._example import example_candles
from livermore.indicators._memo import Indicator, indicator
from livermore.indicators._source import Series, source
from livermore.lazy import lazy_exports

if TYPE_CHECKING:
    from livermore.indicators.library.adx import adx
    from livermore.indicators.library.alma import alma
    from livermore.indicators.library.atr import atr
    from livermore.indicators.library.bollinger_bands import bollinger_bands
    from livermore.indicators.library.cfo import cfo
    from livermore.indicators.library.cwma import cwma
    from livermore.indicators.library.dema import dema
    from livermore.indicators.library.donchian import donchian
    from livermore.indicators.library.edcf import edcf
    from livermore.indicators.library.ema import ema
    from livermore.indicators.library.epma import epma
    from livermore.indicators.library.fosc import fosc
    from livermore.indicators.library.fwma import fwma
    from livermore.indicators.library.gauss import gauss
    from livermore.indicators.library.high_pass import high_pass
    from livermore.indicators.library.high_pass_2_pole import high_pass_2_pole
    from livermore.indicators.library.hma import hma
    from livermore.indicators.library.hwma import hwma
    from livermore.indicators.library.jma import jma
    from livermore.indicators.library.jsa import jsa
    from livermore.indicators.library.kama import kama
    from livermore.indicators.library.keltner import keltner
    from livermore.indicators.library.linearreg import linearreg
    from livermore.indicators.library.linearreg_angle import linearreg_angle
    from livermore.indicators.library.linearreg_intercept import linearreg_intercept
    from livermore.indicators.library.linearreg_slope import linearreg_slope
    from livermore.indicators.library.ma import ma
    from livermore.indicators.library.maaq import maaq
    from livermore.indicators.library.macd import macd
    from livermore.indicators.library.mcginley_dynamic import mcginley_dynamic
    from livermore.indicators.library.mwdx import mwdx
    from livermore.indicators.library.nma import nma
    from livermore.indicators.library.pwma import pwma
    from livermore.indicators.library.reflex import reflex
    from livermore.indicators.library.rma import rma
    from livermore.indicators.library.rsi import rsi
    from livermore.indicators.library.sinwma import sinwma
    from livermore.indicators.library.sma import sma
    from livermore.indicators.library.smma import smma
    from livermore.indicators.library.sqwma import sqwma
    from livermore.indicators.library.srsi import srsi
    from livermore.indicators.library.srwma import srwma
    from livermore.indicators.library.stoch import stoch
    from livermore.indicators.library.supersmoother import supersmoother
    from livermore.indicators.library.supersmoother_3_pole import supersmoother_3_pole
    from livermore.indicators.library.supertrend import supertrend
    from livermore.indicators.library.swma import swma
    from livermore.indicators.library.t3 import t3
    from livermore.indicators.library.tema import tema
    from livermore.indicators.library.trendflex import trendflex
    from livermore.indicators.library.trima import trima
    from livermore.indicators.library.tsf import tsf
    from livermore.indicators.library.vidya import vidya
    from livermore.indicators.library.vlma import vlma
    from livermore.indicators.library.vpwma import vpwma
    from livermore.indicators.library.vwap import vwap
    from livermore.indicators.library.vwma import vwma
    from livermore.indicators.library.wilders import wilders
    from livermore.indicators.library.wma import wma
    from livermore.indicators.library.zlema import zlema

__all__ = [
    "Indicator",
    "Series",
    "adx",
    "alma",
    "atr",
    "bollinger_bands",
    "cfo",
    "cwma",
    "dema",
    "donchian",
    "edcf",
    "ema",
    "epma",
    "example_candles",
    "fosc",
    "fwma",
    "gauss",
    "high_pass",
    "high_pass_2_pole",
    "hma",
    "hwma",
    "indicator",
    "jma",
    "jsa",
    "kama",
    "keltner",
    "linearreg",
    "linearreg_angle",
    "linearreg_intercept",
    "linearreg_slope",
    "ma",
    "maaq",
    "macd",
    "mcginley_dynamic",
    "mwdx",
    "nma",
    "pwma",
    "reflex",
    "rma",
    "rsi",
    "sinwma",
    "sma",
    "smma",
    "source",
    "sqwma",
    "srsi",
    "srwma",
    "stoch",
    "supersmoother",
    "supersmoother_3_pole",
    "supertrend",
    "swma",
    "t3",
    "tema",
    "trendflex",
    "trima",
    "tsf",
    "vidya",
    "vlma",
    "vpwma",
    "vwap",
    "vwma",
    "wilders",
    "wma",
    "zlema",
]

_TOOLS = {"Indicator", "Series", "example_candles", "indicator", "source"}
__getattr__ = lazy_exports(__name__, {n: f"{__name__}.library.{n}" for n in __all__ if n not in _TOOLS})
