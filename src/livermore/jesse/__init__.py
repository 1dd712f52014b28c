"""Jesse's compatibility surface: its import paths, helpers, utilities and enumerations, under their names.

Strategies and scripts that were written for Jesse need these; hardly anything else in livermore does.
`livermore.compat.install_as_jesse` makes ``import jesse…`` resolve to this package and to livermore's other parts.
"""
