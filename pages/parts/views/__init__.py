"""The questions below the chart, one a file."""
