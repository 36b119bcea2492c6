"""A frozen ONNX network: one sample in, one float32 feature vector out; inspecting and cutting such networks.

``Extractor`` runs with onnxruntime alone. ``inspect``, ``cut``, and an ``Extractor`` that has to cut in
memory also need ``onnx`` (``pip install 'edgelearn[cut]'``): for the desktop, a cut file stands alone.
"""

from edgelearn.extractor.cutting import CutReport, cut
from edgelearn.extractor.extractor import Extractor
from edgelearn.extractor.inspection import Report, TensorReport, inspect
from edgelearn.extractor.preprocess import Preprocess

__all__ = ["CutReport", "Extractor", "Preprocess", "Report", "TensorReport", "cut", "inspect"]
