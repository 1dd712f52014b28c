"""Jesse's compatibility surface: its import paths, helpers, utilities and enumerations, under their names.

Nothing else in livermore needs these; strategies and scripts that were written for Jesse do. `install_as_jesse` in
`livermore.jesse.compat` makes ``import jesse…`` resolve to this package's parts.
"""
