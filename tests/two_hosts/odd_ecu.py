# Copyright (c) 2026 Contributors to the Eclipse Foundation
#
# See the NOTICE file(s) distributed with this work for additional
# information regarding copyright ownership.
#
# This program and the accompanying materials are made available under the
# terms of the Apache License Version 2.0 which is available at
# https://www.apache.org/licenses/LICENSE-2.0
#
# SPDX-License-Identifier: Apache-2.0

"""An ECU whose messages are legal, but unusual: several together, in pieces, with any ids. It finds
others by a stack that is not ours, and handles the messages as bytes. It does what the lines on its
standard input say, and answers each with a line. PROTOCOL is `udp` or `tcp`; ids are hexadecimal;
ENTITY is a service, with its instance, if that is not 1, above the lower 16 bits, as in `25310`.

offer PROTOCOL PORT ENTITY VERSION EVENT…     offers a service at a port, where others may be already;
                                              each event is in the eventgroup of its own number: ok
notify ENTITY EVENT FIRST COUNT               sends consecutive numbers, each once to all subscribers: ok
field ENTITY EVENT NUMBER                     gives an event a value, which subscribers get at once: ok
call PROTOCOL ENTITY METHOD VERSION CLIENT SESSION TEXT…
                                              waits for a service, and sends a request for each text, with
                                              session ids from SESSION on: session, message type, return
                                              code and payload of each response, in the order of requests
subscribe PROTOCOL ENTITY VERSION EVENT       waits for a service and subscribes: ok
received                                      waits for the next event: service, event, number
together COUNT                                from now on, so many messages are sent at a time: ok
pieces SIZE                                   from now on, what goes over TCP has so many bytes in each
                                              segment, which must have arrived before the next: ok
cookies                                       from now on, a magic cookie precedes each message over TCP: ok
cookie                                        waits for a magic cookie of the other host: ok
respond ENTITY METHOD VERSION CLIENT COUNT    sends responses to nobody's requests to the last caller: ok

All methods of a service send the payload back, but for 440, which sends as many bytes as the number of
its instance.

Usage: odd_ecu.py ADDRESS
"""

import asyncio
import contextlib
import dataclasses
import fcntl
import functools
import ipaddress
import logging
import socket
import struct
import sys
import termios
import time

from someip import config, sd
from someip.header import IPv4EndpointOption, L4Protocols, SOMEIPHeader, SOMEIPMessageType

SD_GROUP = "224.244.224.245"
PROTOCOLS = {"udp": L4Protocols.UDP, "tcp": L4Protocols.TCP}
TELLING = 0x0440
ANY_INSTANCE = 0xFFFF
COOKIE_SERVICE = 0xFFFF
CLIENT_COOKIE = bytes.fromhex("ffff000000000008deadbeef01010100")
SERVICE_COOKIE = bytes.fromhex("ffff800000000008deadbeef01010200")

TIMINGS = sd.Timings(
    INITIAL_DELAY_MAX=0.01,
    REQUEST_RESPONSE_DELAY_MAX=0.01,
    CYCLIC_OFFER_DELAY=0.2,
    ANNOUNCE_TTL=3,
    SUBSCRIBE_TTL=3,
    SUBSCRIBE_REFRESH_INTERVAL=0.2,
)


class Form:
    """The form in which messages are sent."""

    together = 1
    piece = None
    cookies = False


FORM = Form()
COOKIE_SEEN = asyncio.Event()


class Link:
    """Where messages are sent to and come from."""

    def __init__(self):
        self.kept = []

    def send(self, message):
        self.kept.append(message)
        if len(self.kept) >= FORM.together:
            together, self.kept = b"".join(self.kept), []
            self.write(together)


class UdpLink(Link):
    def __init__(self, transport, address):
        super().__init__()
        self.transport = transport
        self.address = address

    def write(self, data):
        self.transport.sendto(data, self.address)


class TcpLink(Link):
    def __init__(self, writer, cookie):
        super().__init__()
        self.writer = writer
        self.cookie = cookie

    def send(self, message):
        super().send(self.cookie + message if FORM.cookies else message)

    def write(self, data):
        size = FORM.piece or len(data)
        for start in range(0, len(data), size):
            self.writer.write(data[start : start + size])
            while FORM.piece and self.is_on_its_way():
                time.sleep(0.001)

    def is_on_its_way(self):
        """Whether the other host has not acknowledged all that was sent."""
        connection = self.writer.get_extra_info("socket")
        count = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4))
        return struct.unpack("i", count)[0] > 0

    async def read(self, reader, take):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                message = await SOMEIPHeader.read(reader)
                if message.service_id == COOKIE_SERVICE:
                    COOKIE_SEEN.set()
                else:
                    take(message, self)


class Datagrams(asyncio.DatagramProtocol):
    """A UDP socket. `take` gets each message, and the link to whom it comes from."""

    def __init__(self, take):
        self.take = take
        self.links = {}

    def connection_made(self, transport):
        self.transport = transport

    def link(self, address):
        if address not in self.links:
            self.links[address] = UdpLink(self.transport, address)
        return self.links[address]

    def datagram_received(self, data, address):
        while data:
            message, data = SOMEIPHeader.parse(data)
            self.take(message, self.link(address))


async def open_datagrams(address, port, take):
    loop = asyncio.get_running_loop()
    _, datagrams = await loop.create_datagram_endpoint(
        lambda: Datagrams(take), local_addr=(address, port)
    )
    return datagrams


class Connections:
    """A TCP port."""

    def __init__(self, take):
        self.take = take
        self.links = {}

    def link(self, address):
        return self.links[address]

    async def accept(self, reader, writer):
        link = TcpLink(writer, SERVICE_COOKIE)
        self.links[writer.get_extra_info("peername")] = link
        await link.read(reader, self.take)


class Port:
    """A port with its services."""

    def __init__(self):
        self.services = {}
        self.sockets = None
        self.caller = None

    async def open(self, protocol, address, port):
        if protocol == L4Protocols.UDP:
            self.sockets = await open_datagrams(address, port, self.take)
        else:
            self.sockets = Connections(self.take)
            await asyncio.start_server(self.sockets.accept, address, port)

    def take(self, message, link):
        self.caller = link
        service = self.services[message.service_id]
        telling = message.method_id == TELLING
        payload = bytes(range(service.instance)) if telling else message.payload
        if message.message_type == SOMEIPMessageType.REQUEST:
            kind = SOMEIPMessageType.RESPONSE
            link.send(dataclasses.replace(message, message_type=kind, payload=payload).build())


class Offered(sd.ServerServiceListener):
    """A service that is offered."""

    def __init__(self, port, service, instance, version, events):
        self.port = port
        self.service = service
        self.instance = instance
        self.version = version
        self.subscribers = {event: set() for event in events}
        self.values = {}

    def client_subscribed(self, subscription, source):
        (endpoint,) = subscription.endpoints
        address = (str(endpoint.address), endpoint.port)
        try:
            link = self.port.sockets.link(address)
            subscribers = self.subscribers[subscription.id]
        except KeyError as missing:
            raise sd.NakSubscription from missing
        if link not in subscribers:
            subscribers.add(link)
            if subscription.id in self.values:
                link.send(self.event(subscription.id, self.values[subscription.id]))

    def client_unsubscribed(self, subscription, source):
        (endpoint,) = subscription.endpoints
        link = self.port.sockets.link((str(endpoint.address), endpoint.port))
        self.subscribers[subscription.id].discard(link)

    def event(self, event, number):
        kind, payload = SOMEIPMessageType.NOTIFICATION, number.to_bytes(8, "big")
        return SOMEIPHeader(self.service, event, 0, 1, self.version, kind, payload=payload).build()

    def notify(self, event, number):
        for link in self.subscribers[event]:
            link.send(self.event(event, number))


class Called(sd.ClientServiceListener):
    """A service of another host."""

    def __init__(self, protocol, received):
        self.protocol = protocol
        self.received = received
        self.offered = asyncio.get_running_loop().create_future()
        self.waiting = {}
        self.link = None
        self.own = None

    def service_offered(self, service, source):
        for endpoint in service.options_1:
            if endpoint.l4proto == self.protocol and not self.offered.done():
                self.offered.set_result((str(endpoint.address), endpoint.port))

    def service_stopped(self, service, source):
        pass

    async def connect(self, address):
        server = await self.offered
        if self.protocol == L4Protocols.UDP:
            datagrams = await open_datagrams(address, 0, self.take)
            self.own = datagrams.transport.get_extra_info("sockname")
            self.link = datagrams.link(server)
        else:
            reader, writer = await asyncio.open_connection(*server)
            self.own = writer.get_extra_info("sockname")
            self.link = TcpLink(writer, CLIENT_COOKIE)
            self.reading = asyncio.create_task(self.link.read(reader, self.take))

    def take(self, message, link):
        if message.message_type == SOMEIPMessageType.NOTIFICATION:
            number = int.from_bytes(message.payload, "big")
            text = f"{message.service_id:04x} {message.method_id:04x} {number}"
            self.received.put_nowait(text)
            return
        response = self.waiting.pop((message.client_id, message.session_id), None)
        if response is not None:
            response.set_result(message)

    def send(self, request):
        response = asyncio.get_running_loop().create_future()
        self.waiting[request.client_id, request.session_id] = response
        self.link.send(request.build())
        return response


class Ecu:
    def __init__(self, address, discovery):
        self.address = address
        self.discovery = discovery
        self.ports = {}
        self.offered = {}
        self.called = {}
        self.received = asyncio.Queue()

    async def offer(self, protocol, number, entity, version, events):
        if (protocol, number) not in self.ports:
            port = self.ports[protocol, number] = Port()
            await port.open(protocol, self.address, number)
        port = self.ports[protocol, number]
        instance, service = entity >> 16 or 1, entity & 0xFFFF
        offered = Offered(port, service, instance, version, events)
        port.services[service] = self.offered[entity] = offered
        endpoint = IPv4EndpointOption(ipaddress.IPv4Address(self.address), protocol, number)
        description = config.Service(
            service, instance, version, 0, options_1=(endpoint,), eventgroups=frozenset(events)
        )
        announcer = self.discovery.announcer
        announced = sd.ServiceInstance(description, offered, announcer, announcer.timings)
        announcer.announce_service(announced)

    async def reach(self, protocol, entity):
        if (protocol, entity) not in self.called:
            called = self.called[protocol, entity] = Called(protocol, self.received)
            description = config.Service(entity & 0xFFFF, entity >> 16 or ANY_INSTANCE)
            self.discovery.discovery.watch_service(description, called)
            await called.connect(self.address)
        return self.called[protocol, entity]

    async def call(self, protocol, entity, ids, texts):
        called = await self.reach(protocol, entity)
        method, version, client, session = ids
        responses = []
        for number, text in enumerate(texts, session):
            number = (number - 1) % 0xFFFF + 1 if number else 0
            kind, ids = SOMEIPMessageType.REQUEST, (entity & 0xFFFF, method, client, number)
            request = SOMEIPHeader(*ids, version, kind, payload=text.encode())
            responses.append(called.send(request))
        return ", ".join([described(await response) for response in responses])

    async def subscribe(self, protocol, entity, version, event):
        called = await self.reach(protocol, entity)
        ids = (entity & 0xFFFF, entity >> 16 or ANY_INSTANCE, version, event)
        group = config.Eventgroup(*ids, called.own, protocol)
        self.discovery.discovery.find_subscribe_eventgroup(group)

    def notify(self, entity, event, first, count):
        for number in range(first, first + count):
            self.offered[entity].notify(event, number)

    def respond(self, entity, ids, count):
        """Sends responses to nobody's requests."""
        port = self.offered[entity].port
        method, version, client = ids
        for session in range(1, count + 1):
            kind, numbers = SOMEIPMessageType.RESPONSE, (method, client, session % 0xFFFF + 1)
            response = SOMEIPHeader(entity & 0xFFFF, *numbers, version, kind)
            port.caller.send(response.build())

    async def obey(self, line):
        """Does what a line says, and returns the answer."""
        number = functools.partial(int, base=16)
        match line.split():
            case ["offer", protocol, port, entity, version, *events]:
                events = [number(event) for event in events]
                ids = (number(entity), number(version))
                await self.offer(PROTOCOLS[protocol], int(port), *ids, events)
            case ["notify", entity, event, first, count]:
                self.notify(number(entity), number(event), int(first), int(count))
            case ["field", entity, event, value]:
                self.offered[number(entity)].values[number(event)] = int(value)
            case ["call", protocol, entity, method, version, client, session, *texts]:
                ids = [number(id) for id in (method, version, client, session)]
                return await self.call(PROTOCOLS[protocol], number(entity), ids, texts)
            case ["subscribe", protocol, entity, version, event]:
                ids = [number(id) for id in (entity, version, event)]
                await self.subscribe(PROTOCOLS[protocol], *ids)
            case ["received"]:
                return await self.received.get()
            case ["together", count]:
                FORM.together = int(count)
            case ["pieces", size]:
                FORM.piece = int(size)
            case ["cookies"]:
                FORM.cookies = True
            case ["cookie"]:
                await COOKIE_SEEN.wait()
            case ["respond", entity, method, version, client, count]:
                ids = [number(id) for id in (method, version, client)]
                self.respond(number(entity), ids, int(count))
            case _:
                return f"error: unknown command {line!r}"
        return "ok"


def described(message):
    code = message.return_code.name
    text = f"{message.session_id:04x} {message.message_type.name} {code}"
    return f"{text} {message.payload.decode()}".rstrip()


async def main(address):
    _, _, discovery = await sd.ServiceDiscoveryProtocol.create_endpoints(
        socket.AF_INET, address, SD_GROUP
    )
    for part in (discovery, discovery.announcer, discovery.discovery, discovery.subscriber):
        part.timings = TIMINGS
    discovery.start()
    ecu = Ecu(address, discovery)

    lines = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(lines)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    print("ready", flush=True)
    while line := await lines.readline():
        print(await ecu.obey(line.decode()), flush=True)


logging.basicConfig(level=logging.ERROR)
asyncio.run(main(sys.argv[1]))
