"""The app's screens with no client: a real Flet session over a connection that only records.

Controls are found as a worker or a screen reader finds them: by role and accessible label.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import flet as ft
import msgpack
from flet.components.component import Component
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page
from flet.messaging.connection import Connection
from flet.messaging.protocol import (
    Message,
    MessageAction,
    RegisterClientResponseBody,
    configure_encode_object_for_msgpack,
)
from flet.messaging.session import Session as FletSession
from flet.pubsub.pubsub_hub import PubSubHub


class Recorder(Connection):
    """Packs every message as the wire would and answers every call to the client with None."""

    def __init__(self) -> None:
        super().__init__()
        self.page_url = "http://test/"
        self.loop = asyncio.get_running_loop()
        self.pubsubhub = PubSubHub()
        self.session: FletSession
        self.calls: list[tuple[str, Any]] = []
        self.bytes = 0
        self.sent = bytearray()
        self.crashes: list[str] = []

    def send_message(self, message: Message) -> None:
        packed = msgpack.packb(
            [message.action, message.body], default=configure_encode_object_for_msgpack(BaseControl)
        )
        self.bytes += len(packed)
        self.sent += packed
        if message.action == MessageAction.SESSION_CRASHED:
            self.crashes.append(message.body.message)
        if message.action == MessageAction.INVOKE_METHOD:
            self.calls.append((message.body.name, message.body.args))
            self.loop.call_soon(
                lambda: self.session.handle_invoke_method_results(
                    message.body.control_id, message.body.call_id, None, None
                )
            )

    def dispose(self) -> None:
        pass


class Phone:
    """One open app. `settle` lets everything that is under way finish."""

    def __init__(self, route: str = "/", width: int = 360, height: int = 780) -> None:
        self.connection = Recorder()
        self.session = self.connection.session = FletSession(self.connection)
        self.page = self.session.page
        self.session.apply_page_patch(
            {"route": route, "width": width, "height": height, "platform": "android", "web": True}
        )
        _context_page.set(self.page)
        # Packing the first page is what makes Flet track changes; without it every patch is empty.
        answer = RegisterClientResponseBody(
            session_id=self.session.id, page_patch=self.session.get_page_patch(), error=""
        )
        self.connection.send_message(Message(MessageAction.REGISTER_CLIENT, answer))

    async def settle(self, turns: int = 30) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        # As a client does: it shows the route that it was told to go to, and says so.
        for name, args in self.connection.calls:
            if name == "push_route" and args["route"] != self.page.route:
                self.connection.calls.clear()
                await self.show(args["route"])
                break
        task = self.session._Session__updates_task  # a component that raised while drawn again hides here
        if task and task.done() and not task.cancelled() and task.exception():
            raise task.exception()
        assert not self.connection.crashes, self.connection.crashes

    async def idle(self, seconds: float = 0.3) -> None:
        """Let what waits for a pause of the worker be done."""
        await asyncio.sleep(seconds)
        await self.settle()

    async def show(self, route: str) -> None:
        """Go to a route as the client's address bar would."""
        self.page.route = route
        await self.fire(self.page, "route_change", {"route": route})

    def walk(self, at: Any = None) -> Iterator[Any]:
        """The controls of the topmost view, in the order in which they are drawn."""
        if at is None:
            at = self.top()
        if isinstance(at, list | tuple):
            for each in at:
                yield from self.walk(each)
        elif isinstance(at, Component):
            if at._b is not None:
                yield from self.walk(at._b)
        elif isinstance(at, BaseControl):
            yield at
            for name in at.__dataclass_fields__:
                if name.startswith("_") or name in ("parent", "data", "badge"):
                    continue
                value = getattr(at, name, None)
                if isinstance(value, BaseControl | list):
                    yield from self.walk(value)

    def views(self) -> list[ft.View]:
        return [c for c in self._flat(self.page.views) if isinstance(c, ft.View)]

    def top(self) -> ft.View:
        return self.views()[-1]

    def _flat(self, at: Any) -> Iterator[Any]:
        if isinstance(at, list | tuple):
            for each in at:
                yield from self._flat(each)
        elif isinstance(at, Component):
            yield from self._flat(at._b)
        elif at is not None:
            yield at

    def texts(self) -> list[str]:
        return [c.value for c in self.walk() if isinstance(c, ft.Text)]

    def labels(self) -> list[str]:
        """The accessible labels of everything that can be tapped or typed in."""
        return [semantics.label for semantics, _ in self._named()]

    def has_drawn(self, words: str) -> bool:
        """Whether these words were sent to be shown at any time, be it for one frame."""
        return words.encode() in self.connection.sent

    def scrolled_to(self) -> list[str]:
        """The keys that the page was scrolled to, the last one last."""
        return [args["scroll_key"] for name, args in self.connection.calls if name == "scroll_to"]

    def spoken(self) -> list[str]:
        """The accessible names of everything that has one, tappable or not."""
        return [c.label for c in self.walk() if isinstance(c, ft.Semantics) and c.label]

    def _named(self) -> Iterator[tuple[ft.Semantics, Any]]:
        for control in self.walk():
            if isinstance(control, ft.MergeSemantics) and isinstance(control.content, ft.Semantics):
                yield control.content, control.content.content

    def control(self, label: str) -> tuple[ft.Semantics, Any]:
        found = [pair for pair in self._named() if pair[0].label == label]
        assert len(found) == 1, f"{len(found)} × {label!r}; here: {self.labels()}"
        return found[0]

    def is_checked(self, label: str) -> bool | None:
        return self.control(label)[0].checked

    async def fire(self, control: Any, event: str, data: Any = None) -> None:
        await self.session.dispatch_event(control._i, event, data)
        await self.settle()

    async def tap(self, label: str) -> None:
        _, container = self.control(label)
        assert container.on_click is not None, f"{label!r} is idle"
        await self.fire(container, "click")

    async def write(self, label: str, value: str) -> None:
        _, entry = self.control(label)
        self.session.apply_patch(entry._i, {"value": value})
        await self.fire(entry, "change", value)


def check_page(phone: Phone, route: str) -> None:
    """Every label of the page at `route` is told and told once, nobody is named, and all of it was drawn."""
    labels = phone.labels()
    assert labels, route
    assert all(labels), route
    assert len(set(labels)) == len(labels), (route, labels)
    shown = " ".join([*labels, *phone.texts()])
    assert not re.search("张三|李四|王五|孙小满|周一|138 ?0000 ?0000", shown), route
    assert "这一页打不开" not in shown
    assert "这一行打不开" not in shown
