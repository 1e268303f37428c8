"""The order of exchanges, for any bytes and any reader of replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from hongbao.client import flows
from hongbao.client.transport import HttpRequest, HttpResponse, MaybeSent, NothingSent, Origin
from hongbao.errors import ConfigurationError, NotSent, OutcomeUnknown

if TYPE_CHECKING:
    from hongbao.client.transport import Method, SentHeaders, TransportError

ORIGINS = (Origin("one.example", 443), Origin("two.example", 443))


class Bill(NamedTuple):
    """A call of another kind than a red packet: its reply is a header."""

    moves_money: bool = True
    number: str = "B1"
    name: str = "transfer-bills"
    method: Method = "GET"
    path: str = "/v3/bills/B1"
    headers: SentHeaders = (("Accept", "application/json"),)
    body: bytes = b""

    def read(self, response: HttpResponse) -> str | None:
        """The serial."""
        return response.header("Wechatpay-Serial")

    def certificate_refused(self, alert: str) -> ConfigurationError:
        """Its own words."""
        return ConfigurationError(setting="certificate", problem=alert, remedy="Look.")


def play(bill: Bill, *steps: HttpResponse | TransportError) -> tuple[object, list[HttpRequest]]:
    """What comes of a call whose exchanges end like this, and the requests."""
    flow = flows.call(bill, ORIGINS)
    requests = [next(flow)]
    try:
        for step in steps:
            more = flow.send(step) if isinstance(step, HttpResponse) else flow.throw(step)
            requests.append(more)
    except StopIteration as end:
        return end.value, requests
    except (NotSent, OutcomeUnknown, ConfigurationError) as error:
        return error, requests
    raise AssertionError("the call wants to go on")


def answer(status: int = 200) -> HttpResponse:
    return HttpResponse(status, {b"Wechatpay-Serial": b"1"}, b"{}")


def test_what_is_given_goes_out_and_the_given_reader_reads_what_comes_back() -> None:
    serial, requests = play(Bill(), answer())
    assert serial == "1"
    headers = (("Accept", "application/json"),)
    assert requests == [HttpRequest("GET", ORIGINS[0], "/v3/bills/B1", headers, b"")]


def test_the_reader_gets_every_status_of_what_moves_money() -> None:
    for status in (200, 403, 500):
        serial, requests = play(Bill(), answer(status))
        assert (serial, len(requests)) == ("1", 1)


@pytest.mark.parametrize("loss", [NothingSent("a"), MaybeSent("b"), answer(500)], ids=str)
def test_what_moves_no_money_asks_the_second_host_after_any_loss(
    loss: HttpResponse | TransportError,
) -> None:
    serial, requests = play(Bill(moves_money=False), loss, answer())
    assert serial == "1"
    assert [request.origin for request in requests] == list(ORIGINS)


def test_a_loss_of_what_moves_money_names_its_number_and_its_call() -> None:
    error, requests = play(Bill(), MaybeSent("reset"))
    assert isinstance(error, OutcomeUnknown)
    assert (error.mch_billno, error.endpoint) == ("B1", "transfer-bills")
    assert error.why == "one.example: reset"
    assert len(requests) == 1


def test_nothing_sent_to_either_host_is_not_sent() -> None:
    error, requests = play(Bill(), NothingSent("a"), NothingSent("b"))
    assert isinstance(error, NotSent)
    assert (error.mch_billno, error.why) == ("B1", "one.example: a; two.example: b")
    assert len(requests) == 2


def test_what_a_refused_certificate_means_the_call_says_itself() -> None:
    error, _ = play(Bill(), MaybeSent("alert", certificate_alert="unknown_ca"))
    assert isinstance(error, ConfigurationError)
    assert error.problem == "unknown_ca"
