"""GATHER, DECIDE, APPLY, REPORT: one module per command."""
