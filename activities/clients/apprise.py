"""One sentence through the library apprise: an extra (`evac[notices]`), imported only when it is needed.

An apprise URL holds passwords, in any of its parts: neither it nor what the library says of it is ever repeated or
logged; only the service's name and the code of its answer are.
"""

import logging
import re
import warnings
from typing import Any

from activities.errors import StepError
from runbooks.steps import ErrorType

_TALKATIVE = ("apprise", "urllib3", "requests")
"""They log addresses, in which there may be passwords."""
_CODE = re.compile(r"error[ =]+(\d{3})\b|\((\d{3}), b['\"]")
"""How the library tells the code of an HTTP answer, and of one by SMTP."""
_DENIED = frozenset({401, 403, 530, 534, 535, 538})
_NOT_FOUND = frozenset({404, 410, 550, 553})
_BUSY = frozenset({408, 425, 429, 421, 450, 451, 452})
_HTTP_CLIENT, _HTTP_SERVER = range(400, 420), range(500, 530)


class Service:
    """What the URL leads to. Raises StepError for a URL that the library cannot use."""

    def __init__(self, url: str, reference: str) -> None:
        self._reference = reference
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it loads two hundred services, and what those import
            self._library = _library()
            asset = self._library.AppriseAsset(app_id="Evac", app_desc="Evac", app_url="", storage_mode="memory")
            self._apprise = self._library.Apprise(asset=asset)
            usable = self._apprise.add(url)
        if not usable or len(self._apprise) != 1:
            advice = "put one there, such as those of https://github.com/caronc/apprise/wiki"
            why = f"What {reference} holds is no one URL that apprise can use: {advice}."
            raise StepError(ErrorType.BAD_SETTINGS, why)
        self.name = str(self._apprise[0].service_name)

    async def send(self, title: str, text: str, within: float) -> None:
        """Send it. Raises StepError."""
        result = await self._apprise.async_notify(
            body=text,
            title=title,
            body_format=self._library.NotifyFormat.TEXT,
            notify_type=self._library.NotifyType.WARNING,
            interpret_escapes=False,
            timeout=within,
            log_level=logging.DEBUG,
        )
        if not result:
            raise self._refused(result)

    def _refused(self, result: Any) -> StepError:  # noqa: ANN401 - an extra's class
        said = [entry.message for one in result.results for attempt in one.attempts for entry in attempt.logs]
        codes = [int(found[1] or found[2]) for text in said for found in _CODE.finditer(text)]
        code = codes[-1] if codes else None
        told = f" ({code})" if code else ""
        where = f"{self.name}, as {self._reference} gives it,"
        if code in _DENIED:
            return StepError(ErrorType.DENIED, f"{where} refuses the credentials{told}: renew them there.")
        if code in _NOT_FOUND:
            return StepError(ErrorType.NOT_FOUND, f"{where} knows no such receiver{told}: correct the URL.")
        if code in _BUSY:
            return StepError(ErrorType.BUSY, f"{where} asks to wait{told}.")
        if code in _HTTP_CLIENT:
            return StepError(ErrorType.WRONG_STATE, f"{where} does not take the message{told}: look at the URL.")
        if code is None or code in _HTTP_SERVER:
            return StepError(ErrorType.UNREACHABLE, f"{where} gives no good answer{told}.")
        return StepError(ErrorType.NOT_YET, f"{where} did not take the message{told}.")


def _library() -> Any:  # noqa: ANN401 - an extra
    try:
        import apprise  # noqa: PLC0415 - an extra
    except ImportError:
        why = "This notice needs the package apprise on this worker: install evac[notices] there."
        raise StepError(ErrorType.BAD_SETTINGS, why) from None
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
    logging.getLogger("apprise").setLevel(logging.DEBUG)  # for the result alone: in it is the code of an answer
    return apprise
