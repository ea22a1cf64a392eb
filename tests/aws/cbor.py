"""The protocol that moto does not know: Smithy RPC v2 with CBOR, by botocore's own reader and writer of it.

https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

import functools
import re
from typing import Any

from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer
from moto.core.exceptions import ServiceException
from moto.core.utils import get_service_model

_PATH = re.compile(r"/service/[^/]+/operation/(\w+)")
_REFUSED = 400


def operation_of(environ: dict[str, Any], service: str) -> Any:
    """The operation that is asked; None when the request is in another protocol."""
    found = _PATH.fullmatch(environ["PATH_INFO"]) if speaks(environ) else None
    if found is None:
        return None
    model = get_service_model(service)
    return model.operation_model(found[1]) if found[1] in model.operation_names else None


def speaks(environ: dict[str, Any]) -> bool:
    """The request is in this protocol."""
    return str(environ.get("HTTP_SMITHY_PROTOCOL", "")) == "rpc-v2-cbor"


def parsed(body: bytes) -> dict[str, Any]:
    """The parameters."""
    reader = RpcV2CBORParser()
    given: dict[str, Any] = reader.parse_data_item(reader.get_peekable_stream_from_bytes(body)) if body else {}
    return given


def answered(operation: Any, result: Any) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body."""
    headers = {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
    body = bytearray()
    if isinstance(result, ServiceException):
        said = {"__type": result.code, "message": result.message}
        _writer()._serialize_type_map(body, said, _texts(), None)
        return _REFUSED, headers, bytes(body)
    _writer()._serialize_data_item(body, result, operation.output_shape)
    return 200, headers, bytes(body)


@functools.cache
def _writer() -> Any:
    return RpcV2CBORSerializer()


def _texts() -> Any:
    """The shape of a mapping from texts to texts, as botocore would write one."""

    class Text:
        type_name = "string"

    class Texts:
        key = value = Text

    return Texts
