"""Figures for a monitoring system, to whoever shows its token; without a token of its own there is no such page."""

import hmac

from flask import Blueprint, Response, current_app, request
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from referrals.boundary import clock
from referrals.boundary.metrics import told
from referrals.boundary.problems import Problem
from referrals.domain.errors import NotFound

metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics")
def figures() -> Response:
    token = current_app.config["SETTINGS"].metrics_token
    if not token:
        raise NotFound
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        raise Problem("unauthenticated", "Show the token of the metrics.", headers={"WWW-Authenticate": "Bearer"})
    return Response(told(current_app.extensions["database"], clock.now), content_type=CONTENT_TYPE_LATEST)
