"""The pages of the partner: requests to answer, offers, vehicles."""

from web.partenaire.espace import partenaire

__all__ = ["partenaire"]
