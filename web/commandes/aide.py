"""The console in French: click's own words, and refusals that name the word that is wrong."""

from __future__ import annotations

import math
from typing import Any

import click
from click.exceptions import BadOptionUsage, BadParameter, MissingParameter, NoSuchOption

from mobilite.erreurs import DonneeRefusee


class Commande(click.Command):
    """A command whose help is in French."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """« Emploi : mobilite proposer [OPTIONS] SITUATION.json »."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="Emploi : ")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words; a refusal remembers which command it comes from."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as refus:
            refus.ctx = refus.ctx or ctx
            raise

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """``--help``, said in French."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "Montre cette aide."
        return option


class Groupe(Commande, click.Group):
    """A group whose help is in French, and whose commands are too."""

    command_class = Commande

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **({"subcommand_metavar": "COMMANDE [ARGUMENTS]…"} | options))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, then the commands."""
        Commande.format_options(self, ctx, formatter)
        commandes = [(nom, self.commands[nom]) for nom in self.list_commands(ctx)]
        with formatter.section("Commandes"):
            formatter.write_dl([(nom, commande.get_short_help_str(limit=120)) for nom, commande in commandes])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which word is none."""
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            aide = f"Aide : {ctx.command_path} --help"
            raise DonneeRefusee("", f"La commande « {args[0][:40]} » n'existe pas. {aide}")
        return super().resolve_command(ctx, args)


class Obligatoire(click.Option):
    """A required option, whose help says « Obligatoire. » itself."""

    def get_help_extra(self, ctx: click.Context) -> Any:
        """What click adds in brackets, without its English word."""
        extra = super().get_help_extra(ctx)
        extra.pop("required", None)
        return extra


class Nombre(click.ParamType[float]):
    """A number between two bounds, both included; a whole one if they are whole."""

    name = "NOMBRE"

    def __init__(self, au_moins: int, au_plus: int, *, entier: bool = True) -> None:
        self.au_moins, self.au_plus, self.entier = au_moins, au_plus, entier

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the number or refuse in French."""
        try:
            nombre: float = int(value) if self.entier else float(value)
        except ValueError:
            nombre = math.nan
        if not self.au_moins <= nombre <= self.au_plus:
            genre = "un nombre entier" if self.entier else "un nombre"
            raise DonneeRefusee(
                param.opts[0] if param else "",
                f"{genre} entre {self.au_moins} et {self.au_plus} est attendu.",
            )
        return nombre


def en_francais(refus: click.ClickException) -> str:
    """What click refuses, as one French sentence."""
    ctx = getattr(refus, "ctx", None)
    aide = f"Aide : {ctx.command_path if ctx else 'mobilite'} --help"
    match refus:
        case NoSuchOption():
            return f"L'option {refus.option_name} n'existe pas. {aide}"
        case BadOptionUsage():
            connue = (
                next((p for p in ctx.command.params if refus.option_name in p.opts), None) if ctx else None
            )
            drapeau = isinstance(connue, click.Option) and connue.is_flag
            attendu = "ne prend pas de valeur" if drapeau else "demande une valeur"
            return f"L'option {refus.option_name} {attendu}. {aide}"
        case MissingParameter():
            return f"Il manque : {_nom(refus.param)}. {aide}"
        case BadParameter() if refus.param is not None:
            choix = refus.param.type.choices if isinstance(refus.param.type, click.Choice) else ()
            detail = f"choisir parmi {', '.join(str(c) for c in choix)}" if choix else "valeur refusée"
            return f"{refus.param.opts[0]} : {detail}."
        case click.UsageError():
            return f"Un mot est en trop. {aide}"
        case _:
            return f"Commande mal écrite. {aide}"


def _nom(param: click.Parameter | None) -> str:
    if param is None:
        return "un mot"
    return param.opts[0] if isinstance(param, click.Option) else param.human_readable_name
