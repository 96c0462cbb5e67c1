"""What NumPy runs on here, and what is slow about it.

facts.py      what is installed and set, without measuring
measuring.py  how long a few small computations take
findings.py   what these say is slow, and what helps
show.py       `show_config`: all of it
"""
