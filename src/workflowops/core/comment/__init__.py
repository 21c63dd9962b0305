"""Comments as commands: what was written, what it asks for, and who may ask for it."""
