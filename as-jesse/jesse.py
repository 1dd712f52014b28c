"""Livermore under Jesse's name, for a whole environment.

A module and not a package: where the real Jesse is installed too, its package is found first and nothing of it is
overwritten.
"""

from livermore.compat import install_as_jesse

install_as_jesse(replace=True)
