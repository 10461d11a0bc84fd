"""A synchronous grammar: one rule makes the Hindi, the English and the links. Its tables are in data/lexicon.

sentences   makes a sentence pair, from the rules down to the words
phrases     what a phrase is in both languages, its scope and its agreement
rules       the rules of the table of constructions
lexicon     the words, and how they are inflected
tables      reads a table, and says what is wrong with a row
"""
