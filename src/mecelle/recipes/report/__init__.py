"""The report of a workspace: one self-contained HTML page."""

from mecelle.recipes.report.page import VERSION, write_report

__all__ = ["VERSION", "write_report"]
