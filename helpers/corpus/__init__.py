"""Sentences and words. Nothing here imports torch, matplotlib or ipywidgets.

pairs      a pair of sentences with its word alignment, its file format, the splits of the generated corpus
words      the class of an English word, the meaning of a Hindi one
romanize   Hindi in Latin letters
grammar/   makes a Hindi sentence, its English and the links between them
build      samples sentences from the grammar, and writes the generated corpus
real       sentences that people wrote: fetched, or from a file of your own
text       files become sentences, sentences become words
cache      where downloads and trained models are kept
"""
