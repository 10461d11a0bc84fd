"""What answers a learner. The exercises 3.1, 3.2, … of notebook 03 are checked by lesson_03.py, and so on.

feedback.py      how a check tries an answer, and says in words what is wrong with it
lesson_0N.py     the checks of notebook 0N; the docstring of each begins with the number of its exercise, as in "3.1: …"

A check is a function with the name of the exercise's function. `@exercise` makes one that tries a learner's code and
raises `WrongAnswer`; `@prediction` makes one that holds a guess against what was measured.
"""
