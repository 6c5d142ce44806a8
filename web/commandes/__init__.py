"""The console: the same job without a browser."""

from web.commandes.groupe import mobilite

__all__ = ["mobilite"]
