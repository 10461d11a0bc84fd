"""What a learner moves.

explorer       steps through a translation; explorer.js is its script, which the page of helpers/page shares
sentence_box   takes a sentence that is typed
be_the_oracle  sliders for the weights of one step
"""
