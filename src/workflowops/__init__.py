"""Governance for n8n workflows across instances, run from a team's GitHub repository."""

__version__ = "0.1.0"
