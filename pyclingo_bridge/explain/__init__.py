"""What answers come to for a reader: each is made into one report, which is written in several forms.

`report` is the model of a report, and writes it as text, Markdown and data; `terminal` shows it. The other
modules make reports of answers. They take answers and ask nothing.
"""
