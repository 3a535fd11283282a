"""Personnel sheets: read what agencies really send, say row by row what it would do, and hand the rest back to correct.

Nothing in the reading and classing rooms touches the database or the clock: `sheets` opens the file, `columns` knows the
headings, `rows` turns cells into persons, `classing` compares them, `report` and `template` write the answers.
"""
