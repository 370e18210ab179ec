"""What several commands share: how arguments are declared, the ending of a run, sentences about files. Holds no
command.
"""
