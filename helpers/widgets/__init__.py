"""What a learner moves.

explorer       steps through a translation; explorer.html is its page
sentence_box   takes a sentence that is typed
be_the_oracle  sliders for the weights of one step
"""
