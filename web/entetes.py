"""Headers that confine every page: nothing is loaded from elsewhere, nothing runs inline, nothing is kept."""

from __future__ import annotations

from flask import Flask, Response
from secure import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)

CSP = (
    ContentSecurityPolicy()
    .default_src("'none'")
    .script_src("'self'")
    .style_src("'self'")
    .img_src("'self'", "data:")
    .connect_src("'self'")
    .form_action("'self'")
    .base_uri("'none'")
    .frame_ancestors("'none'")
)


def preparer_entetes(app: Flask, *, https: bool) -> None:
    """Send the headers with every answer of Flask; HSTS only behind HTTPS."""
    protection = Secure(
        csp=CSP,
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        hsts=StrictTransportSecurity().max_age(31_536_000) if https else None,
        permissions=PermissionsPolicy().geolocation().camera().microphone(),
        referrer=ReferrerPolicy().no_referrer(),
        xcto=XContentTypeOptions().nosniff(),
        xfo=XFrameOptions().deny(),
    )
    entetes = protection.headers

    @app.after_request
    def proteger(reponse: Response) -> Response:
        for nom, valeur in entetes.items():
            reponse.headers.setdefault(nom, valeur)
        # Every page holds a form token, most hold a person: none is kept, by anybody.
        reponse.headers.setdefault("Cache-Control", "no-store")
        return reponse
