"""boto3's sessions: the one place that makes them. boto3 is an extra, and half a second: only where AWS is asked."""

import functools
from typing import Any


def session(**asked: Any) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
    """A session with the services' models that others have read already: this is recovery time.

    Raises ModuleNotFoundError when the extra is not there.
    """
    import boto3  # noqa: PLC0415 - an extra

    made = boto3.Session(**asked)
    made._session.register_component("data_loader", _models())  # noqa: SLF001 - boto3 gives no other way
    return made


@functools.cache
def _models() -> Any:  # noqa: ANN401 - as above
    """What botocore knows of AWS's services: no client, only parsed files, which cost up to half a second a service."""
    from botocore.loaders import create_loader  # noqa: PLC0415 - as boto3

    return create_loader()
