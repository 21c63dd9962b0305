"""Touches n8n's public API."""

from workflowops.io.n8n.client import N8nClient

__all__ = ["N8nClient"]
