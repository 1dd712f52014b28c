"""Compiled loops over rows and lanes; see `livermore.indicators._kernels.lanes` for what a lane is."""
