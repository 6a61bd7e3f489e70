"""The invented city of `zoufang demo`: the same seed and day give the same people, visits and ids.

Nobody in it exists. Names are put together from common characters, mobile prefixes are, as far as we
know, given to no operator, and a number that is a real person's is chance.
"""
