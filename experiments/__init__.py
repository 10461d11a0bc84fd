"""What takes minutes or an hour to measure. Nothing else in the course imports it.

results    five seeds of each recipe -> data/results        speed     training speed beside a naive loop
timings    time and memory of the lessons' trainings        tables    both of them in the tables of teaching/
"""
