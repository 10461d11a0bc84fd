"""What the lessons run on, in rooms with one rule each. Imports go one way, from the bottom of this list to its top:

helpers/corpus/     sentences and words; never imports torch. grammar/ inside it makes the Hindi and the English
helpers/            models, where c_t comes from (attention.py), training, translating, measuring, pictures
helpers/exercises/  what answers a learner: lesson_03.py checks the exercises 3.1, 3.2, …
helpers/widgets/    what a learner moves: the step-through, the sentence box, the sliders of the oracle
"""
