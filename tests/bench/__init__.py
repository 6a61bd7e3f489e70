"""The figures that the project promises, measured on this machine: `python -m tests.bench`.

Nothing here asserts. What is slow on a busy machine is no defect, and a test that fails by the clock
is soon switched off; figures are printed beside their limits, and a person judges.
"""
