"""A table somebody sends, whatever the spreadsheet that wrote it: its lines, with their numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection

from mobilite.erreurs import DonneeRefusee


def lire_lignes(
    octets: bytes, colonnes: Collection[str], *, octets_max: int, lignes_max: int, vide: str
) -> list[tuple[int, dict[str, str | None]]]:
    """The lines of a CSV file, comma or semicolon, UTF-8 or the encoding of French Excel.

    Each comes with the number it ends on in the file (the header is 1); cells that no title covers are
    under the empty name. ``vide`` is the sentence when
    there is no line. Raises ``DonneeRefusee`` when the file as a whole cannot be read.
    """
    if len(octets) > octets_max:
        raise DonneeRefusee("", f"Le fichier dépasse {octets_max // 1_000_000} Mo : il n'a pas été lu.")
    try:
        texte = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        texte = octets.decode("cp1252", errors="replace")
    if "\0" in texte:
        raise DonneeRefusee("", "Ce n'est pas un fichier CSV.")
    separateur = ";" if ";" in texte.partition("\n")[0] else ","
    lecteur = csv.DictReader(io.StringIO(texte, newline=""), delimiter=separateur, restkey="")
    try:
        entete = [nom.strip().casefold() for nom in lecteur.fieldnames or []]
        manquantes = [colonne for colonne in colonnes if colonne not in entete]
        if manquantes:
            raise DonneeRefusee("", f"Il manque des colonnes : {', '.join(manquantes)}.")
        lecteur.fieldnames = entete
        lignes = [(lecteur.line_num, ligne) for ligne in lecteur]
    except csv.Error:
        raise DonneeRefusee("", "Ce fichier CSV ne se lit pas.") from None
    # Spreadsheets end their files with lines of separators alone.
    lignes = [(numero, ligne) for numero, ligne in lignes if any(ligne.get(c) for c in colonnes)]
    if not lignes:
        raise DonneeRefusee("", vide)
    if len(lignes) > lignes_max:
        raise DonneeRefusee("", f"{lignes_max} lignes au plus.")
    return lignes
