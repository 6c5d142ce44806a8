"""The public pages: what this is, the doors, signing in, what is done with personal data."""

from web.portail import connexion
from web.portail.pages import portail

__all__ = ["connexion", "portail"]
