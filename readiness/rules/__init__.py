"""The rules by which readiness is judged: pure functions from a standard and what a team has to an assessment.

It reads as six thoughts, a module each: what is known (`inputs`), dates (`periods`), people on posts (`people`), items on lines
(`equipment`), the checklist (`checklist`), and areas that become levels (`areas`). `assessing` strings them together.
"""
