"""Incidents: drift that somebody has to answer for, from detection to closing."""
