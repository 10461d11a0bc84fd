"""What runs a trained translator in a web page, without a server and without a network.

engine.js  the whole model in plain JavaScript: encoder, attention, decoder, greedy and beam search
weights    a trained translator as the object that the engine takes
"""
