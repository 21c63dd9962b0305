"""Unmanaged workflows: the issue that lists them, and the form that puts one under Git."""
