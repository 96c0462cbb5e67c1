"""Speed, measured: ratios of interleaved runs, one clean process for each library."""
