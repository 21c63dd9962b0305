"""Promotion: what a reviewed change means for the next instance, decided before anything is touched."""
