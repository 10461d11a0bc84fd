"""What the lessons run on, in rooms with one rule each. Imports go one way, from the bottom of this list to its top.

helpers/corpus/     sentences and words; never imports torch. Its grammar/ makes the Hindi and the English
helpers/            what a lesson runs on:
    bootstrap       gets a notebook's Python ready
    cores           one thread a training, and trainings side by side
    vocabulary      words and their numbers
    oracle          α with its words; who gives α: the oracle, and three controls
    attention       where c_t comes from: the last state, given weights or places, or additive attention
    batching        sentences become padded batches
    models          the translator: encoder, decoder cell, output layer
    translation     greedy and beam search
    steps           what happens at each step of the decoder
    evaluation      BLEU by length, alignment error, a probe of the encoding vector
    two_places      words that need two places of a sentence, and exchanges between sentences
    progress        what a training shows while it runs
    training        fit a translator, and keep it
    recipes         how the course's models are built and trained; the stored results
    plots           every picture of numbers
    drawings        the machine, as it grows through the lessons
    transformer     lesson 07's model
    museum          lesson 08's exhibits: small translators, each with one fault
helpers/exercises/  what answers a learner: lesson_03 checks the exercises 3.1, 3.2, …
helpers/page/       what runs a trained translator in a web page: the model in JavaScript, and its weights as text
helpers/widgets/    what a learner moves: the step-through, the sentence box, the sliders of the oracle
"""
