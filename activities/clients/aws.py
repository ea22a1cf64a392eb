"""AWS, asked through boto3: one client a service and call, in threads of the call's own.

`read` may be sent again by botocore itself; `change` is sent once. A change whose answer was lost is never repeated
here: the step ends, comes again, and looks first (`activities/acting.py`). Only throttling, which says that nothing was
done, is waited out. boto3 blocks, so it works in threads that nobody waits for when the call is over.

Retries: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/retries.html (mode `standard`).
"""

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from activities.clients import aws_errors
from activities.clients.aws_actions import iam_action
from activities.clients.aws_session import session
from activities.clients.bounded import bounded
from activities.clients.throttled import patiently
from activities.contract import Job
from runbooks.aws.access import AwsSettings
from runbooks.steps import ErrorType

Answer = dict[str, Any]
NO_MEANINGS: Mapping[str, ErrorType] = {}

_THREADS = 6
_READ_TRIES = 3
_FIRST_WAIT = 0.2
_SESSION_NAME = 64
"""AWS's own bound (AssumeRole, `RoleSessionName`)."""


class Aws:
    """One region of AWS for one call. Made by `aws(job)`."""

    def __init__(self, job: Job[Any], settings: AwsSettings) -> None:
        self._job = job
        self._settings = settings
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="aws")
        self._clients: dict[tuple[str, bool], Any] = {}
        self._session: Any = None
        self._making = asyncio.Lock()
        job.stack.callback(self._threads.shutdown, wait=False, cancel_futures=True)

    @property
    def region(self) -> str:
        """The region that is asked."""
        return self._settings.aws_region

    async def read(
        self,
        service: str,
        operation: str,
        /,
        *,
        meanings: Mapping[str, ErrorType] = NO_MEANINGS,
        stream: str = "",
        **asked: Any,
    ) -> Answer:
        """Ask what changes nothing: `read("rds", "describe_db_instances", DBInstanceIdentifier=...)`.

        `meanings` says what an error code means where the general rule is wrong; `stream` as for `change`.
        Raises StepError.
        """
        return await self._ask(service, operation, asked, meanings, once=False, stream=stream)

    async def pages(
        self,
        service: str,
        operation: str,
        key: str,
        /,
        *,
        meanings: Mapping[str, ErrorType] = NO_MEANINGS,
        **asked: Any,
    ) -> list[Any]:
        """All items under `key`, over all pages. Raises StepError."""
        client = await self._client(service, once=False)

        def walk() -> list[Any]:
            return [item for page in client.get_paginator(operation).paginate(**asked) for item in page.get(key, ())]

        found: list[Any] = await self._in_thread(walk, _name(service, client, operation), meanings)
        return found

    async def change(
        self, service: str, operation: str, /, *, meanings: Mapping[str, ErrorType] = NO_MEANINGS, **asked: Any
    ) -> Answer:
        """Ask for a change, once; wait out throttling, which changed nothing. Raises StepError.

        TIMED_OUT or UNREACHABLE may mean that it was done: whoever asks looks again before asking again.
        """
        return await self._change(service, operation, asked, meanings)

    async def streamed(self, service: str, operation: str, stream: str, /, **asked: Any) -> Answer:
        """A change whose answer comes piece by piece in that member: it is read to its end, into bytes."""
        return await self._change(service, operation, asked, NO_MEANINGS, stream)

    async def _change(
        self, service: str, operation: str, asked: Answer, meanings: Mapping[str, ErrorType], stream: str = ""
    ) -> Answer:
        return await patiently(
            lambda: self._ask(service, operation, asked, meanings, once=True, stream=stream),
            lambda error: error.evidence.get("code") in aws_errors.THROTTLED,
            _FIRST_WAIT,
        )

    async def presigned(self, service: str, operation: str, /, *, headers: Mapping[str, str], seconds: int) -> str:
        """The URL of a question that somebody else may ask in our name, with these headers, for so long.

        Nothing is sent for it. Raises StepError.
        """
        await self._client(service, once=False)  # whoever asks is known from then on

        def add(request: Any, **_: Any) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
            for name, value in headers.items():
                request.headers.add_header(name, value)

        def sign() -> str:
            client = self._made(self._session, service, once=False)  # one of its own: the headers are for this URL only
            client.meta.events.register(f"before-sign.{service}", add)
            return str(client.generate_presigned_url(operation, ExpiresIn=seconds, HttpMethod="GET"))

        return str(await self._in_thread(sign, f"{service}:the signature", NO_MEANINGS))

    async def signed(self, service: str, /, method: str, url: str, body: bytes) -> dict[str, str]:
        """The headers that sign a request which is not of boto3's making: a service's own interface over HTTP.

        Nothing is sent for it. Raises StepError.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
        """
        client = await self._client(service, once=False)

        def sign() -> dict[str, str]:
            from botocore.auth import SigV4Auth  # noqa: PLC0415 - as boto3
            from botocore.awsrequest import AWSRequest  # noqa: PLC0415
            from botocore.exceptions import NoCredentialsError  # noqa: PLC0415

            held = self._session.get_credentials()
            if held is None:
                raise NoCredentialsError
            request = AWSRequest(method=method, url=url, data=body, headers={"Content-Type": "application/json"})
            model = client.meta.service_model
            SigV4Auth(held.get_frozen_credentials(), model.signing_name, self.region).add_auth(request)
            return dict(request.headers.items())

        made: dict[str, str] = await self._in_thread(sign, f"{service}:the signature", NO_MEANINGS)
        return made

    async def _ask(  # noqa: PLR0913 - what is asked, and how
        self,
        service: str,
        operation: str,
        asked: Answer,
        meanings: Mapping[str, ErrorType],
        *,
        once: bool,
        stream: str = "",
    ) -> Answer:
        client = await self._client(service, once=once)
        method = getattr(client, operation)

        def work() -> Answer:
            answer: Answer = method(**asked)
            if stream in answer:
                answer[stream] = answer[stream].read()
            return answer

        answer: Answer = await self._in_thread(work, _name(service, client, operation), meanings)
        answer.pop("ResponseMetadata", None)
        return answer

    async def _client(self, service: str, *, once: bool) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
        async with self._making:
            found = self._clients.get((service, once))
            if found is None:
                asked = f"{service}:the client"
                if self._session is None:
                    self._session = await self._in_thread(self._authenticated, "sts:AssumeRole", NO_MEANINGS)
                found = await self._in_thread(lambda: self._made(self._session, service, once=once), asked, NO_MEANINGS)
                self._clients[service, once] = found
            return found

    def _authenticated(self) -> Any:  # noqa: ANN401
        settings = self._settings
        own = session(region_name=settings.aws_region, profile_name=settings.profile)
        if settings.role is None:
            return own
        asked = {
            "RoleArn": settings.role,
            "RoleSessionName": session_name(self._job.call.run),
            "ExternalId": self._job.secrets.reveal(settings.external_id),
        }
        sts = self._made(own, "sts", once=False)
        given = sts.assume_role(**{key: value for key, value in asked.items() if value})["Credentials"]
        return session(
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
            region_name=settings.aws_region,
        )

    def _made(self, by: Any, service: str, *, once: bool) -> Any:  # noqa: ANN401
        from botocore.config import Config  # noqa: PLC0415 - as boto3

        settings = self._settings
        config = Config(
            connect_timeout=settings.connect_timeout,
            read_timeout=min(settings.read_timeout, max(1.0, self._job.allowed / 2)),
            tcp_keepalive=True,  # a function may think for a quarter of an hour, and what is silent is cut on the way
            retries={"mode": "standard", "total_max_attempts": 1 if once else _READ_TRIES},
            user_agent_extra="evac",
        )
        where = settings.endpoints.get(service, settings.endpoint)
        return by.client(service, region_name=settings.aws_region, endpoint_url=where, config=config)

    async def _in_thread(self, work: Any, asked: str, meanings: Mapping[str, ErrorType]) -> Any:  # noqa: ANN401
        loop = asyncio.get_running_loop()
        return await bounded(
            lambda: loop.run_in_executor(self._threads, work),
            self._job,
            "AWS",
            asked,
            lambda error: aws_errors.of_exception(error, asked, meanings),
        )


def aws(job: Job[Any], settings: AwsSettings | None = None) -> Aws:
    """AWS for this call: as its settings say, or as others do (those of an upstream, for one). One a place and call."""
    found = settings or job.settings
    assert isinstance(found, AwsSettings)
    where = ("aws", *(getattr(found, name) for name in ("aws_region", "role", "external_id", "profile", "endpoint")))
    key = (*where, tuple(sorted(found.endpoints.items())))
    made = job.kept.setdefault(key, None) or Aws(job, found)
    job.kept[key] = made
    assert isinstance(made, Aws)
    return made


def session_name(run: str) -> str:
    """A role's session is named after the run, so that CloudTrail shows which run did what."""
    return re.sub(r"[^\w+=,.@-]", "-", f"evac-{run}")[:_SESSION_NAME]


def _name(service: str, client: Any, operation: str) -> str:  # noqa: ANN401
    """`rds:PromoteReadReplica`, as IAM calls it."""
    return iam_action(service, client.meta.method_to_api_mapping.get(operation, operation))
