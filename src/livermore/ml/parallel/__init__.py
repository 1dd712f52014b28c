"""Work shared among cores: fits that need nothing of one another, by threads or by processes."""

from livermore.ml.parallel._backend import Jobs, crew_for, releases_the_lock
from livermore.ml.parallel._executor import Batch, Crew

__all__ = ["Batch", "Crew", "Jobs", "crew_for", "releases_the_lock"]
