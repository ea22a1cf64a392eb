"""boto3's sessions: the one place that makes them. boto3 is an extra, and half a second: only where AWS is asked.

What is the same for all (botocore's handlers of events, the services' models) is made once: this is recovery time.
Credentials, settings and connections are each session's own.
"""

import copy
import functools
from typing import Any


def session(**asked: Any) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
    """A session with the services' models that others have read already.

    Raises ModuleNotFoundError when the extra is not there.
    """
    import boto3  # noqa: PLC0415 - an extra
    from botocore.session import Session  # noqa: PLC0415 - as boto3

    own = Session(event_hooks=copy.copy(_handlers()), include_builtin_handlers=False)
    made = boto3.Session(botocore_session=own, **asked)
    own.register_component("data_loader", _models())  # afterwards: boto3 adds its folder to the loader that it finds
    return made


@functools.cache
def _handlers() -> Any:  # noqa: ANN401 - as above
    """What botocore does at each event: some 130 functions, which it looks at one by one, 6 ms a session."""
    from botocore.hooks import HierarchicalEmitter  # noqa: PLC0415 - as boto3
    from botocore.session import Session  # noqa: PLC0415

    made = HierarchicalEmitter()
    Session(event_hooks=made)  # it registers them there
    return made


@functools.cache
def _models() -> Any:  # noqa: ANN401 - as above
    """What botocore knows of AWS's services: no client, only parsed files, which cost up to half a second a service."""
    from botocore.loaders import create_loader  # noqa: PLC0415 - as boto3

    return create_loader()
