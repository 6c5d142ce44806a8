"""The command ``mobilite`` and its one way to refuse: a French sentence on stderr, exit 2."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from click.exceptions import BadParameter, MissingParameter, NoArgsIsHelpError, NoSuchOption

from mobilite.erreurs import RegleMetier
from web.commandes.accueil import accueil
from web.commandes.comptes import comptes
from web.commandes.demonstration import demonstration
from web.commandes.maisons import maisons
from web.commandes.offres import offres
from web.commandes.proposer import proposer
from web.commandes.questionnaire import questionnaire
from web.commandes.reseau import reseau
from web.commandes.servir import servir
from web.config import ConfigurationDangereuse


class Groupe(click.Group):
    """A group whose refusals are French and never show a traceback for something the user sent."""

    def main(self, args: Sequence[str] | None = None, *autres: Any, **options: Any) -> Any:
        """Run, turning refusals into one sentence and exit 2; a bug stays a bug."""
        options["standalone_mode"] = False
        try:
            resultat = super().main(args, *autres, **options)
        except RegleMetier as refus:
            _refuser(str(refus))
        except ConfigurationDangereuse as refus:
            _refuser(str(refus))
        except NoArgsIsHelpError as aide:
            click.echo(aide.format_message())
            sys.exit(2)
        except click.ClickException as refus:
            _refuser(_en_francais(refus))
        except (click.Abort, KeyboardInterrupt):
            _refuser("Interrompu.")
        except BrokenPipeError:
            sys.exit(0)
        sys.exit(resultat if isinstance(resultat, int) else 0)


def _refuser(phrase: str) -> None:
    click.echo(phrase, err=True)
    sys.exit(2)


def _en_francais(refus: click.ClickException) -> str:
    if isinstance(refus, NoSuchOption):
        return f"L'option {refus.option_name} n'existe pas. Aide : mobilite --help"
    if isinstance(refus, MissingParameter):
        nom = refus.param.human_readable_name if refus.param else "un argument"
        return f"Il manque : {nom}. Aide : mobilite --help"
    if isinstance(refus, BadParameter) and refus.param is not None:
        choix = refus.param.type.choices if isinstance(refus.param.type, click.Choice) else ()
        detail = f" : choisir parmi {', '.join(str(c) for c in choix)}" if choix else " : valeur refusée"
        return f"{refus.param.opts[0]}{detail}."
    return "Commande mal écrite. Aide : mobilite --help"


@click.group(cls=Groupe, help="Plateforme de mobilité solidaire, en ligne de commande.")
def mobilite() -> None:
    """The root of all commands."""


_COMMANDES: tuple[click.Command, ...] = (
    servir,
    demonstration,
    proposer,
    accueil,
    offres,
    maisons,
    questionnaire,
    comptes,
    reseau,
)
_ajouter: Callable[[click.Command], None] = mobilite.add_command
for _commande in _COMMANDES:
    _ajouter(_commande)
