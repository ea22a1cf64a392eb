"""From a DNS message's bytes to the answer's: questions, and updates with their signatures (RFC 2136, RFC 8945)."""

import logging
import struct

import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.update

from lab.dns_zone import KeptZone, RefusedUpdateError

LOG = logging.getLogger(__name__)
PLAIN_UDP = 512
HEADER = struct.Struct("!HH")
TSIG_ERRORS: dict[type[Exception], dns.rcode.Rcode] = {
    dns.tsig.BadTime: dns.rcode.BADTIME,
    dns.tsig.BadKey: dns.rcode.BADKEY,
    dns.tsig.BadAlgorithm: dns.rcode.BADKEY,
    dns.tsig.BadSignature: dns.rcode.BADSIG,
}


class Answerer:
    """Answers messages about one zone. Updates Must be signed with the one key."""

    def __init__(self, zone: KeptZone, key: dns.tsig.Key) -> None:
        self._zone = zone
        self._key = key

    def answer(self, wire: bytes, *, udp: bool) -> bytes | None:
        """The answer's bytes; None when the message deserves none (no header, or itself an answer)."""
        try:
            # Read without looking at the signature first: an answer about a bad one needs what was read.
            message = dns.message.from_wire(wire, keyring=lambda _message, _name: False, one_rr_per_rrset=True)
            if message.flags & dns.flags.QR:
                return None
            response = self._judge(message, wire)
        except (dns.exception.DNSException, ValueError) as error:
            LOG.warning("a message could not be read: %s", error)
            return _format_error(wire)
        return _fit(response, (message.payload if message.edns >= 0 else PLAIN_UDP) if udp else None)

    def _judge(self, message: dns.message.Message, wire: bytes) -> dns.message.Message:
        if message.had_tsig:
            error = self._signature_fault(wire)
            if error is not None:
                return self._bad_signature(message, error)
            message = dns.message.from_wire(wire, keyring=self._key, one_rr_per_rrset=True)
        response = dns.message.make_response(message)
        if isinstance(message, dns.update.UpdateMessage):
            response.set_rcode(self._update(message))
        elif message.opcode() != dns.opcode.QUERY:
            response.set_rcode(dns.rcode.NOTIMP)
        else:
            self._query(message, response)
        return response

    def _query(self, message: dns.message.Message, response: dns.message.Message) -> None:
        if len(message.question) != 1:
            response.set_rcode(dns.rcode.FORMERR)
            return
        question = message.question[0]
        if question.rdclass != dns.rdataclass.IN or not question.name.is_subdomain(self._zone.origin):
            response.set_rcode(dns.rcode.REFUSED)
            return
        rcode, found = self._zone.find(question.name, question.rdtype)
        response.flags |= dns.flags.AA
        response.set_rcode(rcode)
        response.answer = found
        if not found:
            response.authority = [self._zone.soa]

    def _update(self, message: dns.update.UpdateMessage) -> dns.rcode.Rcode:
        if not message.had_tsig:
            LOG.warning("an unsigned update was refused")
            return dns.rcode.REFUSED
        if len(message.zone) != 1 or message.zone[0].rdtype != dns.rdatatype.SOA:
            return dns.rcode.FORMERR
        if message.zone[0].name != self._zone.origin:
            return dns.rcode.NOTAUTH
        try:
            changed = self._zone.update(message)
        except RefusedUpdateError as error:
            LOG.info("an update was refused: %s", error)
            return error.rcode
        except OSError:
            LOG.exception("an update could not be kept, so it was not made")
            return dns.rcode.SERVFAIL
        LOG.info("updated by %s: serial %d%s", message.keyname, self._zone.serial, "" if changed else ", unchanged")
        return dns.rcode.NOERROR

    def _signature_fault(self, wire: bytes) -> dns.rcode.Rcode | None:
        try:
            dns.message.from_wire(wire, keyring={self._key.name: self._key}, one_rr_per_rrset=True)
        except dns.message.UnknownTSIGKey:
            return dns.rcode.BADKEY
        except tuple(TSIG_ERRORS) as error:
            return TSIG_ERRORS[type(error)]
        return None

    def _bad_signature(self, message: dns.message.Message, error: dns.rcode.Rcode) -> dns.message.Message:
        """NOTAUTH, with the reason in a TSIG record that is itself signed only when the key is known to be right."""
        LOG.warning("a message signed as %s was refused: %s", message.keyname, dns.rcode.to_text(error, tsig=True))
        tsig = message.tsig
        assert tsig is not None
        if error == dns.rcode.BADTIME:
            message.keyring = self._key
            response = dns.message.make_response(message, tsig_error=error)
        else:
            response = dns.message.make_response(message)
            response.tsig = dns.rrset.from_rdata(tsig.name, 0, tsig[0].replace(mac=b"", error=error))
        response.set_rcode(dns.rcode.NOTAUTH)
        return response


def _fit(response: dns.message.Message, size: int | None) -> bytes:
    """The bytes; over UDP an answer that is too long is cut, and says so (TC), so that it is asked again over TCP."""
    if size is None:
        return response.to_wire(max_size=65535)
    try:
        return response.to_wire(max_size=max(size, PLAIN_UDP))
    except dns.exception.TooBig:
        response.answer, response.authority = [], []
        response.flags |= dns.flags.TC
        return response.to_wire()


def _format_error(wire: bytes) -> bytes | None:
    if len(wire) < HEADER.size:
        return None
    number, flags = HEADER.unpack_from(wire)
    if flags & dns.flags.QR:
        return None
    response = dns.message.Message(id=number)
    response.flags = dns.flags.Flag(dns.flags.QR | (flags & dns.flags.RD))
    response.set_opcode(dns.opcode.from_flags(flags))
    response.set_rcode(dns.rcode.FORMERR)
    return response.to_wire()
