import asyncio
import gzip

import httpx
import pytest

from app.domain.change import Change
from app.domain.errors import (
    NotAllowed,
    NotSignedIn,
    TooManyAttempts,
    Unavailable,
    Unreachable,
    UnsupportedProtocol,
    WireError,
    ZoufangError,
)
from app.domain.wire import SyncHeader
from app.sync.client import SyncClient
from tests.fakes import FakeServer, sign_in_answer

HEADER = SyncHeader(protocol=1, device="phone-1", cursor=None, first=1, sent_at=1)


def client_of(handler: object) -> SyncClient:
    transport = httpx.MockTransport(handler)  # type: ignore[arg-type]
    return SyncClient(httpx.AsyncClient(base_url="https://server.test", transport=transport), "secret")


def test_an_exchange_is_one_gzipped_request_with_the_token(server: FakeServer) -> None:
    seen: list[httpx.Request] = []
    server.before_take = seen.append  # type: ignore[assignment]
    change = Change(
        device="phone-1", seq=1, hlc=1, actor="w", entity="visit", record="v", fields={"a": "甲" * 99}
    )
    answer = asyncio.run(SyncClient(server.client(), "secret").exchange(HEADER, [change]))
    (request,) = seen
    assert (request.method, request.url.path) == ("POST", "/v1/sync")
    wanted = ("authorization", "content-type", "content-encoding")
    assert [request.headers[name] for name in wanted] == ["Bearer secret", "application/x-ndjson", "gzip"]
    assert len(request.content) < len(gzip.decompress(request.content))
    assert [receipt.status for receipt in answer.receipts] == ["accepted"]


def test_a_sync_with_nothing_to_say_takes_at_most_400_bytes_each_way(server: FakeServer) -> None:
    sizes: list[int] = []
    server.before_take = lambda request: sizes.append(len(request.content))  # type: ignore[func-returns-value]
    server.before_answer = lambda response: sizes.append(int(response.headers["content-length"]))  # type: ignore[func-returns-value]
    asyncio.run(SyncClient(server.client(), "secret").exchange(HEADER, []))
    assert len(sizes) == 2
    assert max(sizes) <= 400


@pytest.mark.parametrize(
    ("status", "body", "kind", "sentence"),
    [
        pytest.param(401, {"sentence": "请重新登录。"}, NotSignedIn, "请重新登录。", id="token not taken"),
        pytest.param(403, {"sentence": "不在范围内。"}, NotAllowed, "不在范围内。", id="not allowed"),
        pytest.param(426, {"sentence": "请更新。"}, UnsupportedProtocol, "请更新。", id="too old"),
        pytest.param(429, {"sentence": "请等一分钟。"}, TooManyAttempts, "请等一分钟。", id="too often"),
        pytest.param(400, {"sentence": "不完整。"}, WireError, "不完整。", id="not understood"),
        pytest.param(503, "<html>bad gateway</html>", Unavailable, "503", id="a proxy's page"),
        pytest.param(500, ["no", "problem"], Unavailable, "500", id="not a problem document"),
        pytest.param(204, "", Unavailable, "204", id="nothing at all"),
    ],
)
def test_a_refusal_becomes_one_of_our_errors(
    status: int, body: object, kind: type[ZoufangError], sentence: str
) -> None:
    content = {"text": body} if isinstance(body, str) else {"json": body}
    client = client_of(lambda _: httpx.Response(status, **content))  # type: ignore[arg-type]
    with pytest.raises(kind, match=sentence):
        asyncio.run(client.exchange(HEADER, []))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param(httpx.ConnectError("refused"), Unreachable, id="no connection"),
        pytest.param(httpx.ConnectTimeout("slow"), Unreachable, id="connecting takes too long"),
        pytest.param(httpx.ReadTimeout("slow"), Unavailable, id="no answer"),
        pytest.param(httpx.RemoteProtocolError("cut"), Unavailable, id="connection cut"),
        pytest.param(httpx.DecodingError("gzip"), WireError, id="broken compression"),
    ],
)
def test_what_happens_on_the_way_becomes_one_of_our_errors(
    fault: Exception, kind: type[ZoufangError]
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise fault

    with pytest.raises(kind) as raised:
        asyncio.run(client_of(fail).exchange(HEADER, []))
    assert type(raised.value) is kind


@pytest.mark.parametrize(
    "body", [b"", b"<html>log in to the hotel's network</html>", b'{"row":{}}\n', b"[1]\n"], ids=repr
)
def test_an_answer_that_is_none_is_a_wire_error(body: bytes) -> None:
    with pytest.raises(WireError):
        asyncio.run(client_of(lambda _: httpx.Response(200, content=body)).exchange(HEADER, []))


def test_signing_in_hands_the_answer_over_as_it_is() -> None:
    seen: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.content)
        return httpx.Response(200, json=sign_in_answer())

    found = asyncio.run(client_of(answer).sign_in("zhoulan", "invented", "红米 12"))
    assert found == sign_in_answer()
    assert httpx.Response(200, content=seen[0]).json() == {
        "login": "zhoulan",
        "password": "invented",
        "label": "红米 12",
    }


def test_a_sign_in_page_of_somebody_elses_network_is_no_answer() -> None:
    with pytest.raises(WireError):
        asyncio.run(client_of(lambda _: httpx.Response(200, text="welcome")).sign_in("a", "b", "c"))
