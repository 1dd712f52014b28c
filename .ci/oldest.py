"""Prints a pip constraint for each core dependency: the oldest version that pyproject.toml allows."""

import re
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
for requirement in project["dependencies"]:
    name, version = re.fullmatch(r"([\w.-]+)>=([\d.]+)", requirement).groups()
    print(f"{name}=={version}.*" if version.count(".") < 2 else f"{name}=={version}")

# statsmodels depends on pandas without an upper bound, and its older releases fail with pandas 3.
print("pandas==2.2.*")
