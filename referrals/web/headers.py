"""What every page tells the browser it may do: load from us alone, run nothing inline, be framed by nobody."""

from collections.abc import Mapping

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# Once a session is over the browser drops what it may still have of it, also the pages that "Back" would show.
SESSION_OVER: Mapping[str, str] = {"Clear-Site-Data": '"cache", "storage"'}
# Pages show patients: no cache keeps them. Static files carry a fingerprint and may be kept.
PAGE_CACHE = "no-store"
STATIC_CACHE = "public, max-age=31536000, immutable"
