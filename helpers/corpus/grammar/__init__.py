"""A synchronous grammar: one rule makes the Hindi, the English and the links. Its tables are in data/lexicon.

sentences   makes a sentence pair, from the rules down to the words
rules       the rules, read from the table of constructions and checked
phrases     what a phrase is in both languages, its scope and its agreement
lexicon     the words, and how they are inflected
"""
