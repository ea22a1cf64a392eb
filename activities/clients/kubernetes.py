"""Kubernetes, asked through kubernetes_asyncio: one client a call, every failure a StepError.

Nothing is sent twice but what the server has turned away unread (HTTP 429): after a lost answer, whoever asks looks
first.
"""

import asyncio
import base64
import importlib
import tempfile
from pathlib import Path
from typing import Any

from activities.clients.aws import aws
from activities.clients.kubernetes_errors import of_error, silent, wait_of
from activities.contract import Job
from activities.errors import StepError
from runbooks.kubernetes import EksAccess, KubernetesAccess
from runbooks.steps import ErrorType

Thing = dict[str, Any]

_TRIES = 5
_LONGEST_WAIT = 10.0
_TOKEN_SECONDS = 60
"""So long EKS's own clients have their URL signed; what it proves lasts for 15 minutes."""
_PATCH = "application/merge-patch+json"


class Cluster:
    """The API server of one cluster for one call. Made by `cluster(job)`."""

    def __init__(self, job: Job[Any], settings: KubernetesAccess, api: Any) -> None:  # noqa: ANN401 - it has no types
        self._job = job
        self._settings = settings
        self._api = api

    async def get(self, path: str, **query: str) -> Thing:
        """What is at that path. Raises StepError."""
        return await self._ask("GET", path, None, query)

    async def patch(self, path: str, changes: Thing) -> Thing:
        """Merge the changes into what is there, and give it back.

        With `metadata.resourceVersion` among them this is a compare-and-set: CONFLICT when it has changed since.
        Raises StepError.
        """
        return await self._ask("PATCH", path, changes, {})

    async def _ask(self, method: str, path: str, body: Thing | None, query: dict[str, str]) -> Thing:
        asked = f"{method} {path}"
        for tries_left in reversed(range(_TRIES)):
            try:
                return await self._once(method, path, body, query)
            except TimeoutError:
                raise silent(asked) from None
            except Exception as error:
                found, wait = of_error(error, asked), wait_of(error)
                if found is None:
                    raise
                if wait is None or not tries_left:
                    raise found from None
            await asyncio.sleep(min(wait, _LONGEST_WAIT))
        raise AssertionError

    async def _once(self, method: str, path: str, body: Thing | None, query: dict[str, str]) -> Thing:
        bounds = (self._settings.connect_timeout, min(self._settings.read_timeout, max(1.0, self._job.allowed / 2)))
        headers = {"Accept": "application/json", **({"Content-Type": _PATCH} if body is not None else {})}
        async with asyncio.timeout(self._job.allowed):
            answer: Thing = await self._api.call_api(
                path,
                method,
                query_params=list(query.items()),
                header_params=headers,
                body=body,
                response_types_map={200: "object", 201: "object"},
                auth_settings=["BearerToken"],
                _return_http_data_only=True,
                _request_timeout=bounds,
            )
        return answer


async def cluster(job: Job[Any], settings: KubernetesAccess | None = None) -> Cluster:
    """The cluster of this call's settings, or of others (an upstream's); one a place and call. Raises StepError."""
    settings = settings or job.settings
    assert isinstance(settings, KubernetesAccess)
    key = ("kubernetes", settings.model_dump_json(include=set(KubernetesAccess.model_fields)))
    made = job.kept.get(key)
    if made is None:
        # An extra, and a second to read: only where Kubernetes is asked, and beside everything else.
        try:
            client = await asyncio.to_thread(importlib.import_module, "kubernetes_asyncio.client")
        except ImportError:
            sentence = "This worker has no client of Kubernetes: install `evac[kubernetes]` there."
            raise StepError(ErrorType.BAD_SETTINGS, sentence) from None
        configuration = client.Configuration()
        if settings.kubeconfig is not None:
            await _by_file(job, settings, configuration)
        else:
            await _by_server(job, settings, configuration)
        api = client.ApiClient(configuration=configuration)
        job.stack.push_async_callback(api.close)
        made = job.kept[key] = Cluster(job, settings, api)
    assert isinstance(made, Cluster)
    return made


async def _by_file(job: Job[Any], settings: KubernetesAccess, configuration: Any) -> None:  # noqa: ANN401
    from kubernetes_asyncio.config import ConfigException, load_kube_config  # noqa: PLC0415 - as above

    path = Path(str(settings.kubeconfig))
    if not await asyncio.to_thread(path.is_file):
        sentence = f"There is no kubeconfig {settings.kubeconfig} on this worker's machine: put it there."
        raise StepError(ErrorType.BAD_SETTINGS, sentence)
    try:
        async with asyncio.timeout(job.allowed):  # it may start a program that gives a token
            await load_kube_config(
                config_file=str(path),
                context=settings.context,
                client_configuration=configuration,
                persist_config=False,
                temp_file_path=_directory(job),
            )
    except TimeoutError:
        asked = f"the credentials of the kubeconfig {settings.kubeconfig}"
        raise silent(asked) from None
    except ConfigException as error:
        sentence = f"The kubeconfig {settings.kubeconfig} cannot be used: {str(error).strip().rstrip('.')}."
        raise StepError(ErrorType.BAD_SETTINGS, sentence) from None


async def _by_server(job: Job[Any], settings: KubernetesAccess, configuration: Any) -> None:  # noqa: ANN401
    server, authority = settings.server, job.secrets.reveal(settings.ca)
    if settings.eks is not None and server is None:
        server, authority = await _found(job, settings.eks)
    token = job.secrets.reveal(settings.token) if settings.eks is None else await eks_token(job, settings.eks)
    configuration.host = str(server).rstrip("/")
    configuration.api_key["BearerToken"] = f"Bearer {token}"
    if authority is not None:
        file = Path(_directory(job)) / "ca.pem"
        file.write_text(authority, encoding="ascii")
        configuration.ssl_ca_cert = str(file)


async def _found(job: Job[Any], eks: EksAccess) -> tuple[str, str | None]:
    """Where the API server is, and who has signed its certificate."""
    found = (await aws(job, eks).read("eks", "describe_cluster", name=eks.cluster))["cluster"]
    if not found.get("endpoint"):
        sentence = f"The EKS cluster {eks.cluster} ({eks.aws_region}) is {found['status']}, and has no API server yet."
        raise StepError(ErrorType.WRONG_STATE, f"{sentence} Look at it.")
    authority = found.get("certificateAuthority", {}).get("data")
    return str(found["endpoint"]), base64.b64decode(authority).decode("ascii") if authority else None


async def eks_token(job: Job[Any], eks: EksAccess) -> str:
    """What `aws eks get-token` gives: a signed question to STS who is asking, which the cluster asks in our name.

    https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
    """
    headers = {"x-k8s-aws-id": eks.cluster}
    url = await aws(job, eks).presigned("sts", "get_caller_identity", headers=headers, seconds=_TOKEN_SECONDS)
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode("ascii").rstrip("=")


def _directory(job: Job[Any]) -> str:
    return job.stack.enter_context(tempfile.TemporaryDirectory(prefix="evac-kubernetes-"))
