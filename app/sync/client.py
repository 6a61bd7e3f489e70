"""The phone's side of the wire: one method an endpoint, every failure one of our errors.

httpx is imported where it is first used: in a browser that takes 0.4 s, which the first screen
does not wait for.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.domain.change import Change
from app.domain.errors import (
    BadInput,
    NotAllowed,
    NotSignedIn,
    TooLarge,
    TooManyAttempts,
    Unavailable,
    Unreachable,
    UnsupportedProtocol,
    WireError,
    ZoufangError,
)
from app.domain.relay import PROOF_HEADER, RelayBatch
from app.domain.wire import (
    PROTOCOL,
    SUPPORTED,
    Answer,
    DigestAnswer,
    DigestQuestion,
    SyncHeader,
    decode_answer,
    encode_request,
)

if TYPE_CHECKING:
    import httpx

# A phone at the edge of a network is slow, not dead: it may wait long for a byte, but not for ever.
_CONNECT_S, _STALL_S = 10.0, 60.0
_REFUSALS: dict[int, type[ZoufangError]] = {
    401: NotSignedIn,
    403: NotAllowed,
    413: TooLarge,
    415: BadInput,
    422: BadInput,
    426: UnsupportedProtocol,
    429: TooManyAttempts,
}


PHOTO_RECEIPT = "zoufang-photo-receipt"
_NOT_APPENDED = "服务器没有收下这一段照片，会再核对。"


class ChunkRefused(WireError):
    """A chunk of a photo that the server did not append: `upload_offset` tells where to go on."""


class SyncClient:
    """The server at `http`'s base address, for the device whose `token` this is ("" before sign-in)."""

    def __init__(self, http: httpx.AsyncClient, token: str = "") -> None:
        self._http = http
        self._token = token
        self.received_bytes = 0  # of all answers, as they came over the wire
        self.protocol = PROTOCOL  # lower once an older server has said what it speaks

    def use_token(self, token: str) -> None:
        """Go on under another device id."""
        self._token = token

    async def sign_in(self, login: str, password: str, label: str) -> dict[str, Any]:
        """`POST /v1/sign-in`: the answer as account.keep_sign_in takes it; `label` names the device.

        With the token of a device the account is enrolled on that device (a shared phone), and the
        answer may leave out the token, which stays the device's. Raises
        NotSignedIn for a wrong name or password, else as `exchange` does.
        """
        response = await self._post(
            "/v1/sign-in",
            json={"login": login, "password": password, "label": label},
            headers=self._authorised() if self._token else {},
        )
        answer = _object(response)
        return {**answer, "token": answer.get("token") or self._token} if self._token else answer

    async def sign_out(self, account_id: str, token: str, *, since_ms: int) -> None:
        """`POST /v1/sign-out`: take the account off the device whose `token` this is. Safe to repeat.

        `since_ms` is the `time` of the sign-in that ends; a later one stands.

        Raises what `exchange` raises; WireError from a server that cannot do it yet.
        """
        headers = {"authorization": f"Bearer {token}"}
        await self._post("/v1/sign-out", json={"account": account_id, "since": since_ms}, headers=headers)

    async def new_device(self) -> tuple[str, str]:
        """`POST /v1/device`: a fresh device id and its token, for a phone whose numbers are spent.

        Raises what `exchange` raises.
        """
        answer = _object(await self._post("/v1/device", headers=self._authorised()))
        device, token = answer.get("device"), answer.get("token")
        if not (isinstance(device, str) and device and isinstance(token, str) and token):
            raise WireError("服务器对换号的回答读不懂，稍后会再试。")
        return device, token

    async def digest(self, question: DigestQuestion) -> DigestAnswer:
        """`POST /v1/digest`: what the server holds for this device by part, and the rows of `want`.

        Raises what `exchange` raises.
        """
        response = await self._post(
            "/v1/digest", json=question.model_dump(mode="json"), headers=self._authorised()
        )
        try:
            return DigestAnswer.model_validate_json(response.content)
        except ValueError as fault:
            raise WireError("服务器的回答读不懂，稍后会再试。") from fault

    def speak_older(self, supported: frozenset[int]) -> bool:
        """Go on with the highest protocol of `supported` below the present one; False if there is none.

        A server that names none is asked in each older one that this phone knows.
        """
        older = [version for version in (supported or SUPPORTED) & SUPPORTED if version < self.protocol]
        if older:
            self.protocol = max(older)
        return bool(older)

    async def exchange(self, header: SyncHeader, changes: Sequence[Change]) -> Answer:
        """`POST /v1/sync`: Changes up, receipts and feed down.

        Raises Unreachable where no connection came about (nothing has left), Unavailable where the
        answer did not arrive or says so (it may have been taken all the same), WireError for an
        answer that is cut or wrong, NotSignedIn, UnsupportedProtocol.
        """
        response = await self._post(
            "/v1/sync",
            content=gzip.compress(encode_request(header, changes), 6, mtime=0),
            headers={
                **self._authorised(),
                "content-type": "application/x-ndjson",
                "content-encoding": "gzip",
                "accept-encoding": "gzip",
            },
        )
        return decode_answer(response.content)

    async def create_upload(
        self, sha256: str, size_bytes: int, mime: str, content: bytes
    ) -> tuple[str, int, str | None]:
        """`POST /v1/photos` with the first `content`, which may be none of it: (path of the upload, bytes
        that the server has, its receipt if it has all).

        Raises ChunkRefused where `content` arrived damaged, TooLarge or BadInput for bytes that the
        server does not take, else as `exchange` does.
        """
        response = await self._request(
            "POST",
            "/v1/photos",
            good=(201, 460),
            content=content,
            headers={
                **self._tus(),
                "upload-length": str(size_bytes),
                "upload-metadata": f"sha256 {_b64(sha256)},filetype {_b64(mime)}",
                **(_said_of(content) if content else {}),
            },
        )
        if response.status_code != 201:
            raise ChunkRefused(_NOT_APPENDED)
        path = urlsplit(response.headers.get("location", "")).path
        if not path:
            raise WireError("服务器没有说照片传到哪里，稍后会再试。")
        receipt = response.headers.get(PHOTO_RECEIPT)
        return path, _offset(response, 0, most=size_bytes), receipt

    async def upload_offset(self, path: str) -> tuple[int, str | None] | None:
        """`HEAD` of an upload: the bytes that the server has of it, and the receipt if it has all.

        None where it does not know the upload (any more).
        """
        response = await self._request("HEAD", path, good=(200, 204, 403, 404, 410), headers=self._tus())
        if response.status_code not in (200, 204):
            return None
        return _offset(response, None), response.headers.get(PHOTO_RECEIPT)

    async def send_chunk(self, path: str, offset: int, content: bytes) -> tuple[int, str | None]:
        """`PATCH`: append `content` at `offset`; (bytes that the server now has, receipt after the last).

        Raises ChunkRefused for a wrong offset, a chunk that arrived damaged or an upload that is gone,
        BadInput where the server does not take these bytes, else as `exchange` does.
        """
        response = await self._request(
            "PATCH",
            path,
            good=(204, 404, 409, 410, 460),
            content=content,
            headers={**self._tus(), **_said_of(content), "upload-offset": str(offset)},
        )
        if response.status_code != 204:
            raise ChunkRefused(_NOT_APPENDED)
        receipt = response.headers.get(PHOTO_RECEIPT)
        return _offset(response, offset + len(content), most=offset + len(content)), receipt

    async def proofs(self, hashes: Sequence[str]) -> tuple[dict[str, str], set[str]]:
        """`POST /v1/photos/proofs`: receipts by hash, and the hashes of which the server has no bytes."""
        answer = _object(
            await self._post("/v1/photos/proofs", json={"sha256": list(hashes)}, headers=self._authorised())
        )
        proofs, missing = answer.get("proofs"), answer.get("missing")
        if not isinstance(proofs, dict) or not isinstance(missing, list):
            raise WireError("服务器对照片的回答读不懂，稍后会再试。")
        return {str(sha256): str(receipt) for sha256, receipt in proofs.items()}, {*map(str, missing)}

    async def relay(self, batch: RelayBatch) -> dict[str, str]:
        """`POST /v1/relay`: work of another device, as it would send it itself, with that device's proof.

        Gives the codes, by number, of the Changes that the server has not merged. Raises NotAllowed where
        the proof is not that device's, else what `exchange` raises.
        """
        response = await self._post(
            "/v1/relay",
            content=gzip.compress(batch.body, 6, mtime=0),
            headers={
                **self._authorised(),
                "content-type": "application/x-ndjson",
                "content-encoding": "gzip",
                PROOF_HEADER: batch.proof,
            },
        )
        refused = _object(response).get("refused")
        if not isinstance(refused, dict):
            raise Unavailable("服务器没有说清交接的记录收到没有，稍后会再问。记录都在本机。")
        return {str(seq): str(code) for seq, code in refused.items()}

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.aclose()

    def _authorised(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._token}"}

    def _tus(self) -> dict[str, str]:
        return {**self._authorised(), "tus-resumable": "1.0.0"}

    async def _post(self, path: str, **request: Any) -> httpx.Response:
        return await self._request("POST", path, good=(200,), **request)

    async def _request(
        self, method: str, path: str, *, good: tuple[int, ...], **request: Any
    ) -> httpx.Response:
        """One request; its answer where the status is one of `good`, else the error that it stands for."""
        import httpx

        limits = httpx.Timeout(_STALL_S, connect=_CONNECT_S)
        try:
            response = await self._http.request(method, path, timeout=limits, **request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as fault:
            raise Unreachable("连不上服务器，过一会自动再试。记录都在本机。") from fault
        except httpx.DecodingError as fault:
            raise WireError("服务器的回答不完整，稍后会再试。") from fault
        except (httpx.TransportError, httpx.InvalidURL) as fault:
            raise Unavailable("服务器没有应答，过一会自动再试。记录都在本机。") from fault
        # A transport that hands bodies over whole, as a browser's does, counts nothing by itself.
        self.received_bytes += response.num_bytes_downloaded or len(response.content)
        if response.status_code not in good:
            raise _refusal(response)
        return response


def _said_of(chunk: bytes) -> dict[str, str]:
    checksum = base64.b64encode(hashlib.sha256(chunk).digest()).decode()
    return {"content-type": "application/offset+octet-stream", "upload-checksum": f"sha256 {checksum}"}


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _offset(response: httpx.Response, default: int | None, *, most: int | None = None) -> int:
    said = response.headers.get("upload-offset", "" if default is None else str(default))
    if not said.isascii() or not said.isdigit() or (most is not None and int(said) > most):
        raise WireError("服务器没有说清照片收到了多少，稍后会再试。")
    return int(said)


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError as fault:
        raise WireError("服务器的回答读不懂。请稍后再试。") from fault
    if not isinstance(answer, dict):
        raise WireError("服务器的回答读不懂。请稍后再试。")
    return answer


def _refusal(response: httpx.Response) -> ZoufangError:
    sentence, field, code = "", None, None
    supported: frozenset[int] = frozenset()
    try:
        problem = response.json()
        sentence, field, code = str(problem["sentence"]), problem.get("field"), problem.get("code")
        supported = frozenset(v for v in problem.get("supported", ()) if isinstance(v, int))
    except (ValueError, KeyError, TypeError, AttributeError):
        pass  # not from our server, or from a proxy before it: the status has to do
    status = response.status_code
    kind = _REFUSALS.get(status, WireError if 400 <= status < 500 else Unavailable)
    fault = kind(sentence or f"服务器现在不能办（{status}），过一会自动再试。记录都在本机。", field=field)
    fault.is_told = bool(sentence) and code == kind.code
    if isinstance(fault, UnsupportedProtocol):
        fault.supported = supported
    return fault
