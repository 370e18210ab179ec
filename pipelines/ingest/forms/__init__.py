"""Bytes of any form as texts: encodings, workbooks, JSON, LDIF, web pages. What the step *recognised* opens files
with; knows no input and judges nothing.
"""
