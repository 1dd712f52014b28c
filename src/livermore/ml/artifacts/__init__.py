"""Model folders: Jesse's three files and a manifest, written as one unit, checked before anything is unpickled.

A strategy's folder holds ``model.pkl``, ``scaler.pkl`` and ``feature_importance.pkl`` as Jesse reads them,
``model.json`` (the manifest, which says what they must be) and ``models/``, where every model that was ever saved is
kept whole in a folder of its own. `_store` saves, `_load` loads, `_trust` knows which pickles may be
opened, `_skops_check` checks files that need no trust. See `_store` for how a kill at any time leaves the old model or
the new one.
"""

from livermore.ml.artifacts._listing import (
    compare_versions,
    list_versions,
    model_folder,
    version_before_current,
    version_named,
)
from livermore.ml.artifacts._load import LoadedModel, load_model, read_manifest, trust_folder
from livermore.ml.artifacts._manifest import MANIFEST, FileEntry, Manifest, strategy_changed, strategy_source
from livermore.ml.artifacts._store import check_writable, publish_version, save_model, saved_versions

__all__ = [
    "MANIFEST",
    "FileEntry",
    "LoadedModel",
    "Manifest",
    "check_writable",
    "compare_versions",
    "list_versions",
    "load_model",
    "model_folder",
    "publish_version",
    "read_manifest",
    "save_model",
    "saved_versions",
    "strategy_changed",
    "strategy_source",
    "trust_folder",
    "version_before_current",
    "version_named",
]
