"""Technical indicators, as Jesse's ``ta``: ``import livermore.indicators as ta``.

Each is one file in `library`, imported when it is first used. Called on the candles of a run, an indicator computes
many bars in one pass and looks the others up; called on any other array, it computes the one answer. `indicator`
makes one of your own.
"""

from typing import TYPE_CHECKING

from livermore.indicators._example import example_candles
from livermore.indicators._memo import Indicator, indicator
from livermore.indicators._source import Series, source
from livermore.lazy import lazy_exports

if TYPE_CHECKING:
    from livermore.indicators.library.acosc import acosc
    from livermore.indicators.library.ad import ad
    from livermore.indicators.library.adosc import adosc
    from livermore.indicators.library.adx import adx
    from livermore.indicators.library.adxr import adxr
    from livermore.indicators.library.alligator import alligator
    from livermore.indicators.library.alma import alma
    from livermore.indicators.library.ao import ao
    from livermore.indicators.library.apo import apo
    from livermore.indicators.library.aroon import aroon
    from livermore.indicators.library.aroonosc import aroonosc
    from livermore.indicators.library.atr import atr
    from livermore.indicators.library.avgprice import avgprice
    from livermore.indicators.library.bandpass import bandpass
    from livermore.indicators.library.beta import beta
    from livermore.indicators.library.bollinger_bands import bollinger_bands
    from livermore.indicators.library.bollinger_bands_width import bollinger_bands_width
    from livermore.indicators.library.bop import bop
    from livermore.indicators.library.cc import cc
    from livermore.indicators.library.cci import cci
    from livermore.indicators.library.cfo import cfo
    from livermore.indicators.library.cg import cg
    from livermore.indicators.library.chande import chande
    from livermore.indicators.library.chop import chop
    from livermore.indicators.library.cksp import cksp
    from livermore.indicators.library.cmo import cmo
    from livermore.indicators.library.correl import correl
    from livermore.indicators.library.correlation_cycle import correlation_cycle
    from livermore.indicators.library.cvi import cvi
    from livermore.indicators.library.cwma import cwma
    from livermore.indicators.library.damiani_volatmeter import damiani_volatmeter
    from livermore.indicators.library.dec_osc import dec_osc
    from livermore.indicators.library.decycler import decycler
    from livermore.indicators.library.dema import dema
    from livermore.indicators.library.devstop import devstop
    from livermore.indicators.library.di import di
    from livermore.indicators.library.dm import dm
    from livermore.indicators.library.donchian import donchian
    from livermore.indicators.library.dpo import dpo
    from livermore.indicators.library.dti import dti
    from livermore.indicators.library.dx import dx
    from livermore.indicators.library.edcf import edcf
    from livermore.indicators.library.efi import efi
    from livermore.indicators.library.ema import ema
    from livermore.indicators.library.emd import emd
    from livermore.indicators.library.emv import emv
    from livermore.indicators.library.epma import epma
    from livermore.indicators.library.er import er
    from livermore.indicators.library.eri import eri
    from livermore.indicators.library.fisher import fisher
    from livermore.indicators.library.fosc import fosc
    from livermore.indicators.library.frama import frama
    from livermore.indicators.library.fwma import fwma
    from livermore.indicators.library.gatorosc import gatorosc
    from livermore.indicators.library.gauss import gauss
    from livermore.indicators.library.heikin_ashi_candles import heikin_ashi_candles
    from livermore.indicators.library.high_pass import high_pass
    from livermore.indicators.library.high_pass_2_pole import high_pass_2_pole
    from livermore.indicators.library.hma import hma
    from livermore.indicators.library.hull_suit import hull_suit
    from livermore.indicators.library.hurst_exponent import hurst_exponent
    from livermore.indicators.library.hwma import hwma
    from livermore.indicators.library.ichimoku_cloud import ichimoku_cloud
    from livermore.indicators.library.ichimoku_cloud_seq import ichimoku_cloud_seq
    from livermore.indicators.library.ift_rsi import ift_rsi
    from livermore.indicators.library.itrend import itrend
    from livermore.indicators.library.jma import jma
    from livermore.indicators.library.jsa import jsa
    from livermore.indicators.library.kama import kama
    from livermore.indicators.library.kaufmanstop import kaufmanstop
    from livermore.indicators.library.kdj import kdj
    from livermore.indicators.library.keltner import keltner
    from livermore.indicators.library.kst import kst
    from livermore.indicators.library.kurtosis import kurtosis
    from livermore.indicators.library.kvo import kvo
    from livermore.indicators.library.linearreg import linearreg
    from livermore.indicators.library.linearreg_angle import linearreg_angle
    from livermore.indicators.library.linearreg_intercept import linearreg_intercept
    from livermore.indicators.library.linearreg_slope import linearreg_slope
    from livermore.indicators.library.lrsi import lrsi
    from livermore.indicators.library.ma import ma
    from livermore.indicators.library.maaq import maaq
    from livermore.indicators.library.mab import mab
    from livermore.indicators.library.macd import macd
    from livermore.indicators.library.mama import mama
    from livermore.indicators.library.marketfi import marketfi
    from livermore.indicators.library.mass import mass
    from livermore.indicators.library.mcginley_dynamic import mcginley_dynamic
    from livermore.indicators.library.mean_ad import mean_ad
    from livermore.indicators.library.median_ad import median_ad
    from livermore.indicators.library.medprice import medprice
    from livermore.indicators.library.mfi import mfi
    from livermore.indicators.library.midpoint import midpoint
    from livermore.indicators.library.midprice import midprice
    from livermore.indicators.library.minmax import minmax
    from livermore.indicators.library.mom import mom
    from livermore.indicators.library.mwdx import mwdx
    from livermore.indicators.library.natr import natr
    from livermore.indicators.library.nma import nma
    from livermore.indicators.library.nvi import nvi
    from livermore.indicators.library.obv import obv
    from livermore.indicators.library.pfe import pfe
    from livermore.indicators.library.pivot import pivot
    from livermore.indicators.library.pma import pma
    from livermore.indicators.library.ppo import ppo
    from livermore.indicators.library.pvi import pvi
    from livermore.indicators.library.pwma import pwma
    from livermore.indicators.library.qstick import qstick
    from livermore.indicators.library.reflex import reflex
    from livermore.indicators.library.rma import rma
    from livermore.indicators.library.roc import roc
    from livermore.indicators.library.rocp import rocp
    from livermore.indicators.library.rocr import rocr
    from livermore.indicators.library.rocr100 import rocr100
    from livermore.indicators.library.roofing import roofing
    from livermore.indicators.library.rsi import rsi
    from livermore.indicators.library.rsmk import rsmk
    from livermore.indicators.library.rsx import rsx
    from livermore.indicators.library.rvi import rvi
    from livermore.indicators.library.safezonestop import safezonestop
    from livermore.indicators.library.sar import sar
    from livermore.indicators.library.sinwma import sinwma
    from livermore.indicators.library.skew import skew
    from livermore.indicators.library.sma import sma
    from livermore.indicators.library.smma import smma
    from livermore.indicators.library.squeeze_momentum import squeeze_momentum
    from livermore.indicators.library.sqwma import sqwma
    from livermore.indicators.library.srsi import srsi
    from livermore.indicators.library.srwma import srwma
    from livermore.indicators.library.stc import stc
    from livermore.indicators.library.stddev import stddev
    from livermore.indicators.library.stiffness import stiffness
    from livermore.indicators.library.stoch import stoch
    from livermore.indicators.library.stochf import stochf
    from livermore.indicators.library.supersmoother import supersmoother
    from livermore.indicators.library.supersmoother_3_pole import supersmoother_3_pole
    from livermore.indicators.library.supertrend import supertrend
    from livermore.indicators.library.support_resistance_with_breaks import support_resistance_with_breaks
    from livermore.indicators.library.swma import swma
    from livermore.indicators.library.t3 import t3
    from livermore.indicators.library.tema import tema
    from livermore.indicators.library.trange import trange
    from livermore.indicators.library.trendflex import trendflex
    from livermore.indicators.library.trima import trima
    from livermore.indicators.library.trix import trix
    from livermore.indicators.library.tsf import tsf
    from livermore.indicators.library.tsi import tsi
    from livermore.indicators.library.ttm_squeeze import ttm_squeeze
    from livermore.indicators.library.ttm_trend import ttm_trend
    from livermore.indicators.library.typprice import typprice
    from livermore.indicators.library.ui import ui
    from livermore.indicators.library.ultosc import ultosc
    from livermore.indicators.library.var import var
    from livermore.indicators.library.vi import vi
    from livermore.indicators.library.vidya import vidya
    from livermore.indicators.library.vlma import vlma
    from livermore.indicators.library.volume import volume
    from livermore.indicators.library.vosc import vosc
    from livermore.indicators.library.voss import voss
    from livermore.indicators.library.vpci import vpci
    from livermore.indicators.library.vpt import vpt
    from livermore.indicators.library.vpwma import vpwma
    from livermore.indicators.library.vwap import vwap
    from livermore.indicators.library.vwma import vwma
    from livermore.indicators.library.vwmacd import vwmacd
    from livermore.indicators.library.wad import wad
    from livermore.indicators.library.waddah_attar_explosion import waddah_attar_explosion
    from livermore.indicators.library.wclprice import wclprice
    from livermore.indicators.library.wilders import wilders
    from livermore.indicators.library.willr import willr
    from livermore.indicators.library.wma import wma
    from livermore.indicators.library.wt import wt
    from livermore.indicators.library.zlema import zlema
    from livermore.indicators.library.zscore import zscore

__all__ = [
    "Indicator",
    "Series",
    "acosc",
    "ad",
    "adosc",
    "adx",
    "adxr",
    "alligator",
    "alma",
    "ao",
    "apo",
    "aroon",
    "aroonosc",
    "atr",
    "avgprice",
    "bandpass",
    "beta",
    "bollinger_bands",
    "bollinger_bands_width",
    "bop",
    "cc",
    "cci",
    "cfo",
    "cg",
    "chande",
    "chop",
    "cksp",
    "cmo",
    "correl",
    "correlation_cycle",
    "cvi",
    "cwma",
    "damiani_volatmeter",
    "dec_osc",
    "decycler",
    "dema",
    "devstop",
    "di",
    "dm",
    "donchian",
    "dpo",
    "dti",
    "dx",
    "edcf",
    "efi",
    "ema",
    "emd",
    "emv",
    "epma",
    "er",
    "eri",
    "example_candles",
    "fisher",
    "fosc",
    "frama",
    "fwma",
    "gatorosc",
    "gauss",
    "heikin_ashi_candles",
    "high_pass",
    "high_pass_2_pole",
    "hma",
    "hull_suit",
    "hurst_exponent",
    "hwma",
    "ichimoku_cloud",
    "ichimoku_cloud_seq",
    "ift_rsi",
    "indicator",
    "itrend",
    "jma",
    "jsa",
    "kama",
    "kaufmanstop",
    "kdj",
    "keltner",
    "kst",
    "kurtosis",
    "kvo",
    "linearreg",
    "linearreg_angle",
    "linearreg_intercept",
    "linearreg_slope",
    "lrsi",
    "ma",
    "maaq",
    "mab",
    "macd",
    "mama",
    "marketfi",
    "mass",
    "mcginley_dynamic",
    "mean_ad",
    "median_ad",
    "medprice",
    "mfi",
    "midpoint",
    "midprice",
    "minmax",
    "mom",
    "mwdx",
    "natr",
    "nma",
    "nvi",
    "obv",
    "pfe",
    "pivot",
    "pma",
    "ppo",
    "pvi",
    "pwma",
    "qstick",
    "reflex",
    "rma",
    "roc",
    "rocp",
    "rocr",
    "rocr100",
    "roofing",
    "rsi",
    "rsmk",
    "rsx",
    "rvi",
    "safezonestop",
    "sar",
    "sinwma",
    "skew",
    "sma",
    "smma",
    "source",
    "squeeze_momentum",
    "sqwma",
    "srsi",
    "srwma",
    "stc",
    "stddev",
    "stiffness",
    "stoch",
    "stochf",
    "supersmoother",
    "supersmoother_3_pole",
    "supertrend",
    "support_resistance_with_breaks",
    "swma",
    "t3",
    "tema",
    "trange",
    "trendflex",
    "trima",
    "trix",
    "tsf",
    "tsi",
    "ttm_squeeze",
    "ttm_trend",
    "typprice",
    "ui",
    "ultosc",
    "var",
    "vi",
    "vidya",
    "vlma",
    "volume",
    "vosc",
    "voss",
    "vpci",
    "vpt",
    "vpwma",
    "vwap",
    "vwma",
    "vwmacd",
    "wad",
    "waddah_attar_explosion",
    "wclprice",
    "wilders",
    "willr",
    "wma",
    "wt",
    "zlema",
    "zscore",
]

_TOOLS = {"Indicator", "Series", "example_candles", "indicator", "source"}
__getattr__ = lazy_exports(__name__, {n: f"{__name__}.library.{n}" for n in __all__ if n not in _TOOLS})
