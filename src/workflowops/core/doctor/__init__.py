"""What the doctor looks at: each check is one unit whose docstring is its text."""
