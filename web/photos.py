"""A photo as it comes from a telephone, made safe to keep: small, upright, a JPEG, and silent on where it was taken."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

from mobilite.erreurs import DonneeRefusee

OCTETS_MAX = 8_000_000
PIXELS_MAX = 25_000_000
COTE_MAX = 1600
QUALITE = 80

_CHAMP = "photo"
_FORMATS = ("JPEG", "PNG", "WEBP")
_TROP_GRANDE = f"cette photo est trop grande : {PIXELS_MAX // 1_000_000} millions de points au plus."
_ILLISIBLE = "cette photo ne s'ouvre pas. Reprenez-la, ou choisissez-en une autre."


@dataclass(frozen=True, slots=True)
class Photo:
    """A cleaned JPEG. ``empreinte`` (SHA-256 of the bytes) recognises the same photo sent twice."""

    octets: bytes
    largeur: int
    hauteur: int
    empreinte: str


def nettoyer_photo(recue: bytes) -> Photo:
    """Decode a JPEG, PNG or WebP and draw it again, at most ``COTE_MAX`` pixels a side.

    Nothing but the pixels is carried over: neither EXIF nor the place, the device or the hour. Raises
    ``DonneeRefusee`` for anything else, judged by its bytes and never by its name. Takes up to half a
    second: to be called outside any transaction.
    """
    if not recue:
        raise DonneeRefusee(_CHAMP, "choisissez une photo.")
    if len(recue) > OCTETS_MAX:
        raise DonneeRefusee(_CHAMP, f"cette photo est trop lourde : {OCTETS_MAX // 1_000_000} Mo au plus.")
    if not _a_un_format_connu(recue):
        raise DonneeRefusee(_CHAMP, "ce fichier n'est pas une photo JPEG, PNG ou WebP.")
    # Pillow decodes with compiled libraries: kept out of the start of the application.
    from PIL import Image, ImageOps  # noqa: PLC0415

    try:
        with Image.open(io.BytesIO(recue), formats=_FORMATS) as ouverte:
            # The header alone says the size: nothing is unpacked before it is judged.
            if ouverte.width * ouverte.height > PIXELS_MAX:
                raise DonneeRefusee(_CHAMP, _TROP_GRANDE)
            ouverte.draft("RGB", (COTE_MAX, COTE_MAX))
            image = ImageOps.exif_transpose(ouverte)
            image.thumbnail((COTE_MAX, COTE_MAX))
            toile = Image.new("RGB", image.size, "white")
            masque = (
                image.convert("RGBA") if "A" in image.getbands() or "transparency" in image.info else None
            )
            toile.paste(masque or image.convert("RGB"), mask=masque)
    except DonneeRefusee:
        raise
    except Image.DecompressionBombError:
        raise DonneeRefusee(_CHAMP, _TROP_GRANDE) from None
    except (OSError, SyntaxError, ValueError, EOFError, ArithmeticError):
        raise DonneeRefusee(_CHAMP, _ILLISIBLE) from None
    sortie = io.BytesIO()
    toile.save(sortie, "JPEG", quality=QUALITE, optimize=True)
    octets = sortie.getvalue()
    return Photo(octets, toile.width, toile.height, hashlib.sha256(octets).hexdigest())


def _a_un_format_connu(recue: bytes) -> bool:
    """The first bytes of a JPEG, a PNG or a WebP."""
    return recue.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (
        recue[:4] == b"RIFF" and recue[8:12] == b"WEBP"
    )
