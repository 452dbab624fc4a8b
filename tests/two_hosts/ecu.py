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

"""An ECU that speaks SOME/IP by a stack that is not ours. It does what the lines on its standard
input say, and answers each with a line. Ids are hexadecimal.

offer SERVICE VERSION EVENT                 offers a service with an event, whose eventgroup has the
                                            same number: ok
offer-tcp SERVICE VERSION EVENT             the same over TCP: ok
offer-groups SERVICE VERSION GROUP=EVENTS…  offers a service with eventgroups, each with events as in
                                            `5=8001,8002`: ok
offer-groups-tcp SERVICE VERSION GROUP=EVENTS…
                                            the same over TCP: ok
offer-at PROTOCOLS PORT SERVICE VERSION     offers a service without events at another port, over udp,
                                            tcp or udp+tcp, and waits for the first offer: ok
offer-event-at PROTOCOLS PORT SERVICE VERSION EVENT OVER
                                            the same with an event, which goes over udp or tcp: who
                                            subscribes must name an endpoint of that; or over any:
                                            who subscribes must name just one: ok
offer-beside SERVICE                        offers another service at the same port: ok
offer-second SERVICE VERSION EVENT          offers another service with an event of its own at the
                                            UDP port of the first: ok
announced COUNT                             waits until it has offered so many more times: ok
notify EVENT NUMBER                         sends an event, once to each subscriber: ok
notify-hex EVENT BYTES                      the same with any bytes: ok
notify-second EVENT NUMBER                  sends an event of the second service: ok
field EVENT NUMBER                          gives an event a value, which subscribers get at once: ok
multicast GROUP ADDRESS PORT                sends the events of a group to an address, to which its
                                            subscribers have to listen: ok
subscribers GROUP                           how many there are of a group
forget                                      ends all subscriptions without a word: ok
call SERVICE METHOD VERSION TEXT            waits for a service and sends a request: message type,
                                            return code and payload of the response
call-tcp SERVICE METHOD VERSION TEXT        the same over TCP
call-hex SERVICE METHOD VERSION BYTES       the same with any bytes, of the response as well
subscribe SERVICE VERSION EVENT             waits for a service and subscribes: ok
subscribe-tcp SERVICE VERSION EVENT         the same over TCP: ok
answer                                      waits for the next answer to a subscription: accepted or
                                            refused
unsubscribe SERVICE VERSION EVENT           ends a subscription: ok
unsubscribe-tcp SERVICE VERSION EVENT       the same over TCP: ok
listen ADDRESS PORT                         listens to the events that are sent to an address: ok
call-as SERVICE METHOD VERSION CLIENT TEXT    sends a request with a client id, and waits for no
                                            response: ok
send SERVICE METHOD VERSION CLIENT NUMBER   sends a request without return: ok
protect SERVICE METHOD PROFILE              from now on protects and checks the messages of an event or
                                            method, end to end: ok
spoil SERVICE METHOD WHAT                   makes the `checksum`, `counter`, `length` or data `id` wrong in
                                            what it sends of these, sends it `plain` or too `short`, or
                                            makes `nothing` wrong any more: ok
received                                    waits for the next event or request without return:
                                            message type, method, number
crash                                       ends without a farewell

The methods of the service: 421 sends the payload back, as each method of the one beside it does; 100
+ N fails with the return code N; 430 sends it back after two responses of others, one of the service
beside it and one of the method 421; and 0 is for requests without return.

Usage: ecu.py ADDRESS [SECONDS]

SECONDS pass between its offers, which are valid until it ends then; 0.2 by default.
"""

import asyncio
import contextlib
import dataclasses
import functools
import ipaddress
import logging
import os
import socket
import sys

import e2e
from someip import config, header, sd
from someip.header import (
    L4Protocols,
    SOMEIPHeader,
    SOMEIPMessageType,
    SOMEIPReturnCode,
    SOMEIPSDEntryType,
)
from someip.service import SimpleEventgroup, SimpleService

SD_GROUP = "224.244.224.245"
SERVICE_PORT = 30509
# No client id of the other host: vsomeip would take a response to it for its own.
CLIENT_ID = 0x0031
ECHO = 0x0421
FAILING = 0x0100
CONFUSING = 0x0430
SINK = 0x0000
# As a time to live, in service discovery.
FOREVER = 0xFFFFFF

TIMINGS = sd.Timings(
    INITIAL_DELAY_MAX=0.01,
    REQUEST_RESPONSE_DELAY_MAX=0.01,
    CYCLIC_OFFER_DELAY=0.2,
    ANNOUNCE_TTL=3,
    SUBSCRIBE_TTL=3,
    SUBSCRIBE_REFRESH_INTERVAL=0.2,
)


class Ecu:
    """The host: its service discovery, its service, and what it receives."""

    def __init__(self, address, discovery):
        self.address = address
        self.discovery = discovery
        self.received = asyncio.Queue()
        self.clients = {}
        self.service = None
        self.second = None

    async def offer(self, kind, service, version, groups):
        """Offers a service; `groups` are the events of each eventgroup."""
        self.service = await self.start(kind, service, version)
        for group, events in groups.items():
            self.service.register_eventgroup(Eventgroup(self.service, group, events))
        if kind is TcpService:
            await asyncio.start_server(self.service.accept, self.address, SERVICE_PORT)
        announcer = self.discovery.announcer
        instance = Instance(self.service.as_config(), self.service, announcer, announcer.timings)
        announcer.announce_service(instance)

    async def offer_at(self, protocols, port, service, version, event=None, over="any"):
        offered = await self.start(ServiceAt, service, version, port)
        offered.protocols = [L4Protocols[name.upper()] for name in protocols.split("+")]
        if event is not None:
            self.service = offered
            offered.events_over = None if over == "any" else L4Protocols[over.upper()]
            offered.register_eventgroup(Eventgroup(offered, event, [event]))
        await asyncio.start_server(offered.accept, self.address, port)
        announced = asyncio.create_task(self.discovery.announced(1))
        await asyncio.sleep(0)
        offered.start_announce(self.discovery.announcer)
        await announced

    async def start(self, kind, service, version, port=SERVICE_PORT):
        # pysomeip wants the ids as attributes of the class.
        kind = type("Offered", (kind,), {"service_id": service, "version_major": version})
        endpoint = (self.address, port)
        _, offered = await kind.create_unicast_endpoint(self.received, local_addr=endpoint)
        return offered

    def offer_beside(self, service):
        self.service.beside = service
        announcer = self.discovery.announcer
        offered = dataclasses.replace(self.service.as_config(), service_id=service)
        instance = sd.ServiceInstance(offered, self.service, announcer, announcer.timings)
        announcer.announce_service(instance)

    async def notify(self, service, event, content):
        payload = e2e.with_room(service.service_id, event, content)
        await service.notify(event, payload)

    def set_field(self, event, number):
        payload = e2e.with_room(self.service.service_id, event, number.to_bytes(8, "big"))
        for group in self.service.groups_of(event):
            group.values[event] = payload

    async def listen(self, address, port):
        loop = asyncio.get_running_loop()
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        membership = socket.inet_aton(address) + socket.inet_aton(self.address)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        adapter = sd.DatagramProtocolAdapter(Client(self.received), is_multicast=True)
        await loop.create_datagram_endpoint(lambda: adapter, sock=sock)

    def offer_second(self, service, version, event):
        kind = type("Offered", (Service,), {"service_id": service, "version_major": version})
        self.second = kind(self.received)
        self.second.transport = self.service.transport
        self.second.register_eventgroup(Eventgroup(self.second, event, [event]))
        self.service.second = self.second
        self.second.start_announce(self.discovery.announcer)

    async def client_of(self, service, kind):
        """What calls a service, once that is available."""
        if (service, kind) not in self.clients:
            endpoint = (self.address, 0)
            _, client = await kind.create_unicast_endpoint(self.received, local_addr=endpoint)
            self.clients[service, kind] = client
            self.discovery.discovery.watch_service(config.Service(service), client)
        client = self.clients[service, kind]
        await client.available.wait()
        await client.connect()
        return client

    async def call(self, kind, service, method, version, payload, decode=bytes.decode):
        client = await self.client_of(service, kind)
        payload = e2e.with_room(service, method, payload)
        request = client.request(service, method, version, SOMEIPMessageType.REQUEST, payload)
        response = await client.call(request)
        text = decode(e2e.content(response)) + corrupt(response)
        return f"{response.message_type.name} {response.return_code.name} {text}".rstrip()

    async def call_as(self, service, method, version, client_id, payload):
        client = await self.client_of(service, Client)
        kind = SOMEIPMessageType.REQUEST
        message = client.request(service, method, version, kind, payload, client_id)
        client.send(message.build(), client.server)

    async def send(self, service, method, version, client_id, number):
        client = await self.client_of(service, Client)
        kind = SOMEIPMessageType.REQUEST_NO_RETURN
        payload = e2e.with_room(service, method, number.to_bytes(8, "big"))
        message = client.request(service, method, version, kind, payload, client_id)
        client.send(message.build(), client.server)

    async def group_of(self, kind, service, version, group):
        client = await self.client_of(service, kind)
        endpoint = client.endpoint()
        return config.Eventgroup(service, 0xFFFF, version, group, endpoint, kind.protocol)

    async def subscribe(self, *ids):
        self.discovery.discovery.find_subscribe_eventgroup(await self.group_of(*ids))

    async def unsubscribe(self, *ids):
        group = await self.group_of(*ids)
        self.discovery.discovery.stop_find_subscribe_eventgroup(group)

    async def obey(self, line):
        """Does what a line says, and returns the answer."""
        number = functools.partial(int, base=16)
        match line.split():
            case ["offer" | "offer-tcp" as command, service, version, event]:
                kind = TcpService if command == "offer-tcp" else Service
                groups = {number(event): [number(event)]}
                await self.offer(kind, number(service), number(version), groups)
            case ["offer-groups" | "offer-groups-tcp" as command, service, version, *groups]:
                kind = TcpService if command == "offer-groups-tcp" else Service
                parts = (group.split("=") for group in groups)
                groups = {number(id): [number(e) for e in es.split(",")] for id, es in parts}
                await self.offer(kind, number(service), number(version), groups)
            case ["offer-at", protocols, port, service, version]:
                await self.offer_at(protocols, int(port), number(service), number(version))
            case ["offer-event-at", protocols, port, service, version, event, over]:
                ids = map(number, (service, version, event))
                await self.offer_at(protocols, int(port), *ids, over)
            case ["offer-beside", service]:
                self.offer_beside(number(service))
            case ["offer-second", service, version, event]:
                self.offer_second(number(service), number(version), number(event))
            case ["announced", count]:
                await self.discovery.announced(int(count))
            case ["notify", event, value]:
                await self.notify(self.service, number(event), int(value).to_bytes(8, "big"))
            case ["notify-hex", event, text]:
                await self.notify(self.service, number(event), bytes.fromhex(text))
            case ["notify-second", event, value]:
                await self.notify(self.second, number(event), int(value).to_bytes(8, "big"))
            case ["field", event, value]:
                self.set_field(number(event), int(value))
            case ["multicast", group, address, port]:
                self.service.eventgroups[number(group)].multicast = (address, int(port))
            case ["forget"]:
                self.discovery.forget_subscriptions()
            case ["subscribers", group]:
                return str(len(self.service.eventgroups[number(group)].subscribed_endpoints))
            case ["listen", address, port]:
                await self.listen(address, int(port))
            case ["call" | "call-tcp" as command, service, method, version, text]:
                ids = map(number, (service, method, version))
                kind = TcpClient if command == "call-tcp" else Client
                return await self.call(kind, *ids, text.encode())
            case ["call-as", service, method, version, client, text]:
                ids = map(number, (service, method, version, client))
                await self.call_as(*ids, text.encode())
            case ["call-hex", service, method, version, text]:
                ids = map(number, (service, method, version))
                return await self.call(Client, *ids, bytes.fromhex(text), bytes.hex)
            case ["send", service, method, version, client, value]:
                ids = map(number, (service, method, version, client))
                await self.send(*ids, int(value))
            case ["subscribe" | "subscribe-tcp" as command, service, version, event]:
                ids = map(number, (service, version, event))
                kind = TcpClient if command == "subscribe-tcp" else Client
                await self.subscribe(kind, *ids)
            case ["answer"]:
                return await self.discovery.answered()
            case ["unsubscribe" | "unsubscribe-tcp" as command, service, version, event]:
                ids = map(number, (service, version, event))
                kind = TcpClient if command == "unsubscribe-tcp" else Client
                await self.unsubscribe(kind, *ids)
            case ["protect", service, method, profile]:
                e2e.protect(number(service), number(method), profile)
            case ["spoil", service, method, wrong]:
                e2e.spoil(number(service), number(method), wrong)
            case ["received"]:
                return await self.received.get()
            case ["crash"]:
                os._exit(1)
            case _:
                return f"error: unknown command {line!r}"
        return "ok"


def described(message):
    value = int.from_bytes(e2e.content(message), "big")
    return f"{message.message_type.name} {message.method_id:04x} {value}{corrupt(message)}"


def corrupt(message):
    return "" if e2e.is_right(message) else " corrupt"


async def receive(protocol, reader, address):
    """Hands over what comes on a TCP connection, until it ends."""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            protocol.message_received(await SOMEIPHeader.read(reader), address, multicast=False)


class Service(SimpleService):
    """The service that is offered."""

    service_id = version_major = version_minor = 0

    def __init__(self, received):
        super().__init__(instance_id=1)
        self.beside = None
        self.second = None
        self.received = received
        self.register_method(ECHO, lambda request, _: request.payload)
        self.register_method(CONFUSING, self.confuse)
        self.register_method(SINK, lambda message, _: received.put_nowait(described(message)))
        for code in e2e.RETURN_CODES:
            self.register_method(FAILING + code, functools.partial(self.fail_e2e, code))
        for code in SOMEIPReturnCode:
            if code != SOMEIPReturnCode.E_OK:
                failure = functools.partial(self.send_error_response, return_code=code)
                self.register_method(FAILING + code, failure)

    def groups_of(self, event):
        return [group for group in self.eventgroups.values() if event in group.events]

    async def notify(self, event, payload):
        """Sends an event once to each subscriber, and to each address of a group."""
        groups = self.groups_of(event)
        endpoints = set()
        for group in groups:
            if event in group.values:
                group.values[event] = payload
            endpoints |= group.targets()
        await groups[0].send(event, payload, endpoints)

    def send(self, buf, remote=None):
        super().send(e2e.sealed(bytes(buf)), remote)

    def message_received(self, message, address, multicast):
        if not e2e.is_right(message):
            self.received.put_nowait(described(message))
        elif message.service_id == self.beside:
            self.send_positive_response(message, address, payload=message.payload)
        elif self.second is not None and message.service_id == self.second.service_id:
            self.second.message_received(message, address, multicast)
        else:
            super().message_received(message, address, multicast)

    def fail_e2e(self, code, request, address):
        error = dataclasses.replace(request, message_type=SOMEIPMessageType.ERROR, payload=b"")
        self.send(error.build()[:-1] + bytes([code]), address)

    def confuse(self, request, address):
        for service in (self.beside, self.service_id):
            other = dataclasses.replace(request, service_id=service, method_id=ECHO)
            self.send_positive_response(other, address, payload=b"wrong")
        return request.payload


class TcpService(Service):
    """The same over TCP, which is not in pysomeip."""

    def __init__(self, received):
        super().__init__(received)
        self.writers = {}

    def as_config(self):
        endpoint = dataclasses.replace(self._endpoint, l4proto=L4Protocols.TCP)
        return dataclasses.replace(super().as_config(), options_1=(endpoint,))

    async def accept(self, reader, writer):
        address = writer.get_extra_info("peername")
        self.writers[address] = writer
        await receive(self, reader, address)

    def send(self, buf, remote=None):
        if remote in self.writers:
            self.writers[remote].write(e2e.sealed(bytes(buf)))
        else:
            super().send(buf, remote)


class ServiceAt(TcpService):
    """The same over one or both protocols, of which it announces some."""

    protocols = ()
    events_over = None

    def as_config(self):
        endpoints = [dataclasses.replace(self._endpoint, l4proto=each) for each in self.protocols]
        return dataclasses.replace(super().as_config(), options_1=tuple(endpoints))

    def client_subscribed(self, subscription, source):
        super().client_subscribed(self.as_served(subscription), source)

    def client_unsubscribed(self, subscription, source):
        super().client_unsubscribed(self.as_served(subscription), source)

    def as_served(self, subscription):
        if self.events_over is None:
            return subscription
        endpoints = {each for each in subscription.endpoints if each.l4proto == self.events_over}
        return dataclasses.replace(subscription, endpoints=frozenset(endpoints))


class Discovery(sd.ServiceDiscoveryProtocol):
    """Service discovery of which can be known when it offers, and what subscriptions are answered."""

    offering = None
    answer = None

    def sd_message_received(self, sdhdr, addr, multicast):
        super().sd_message_received(sdhdr, addr, multicast)
        for entry in sdhdr.entries:
            if entry.sd_type == SOMEIPSDEntryType.SubscribeAck and self.answer is not None:
                self.answer.set_result("accepted" if entry.ttl else "refused")
                self.answer = None

    async def answered(self):
        self.answer = asyncio.get_running_loop().create_future()
        return await self.answer

    def send_sd(self, entries, remote=None):
        super().send_sd(entries, remote)
        if remote is None and self.offering is not None:
            self.offering.set_result(None)
            self.offering = None

    async def announced(self, count):
        for _ in range(count):
            self.offering = asyncio.get_running_loop().create_future()
            await self.offering

    def reboot_detected(self, addr):
        """Forgets what a host that has started again offered, and had subscribed to. pysomeip does
        so after it has looked at the message that shows it, so that it forgets what this one and the
        next bring: it may acknowledge a subscription again and again, and send nothing. By the
        standard, what is updated again stays (AUTOSAR PRS SOME/IP-SD, detection of reboots).
        """
        for store in (self.discovery.found_services, *self.subscriptions()):
            for entry in list(store.store[addr]):
                store.stop(addr, entry)

    def forget_subscriptions(self):
        for store in self.subscriptions():
            store.stop_all_matching(lambda _: True)

    def subscriptions(self):
        return [instance.subscriptions for instance in self.announcer.announcing_services]


class Eventgroup(SimpleEventgroup):
    """Its values are those of fields, which a new subscriber gets at once. Events have none."""

    def __init__(self, service, group, events):
        super().__init__(service, group)
        self.events = events
        self.multicast = None

    def targets(self):
        if self.multicast is not None and self.subscribed_endpoints:
            return {multicast_option(header.IPv4EndpointOption, self.multicast)}
        return self.subscribed_endpoints

    async def send(self, event, payload, endpoints):
        sent = SimpleEventgroup(self.service, self.id)
        sent.values[event] = payload
        sent.subscribed_endpoints = endpoints
        await sent._notify_all([event], "event")


def multicast_option(kind, address):
    return kind(ipaddress.IPv4Address(address[0]), L4Protocols.UDP, address[1])


class Instance(sd.ServiceInstance):
    """What is announced. It tells subscribers to which address events are sent."""

    def handle_subscribe(self, entry, addr):
        group = self.listener.eventgroups.get(entry.eventgroup_id)
        if group is None or group.multicast is None:
            return super().handle_subscribe(entry, addr)
        option = multicast_option(header.IPv4MulticastOption, group.multicast)
        queue_send, announcer = self.announcer.queue_send, self.announcer

        def with_option(entry, remote):
            queue_send(dataclasses.replace(entry, options_1=(option,)), remote=remote)

        announcer.queue_send = with_option
        try:
            return super().handle_subscribe(entry, addr)
        finally:
            announcer.queue_send = queue_send


class Client(sd.SOMEIPDatagramProtocol, sd.ClientServiceListener):
    """What calls a service, and receives its events."""

    protocol = L4Protocols.UDP

    def __init__(self, received):
        super().__init__()
        self.received = received
        self.available = asyncio.Event()
        self.server = None
        self.session = 0
        self.waiting = {}

    def service_offered(self, service, source):
        for endpoint in service.options_1:
            if endpoint.l4proto == self.protocol:
                self.server = (str(endpoint.address), endpoint.port)
                self.available.set()

    def service_stopped(self, service, source):
        self.available.clear()

    async def connect(self):
        pass

    def send(self, buf, remote=None):
        super().send(e2e.sealed(buf), remote)

    def endpoint(self):
        """Where events are sent to."""
        return self.transport.get_extra_info("sockname")

    def request(self, service, method, version, kind, payload, client_id=CLIENT_ID):
        self.session += 1
        ids = (service, method, client_id, self.session)
        return SOMEIPHeader(*ids, version, kind, payload=payload)

    async def call(self, request):
        response = asyncio.get_running_loop().create_future()
        self.waiting[request.client_id, request.session_id] = response
        self.send(request.build(), self.server)
        return await response

    def message_received(self, message, address, multicast):
        if message.message_type == SOMEIPMessageType.NOTIFICATION:
            to = " by multicast" if multicast else ""
            self.received.put_nowait(described(message) + to)
            return
        response = self.waiting.pop((message.client_id, message.session_id), None)
        if response is not None:
            response.set_result(message)


class TcpClient(Client):
    """The same over TCP, which is not in pysomeip."""

    protocol = L4Protocols.TCP

    def __init__(self, received):
        super().__init__(received)
        self.writer = None
        self.reading = None

    async def connect(self):
        if self.writer is None:
            reader, self.writer = await asyncio.open_connection(*self.server)
            self.reading = asyncio.create_task(receive(self, reader, self.server))

    def endpoint(self):
        return self.writer.get_extra_info("sockname")

    def send(self, buf, remote=None):
        self.writer.write(e2e.sealed(buf))


async def start_discovery(address, seconds=None):
    timings = TIMINGS
    if seconds is not None:
        delay = float(seconds)
        timings = dataclasses.replace(
            timings, CYCLIC_OFFER_DELAY=delay, REPETITIONS_MAX=0, ANNOUNCE_TTL=FOREVER
        )
    _, _, discovery = await Discovery.create_endpoints(
        socket.AF_INET, address, SD_GROUP
    )
    for part in (discovery, discovery.announcer, discovery.discovery, discovery.subscriber):
        part.timings = timings
    discovery.start()
    return discovery


async def standard_input():
    lines = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(lines)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    return lines


async def main(address, seconds=None):
    ecu = Ecu(address, await start_discovery(address, seconds))
    lines = await standard_input()
    print("ready", flush=True)
    while line := await lines.readline():
        print(await ecu.obey(line.decode()), flush=True)


# It warns of each request that it refuses.
logging.basicConfig(level=logging.ERROR)
if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
