"""Speed, measured: ratios from interleaved runs, each library in a process of its own."""
