"""Results as text and as HTML. What is shown is read off a result object, never computed here."""

from livermore.ml.report._comparison import render_comparison
from livermore.ml.report._dataset import render_gathering
from livermore.ml.report._html import compare_report_html, gather_report_html, train_report_html
from livermore.ml.report._model_usage import asking_notes, render_asking, render_walk_forward
from livermore.ml.report._models import render_model_comparison, render_models
from livermore.ml.report._training import render_training

__all__ = [
    "asking_notes",
    "compare_report_html",
    "gather_report_html",
    "render_asking",
    "render_comparison",
    "render_gathering",
    "render_model_comparison",
    "render_models",
    "render_training",
    "render_walk_forward",
    "train_report_html",
]
