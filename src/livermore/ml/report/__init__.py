"""Results as text and as HTML. A result becomes a page of the same blocks, which both renderers show.

What is shown is read off the result: nothing is estimated here.
"""

from typing import TYPE_CHECKING

from livermore.lazy import lazy_exports

if TYPE_CHECKING:
    from livermore.ml.report._comparison import compare_report_html as compare_report_html
    from livermore.ml.report._comparison import render_comparison as render_comparison
    from livermore.ml.report._dataset import gather_report_html as gather_report_html
    from livermore.ml.report._dataset import render_gathering as render_gathering
    from livermore.ml.report._folder import ReportFolder as ReportFolder
    from livermore.ml.report._folder import StoredReport as StoredReport
    from livermore.ml.report._folder import render_reports as render_reports
    from livermore.ml.report._html import HtmlReport as HtmlReport
    from livermore.ml.report._ledger import render_ledger as render_ledger
    from livermore.ml.report._model_usage import asking_notes as asking_notes
    from livermore.ml.report._model_usage import render_asking as render_asking
    from livermore.ml.report._models import render_model_comparison as render_model_comparison
    from livermore.ml.report._models import render_models as render_models
    from livermore.ml.report._training import render_training as render_training
    from livermore.ml.report._training import train_report_html as train_report_html
    from livermore.ml.report._transfer import render_transfer as render_transfer
    from livermore.ml.report._transfer import transfer_report_html as transfer_report_html
    from livermore.ml.report._universe import universe_report_html as universe_report_html
    from livermore.ml.report._walk_forward import render_walk_forward as render_walk_forward
    from livermore.ml.report._walk_forward import walk_forward_report_html as walk_forward_report_html

__getattr__, __dir__, __all__ = lazy_exports(__name__, __file__)
