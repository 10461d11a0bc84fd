"""What runs a trained translator in a web page, without a server and without a network.

write         trained translators become one page: `write_page`, and `python -m helpers.page.write`
weights       a trained translator as the object that the engine takes
engine.js     the whole model in plain JavaScript: encoder, attention, decoder, greedy and beam search
reading.js    what people type becomes words
measuring.js  the right weights, the right words, and BLEU
drawing.js    the tree of a beam, and the curves
page.js       what a reader does, and what is shown then; page.html and page.css are around it
"""
