"""The long-running process: a source, a learner, a feedback door and a store, run from one TOML file."""

from edgelearn.run.config import Config, load
from edgelearn.run.process import run

__all__ = ["Config", "load", "run"]
