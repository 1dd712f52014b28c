"""Work shared among cores: fits that need nothing of one another, by threads or by processes."""

from livermore.ml.sharing._crew import Batch, Crew
from livermore.ml.sharing._open import Jobs, crew_for, releases_the_lock

__all__ = ["Batch", "Crew", "Jobs", "crew_for", "releases_the_lock"]
