"""The way to AWS is as AWS's own, where a client would notice."""

import socket
from urllib.parse import urlsplit

from tests.aws.world import World

QUESTION = "Action=GetCallerIdentity&Version=2011-06-15"
HEADERS = (
    "POST / HTTP/1.1\r\nHost: sts.amazonaws.com\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=AKIATEST/20261130/us-east-1/sts/aws4_request, "
    f"SignedHeaders=host, Signature=0\r\nContent-Length: {len(QUESTION)}\r\n\r\n"
)


def test_an_answer_comes_in_one_piece(aws: World) -> None:
    """Its headers and its body: what is read first holds both, so that a client need not wait for the second."""
    place = urlsplit(aws.url)
    for _ in range(10):
        with socket.create_connection((place.hostname, place.port), timeout=10) as line:
            line.sendall((HEADERS + QUESTION).encode())
            first = line.recv(1 << 16)
        assert (first.startswith(b"HTTP/1.1 200 OK"), b"</GetCallerIdentityResponse>" in first) == (True, True), first


def test_a_body_that_is_asked_for_first_is_waited_for_by_nobody(aws: World) -> None:
    """Of `Expect: 100-continue`, which boto3 sends with what it stores."""
    place = urlsplit(aws.url)
    with socket.create_connection((place.hostname, place.port), timeout=10) as line:
        line.sendall(HEADERS.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n").encode())
        assert line.recv(1 << 16).startswith(b"HTTP/1.1 100 Continue")
        line.sendall(QUESTION.encode())
        assert b"HTTP/1.1 200 OK" in line.recv(1 << 16)
