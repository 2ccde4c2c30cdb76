"""The command line: results on standard output, all else on standard error; exit 0 good, 1 problems, 2 wrong use."""
