"""What a well-formed server file may still get wrong: each finding a sentence at a place of the document."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from runbooks.faults import DocumentPath, Finding
from runbooks.references import why_none
from runbooks.values import is_secret_reference
from triggers.alerts.endpoints import Auth, Endpoint, Jwt
from triggers.alerts.paths import PathError, parse
from triggers.console.access import ConsoleRole
from triggers.console.settings import Oidc
from triggers.serve.config import ServeConfig

Rule = Callable[[ServeConfig], Iterator[Finding]]

_ANY = ("bearer", "basic", "header", "query", "jwt")
_WAYS: dict[str, tuple[str, ...]] = {
    "grafana": (*_ANY, "hmac"),
    "pagerduty": (*_ANY, "hmac"),
    "generic": (*_ANY, "hmac"),
    "sns": ("sns",),
}
_OWN_SIGNATURE = ("grafana", "pagerduty")
_LOCAL = ("127.0.0.1", "localhost", "::1")


def _local(address: str) -> bool:
    """The address is on this machine."""
    return urlsplit(address).hostname in _LOCAL


def something(config: ServeConfig) -> Iterator[Finding]:
    """A server has something to serve."""
    if not config.alerts and config.slack is None and config.console is None:
        yield Finding((), "there is nothing to serve: declare `alerts:` endpoints, `slack:` or `console: {}`")


def names(config: ServeConfig) -> Iterator[Finding]:
    """An address stands for one endpoint."""
    for number, endpoint in enumerate(config.alerts):
        if any(endpoint.path == other.path for other in config.alerts[:number]):
            yield Finding(("alerts", number, "name"), f"{endpoint.path} is declared twice; give it another name")


def proofs(config: ServeConfig) -> Iterator[Finding]:
    """Every endpoint has one way to prove its senders that its source knows; without any it stays on this machine."""
    for number, endpoint in enumerate(config.alerts):
        path: DocumentPath = ("alerts", number, "auth")
        if isinstance(endpoint.auth, Auth):
            yield from _way(endpoint, endpoint.auth, path)
        elif not config.loopback:
            yield Finding(
                path,
                f"{endpoint.path} proves nobody, and {config.listen} can be reached from elsewhere: "
                "give it a way to prove senders, or listen on 127.0.0.1",
            )


def _way(endpoint: Endpoint, auth: Auth, path: DocumentPath) -> Iterator[Finding]:
    ways, allowed = auth.ways(), _WAYS.get(endpoint.source, _ANY)
    if len(ways) != 1:
        given = f"not {' and '.join(ways)}" if ways else "not none (or the word `none`, on this machine only)"
        yield Finding(path, f"give one way to prove senders ({', '.join(allowed)}), {given}")
    elif ways[0] not in allowed:
        known = " or ".join(allowed)
        sentence = f"`{endpoint.source}` cannot prove itself by `{ways[0]}`; it can by {known}"
        yield Finding((*path, ways[0]), sentence, on_key=True)
    elif auth.hmac is not None and not auth.hmac.header and endpoint.source not in _OWN_SIGNATURE:
        yield Finding((*path, "hmac"), "say in which `header` the signature comes", on_key=True)
    elif auth.hmac is not None and auth.hmac.timestamp_header and endpoint.source == "pagerduty":
        yield Finding((*path, "hmac", "timestamp_header"), "PagerDuty signs no time; take this away", on_key=True)
    elif auth.jwt is not None:
        yield from _token(auth.jwt, (*path, "jwt"))


def _token(jwt: Jwt, path: DocumentPath) -> Iterator[Finding]:
    if urlsplit(jwt.jwks).scheme != "https" and not _local(jwt.jwks):
        yield Finding((*path, "jwks"), "the issuer's keys must be fetched by https")


def mappings(config: ServeConfig) -> Iterator[Finding]:
    """`generic` says what its body means, and nobody else does; every path can be followed."""
    for number, endpoint in enumerate(config.alerts):
        path: DocumentPath = ("alerts", number, "mapping")
        if endpoint.source == "generic" and endpoint.mapping is None:
            yield Finding(path, f"alerts[{number}].mapping is missing: it says where the parts of an alert are")
        elif endpoint.source != "generic" and endpoint.mapping is not None:
            yield Finding(
                path, f"`{endpoint.source}` has a form of its own; only `generic` takes a mapping", on_key=True
            )
        if endpoint.mapping is None:
            continue
        for where, text in endpoint.mapping.paths():
            try:
                parse(text)
            except PathError as error:
                yield Finding((*path, *where), str(error))
        both = sorted(set(endpoint.mapping.firing) & set(endpoint.mapping.resolved))
        if both:
            yield Finding((*path, "resolved"), f"`{both[0]}` cannot be both firing and resolved")


def slack(config: ServeConfig) -> Iterator[Finding]:
    """Slack is reached one way, and its tokens are references."""
    if config.slack is None:
        return
    for name in ("bot_token", "app_token", "signing_secret"):
        token = getattr(config.slack, name)
        if token is not None and not is_secret_reference(token):
            yield Finding(("slack", name), f"slack.{name}: {why_none(token)}")
    for number, name in enumerate(config.slack.may_start):
        group = name.removeprefix("slack-group:")
        if group != name and group not in config.slack.groups:
            sentence = f"nobody can be proved to be in {name}: add {group} to `groups`"
            yield Finding(("slack", "may_start", number), sentence)
    if config.slack.app_token is None and config.slack.signing_secret is None:
        yield Finding(
            ("slack",), "give `app_token` (Socket Mode) or `signing_secret` (HTTP): without one Slack cannot be heard"
        )


def console(config: ServeConfig) -> Iterator[Finding]:
    """The console is for this machine only, or its visitors prove who they are; logins travel by https."""
    declared = config.console
    if declared is None:
        return
    if not config.loopback and declared.open:
        yield Finding(
            ("console",),
            f"the console proves nobody, and {config.listen} can be reached from elsewhere: "
            "declare `oidc` or `tokens: true`, or listen on 127.0.0.1",
            on_key=True,
        )
    elif not config.loopback and declared.address is None:
        sentence = "console.address is missing: say where browsers find it, such as https://evac.example.com"
        yield Finding(("console",), sentence, on_key=True)
    if declared.address is not None and not declared.secure and not _local(declared.address):
        yield Finding(("console", "address"), "what people send must be secret: the console's address must be https")
    if declared.oidc is not None:
        yield from _login(declared.oidc)


def _login(oidc: Oidc) -> Iterator[Finding]:
    path: DocumentPath = ("console", "oidc")
    if urlsplit(oidc.issuer).scheme != "https" and not _local(oidc.issuer):
        yield Finding((*path, "issuer"), "the issuer must be reached by https")
    if "openid" not in oidc.scopes:
        yield Finding((*path, "scopes"), "`openid` is missing: without it no issuer says who somebody is")
    if not any(oidc.roles.members(role) for role in ConsoleRole):
        sentence = "nobody could enter: name somebody in `roles` (subjects, or oidc-group:<group>)"
        yield Finding((*path, "roles") if oidc.model_fields_set & {"roles"} else path, sentence)


RULES: tuple[Rule, ...] = (something, names, proofs, mappings, slack, console)


def check(config: ServeConfig) -> list[Finding]:
    """Every finding of every rule."""
    return [finding for rule in RULES for finding in rule(config)]
