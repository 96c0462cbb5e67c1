"""Reports of training runs, from the files that `nn.RunFolder` leaves."""

from viz.report.comparison import compare_runs as compare_runs
from viz.report.page import Report as Report
from viz.report.report import report as report
