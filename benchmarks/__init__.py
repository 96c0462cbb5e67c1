"""How fast it is, measured.

`python -m benchmarks` measures training steps against hand-written NumPy and other
libraries, and writes RESULTS.md:

problems/         the numbers of every row, NumPy alone
libraries/        the same step in every library
environments/     what is installed for each library; `make bench-setup` installs it
contestants.py    who takes part, and which interpreter runs it
worker.py         a process: one library, one row
process.py        the other end of its pipes
mathematics.py    do two libraries compute the same?
race.py           all contestants of a row, in turns
curves.py         a row at growing sizes
figures.py        quartiles, ratios, exponents
targets.py        what is to be reached
tables.py, report.py, plot.py, machine.py     RESULTS.md
__main__.py       the command

Other questions have commands of their own:

imports.py        how long `import autograd` takes
lessons.py        how long a lesson waits for a mark or a picture
torch_models.py   models of layers, against the same in PyTorch
training.py       the Trainer, the bare loop, and PyTorch
monitor.py        what watching a training run costs
interleaved.py    for these: commands in turn, in clean processes
"""
