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

"""The ECUs that the examples reach, at one address, on the stack of ecu.py. Numbers are big-endian.

service, version  over, port  what
1010, 1           UDP 30510   brake controller: method 1 takes the number of a wheel, and returns the
                              pressure there in 0.1 bar
1020, 1           TCP 30520   event recorder of the brake controller: method 1 takes the number of a
                              record, and returns its 4096 bytes
2010, 1           UDP 30530   IMU, in the instances 1 and, at port 30531, 2: event 8001 in the eventgroup
                              5 is the yaw rate in 0.01 degrees/s and the lateral acceleration in
                              0.01 m/s^2, each with 16 bits and a sign
3010, 2           UDP 30540   body controller: the field brightness of the interior light, in percent,
                              with the getter 11, the setter 12 and the notifier 8011 in the eventgroup
                              11. A notification, which is a request without return to method 0, tells
                              it of a crash: it unlocks the doors, and notifies the service 5010
4010, 1           UDP 30550   battery sensor, which knows no service discovery: method 1 returns the
                              voltage in mV

While another host offers the service 5010, the body controller calls its method 1, the mode of the
vehicle. All run until the standard input ends.

Usage: vehicle.py ADDRESS
"""

import asyncio
import os
import struct
import sys

import ecu
from someip.header import L4Protocols, SOMEIPMessageType

PRESSURES = [425, 430, 310, 305]
RECORD_LENGTH = 4096
MOTIONS = {1: (1250, 310), 2: (1245, 296)}
BRIGHTNESS = 20
VOLTAGE = 12600

MODE_SERVICE = 0x5010
MODES = ["off", "parked", "driving"]
# As a client, the body controller has the id of its service.
BODY = 0x3010


def say(text):
    print(text, flush=True)


class Controller(ecu.ServiceAt):
    """A service of an ECU, which says what is asked of it."""

    name = ""

    def say(self, text):
        say(f"{self.name}: {text}")

    def answer(self, method, handler):
        """Answers requests by what the handler makes of their payload."""
        self.methods[method] = lambda request, _: handler(request.payload)

    def add_event(self, group, event, value=None):
        """Adds an event in an eventgroup; with a value, it is a field."""
        eventgroup = ecu.Eventgroup(self, group, [event])
        if value is not None:
            eventgroup.values[event] = value
        self.register_eventgroup(eventgroup)
        return eventgroup

    def client_subscribed(self, subscription, source):
        super().client_subscribed(subscription, source)
        self.say(f"eventgroup {subscription.id} is subscribed to")


class Vehicle(ecu.Ecu):
    """All ECUs."""

    def __init__(self, address, discovery):
        super().__init__(address, discovery)
        self.tasks = set()

    def start_task(self, coroutine):
        task = asyncio.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def add(self, name, protocol, port, service, version=1, instance=1):
        controller = await self.start(Controller, service, version, port)
        controller.name, controller.instance_id = name, instance
        controller.protocols = [L4Protocols[protocol]]
        if protocol == "TCP":
            await asyncio.start_server(controller.accept, self.address, port)
        return controller

    def announce(self, controller):
        controller.start_announce(self.discovery.announcer)

    async def add_brakes(self):
        brakes = await self.add("brake controller", "UDP", 30510, 0x1010)

        def pressure(payload):
            wheel = int.from_bytes(payload, "big")
            brakes.say(f"asked for the pressure at wheel {wheel}")
            return struct.pack(">H", PRESSURES[wheel])

        brakes.answer(1, pressure)
        self.announce(brakes)

    async def add_recorder(self):
        recorder = await self.add("event recorder", "TCP", 30520, 0x1020)

        def record(payload):
            number = int.from_bytes(payload, "big")
            recorder.say(f"asked for record {number}, over TCP")
            return bytes((number + offset) % 256 for offset in range(RECORD_LENGTH))

        recorder.answer(1, record)
        self.announce(recorder)

    async def add_imu(self, instance, port):
        imu = await self.add(f"IMU {instance}", "UDP", port, 0x2010, instance=instance)
        group = imu.add_event(5, 0x8001)
        self.announce(imu)
        self.start_task(self.measure(imu, group))

    async def measure(self, imu, group):
        while True:
            await asyncio.sleep(0.1)
            if group.subscribed_endpoints:
                await imu.notify(0x8001, struct.pack(">hh", *MOTIONS[imu.instance_id]))

    async def add_body(self):
        body = await self.add("body controller", "UDP", 30540, 0x3010, version=2)
        light = body.add_event(0x11, 0x8011, bytes([BRIGHTNESS]))

        def get(_):
            body.say("asked for the brightness")
            return light.values[0x8011]

        def set_to(value):
            body.say(f"told to set the brightness to {value[0]} %")
            self.start_task(body.notify(0x8011, value))
            return value

        def unlock(_):
            body.say("told of a crash, unlocks the doors")
            self.start_task(self.tell_host(bytes([1])))
            return b""

        body.answer(0x11, get)
        body.answer(0x12, set_to)
        body.answer(ecu.SINK, unlock)
        self.announce(body)
        self.start_task(self.follow_mode(body))

    async def tell_host(self, payload):
        client = await self.client_of(MODE_SERVICE, ecu.Client)
        kind = SOMEIPMessageType.REQUEST_NO_RETURN
        message = client.request(MODE_SERVICE, ecu.SINK, 1, kind, payload, BODY)
        client.send(message.build(), client.server)

    async def follow_mode(self, body):
        while True:
            # A service that ends does not answer.
            request = self.call(ecu.Client, MODE_SERVICE, 1, 1, b"", bytes.hex)
            try:
                _, code, *payload = (await asyncio.wait_for(request, 1)).split()
                if code == "E_OK":
                    body.say(f"the mode is {MODES[int(payload[0], 16)]}")
            except TimeoutError:
                pass
            await asyncio.sleep(0.2)

    async def add_battery(self):
        # Not announced.
        battery = await self.add("battery sensor", "UDP", 30550, 0x4010)

        def voltage(_):
            battery.say("asked for the voltage")
            return struct.pack(">H", VOLTAGE)

        battery.answer(1, voltage)


async def main(address):
    vehicle = Vehicle(address, await ecu.start_discovery(address))
    await vehicle.add_brakes()
    await vehicle.add_recorder()
    await vehicle.add_imu(1, 30530)
    await vehicle.add_imu(2, 30531)
    await vehicle.add_body()
    await vehicle.add_battery()
    say("ready")
    await (await ecu.standard_input()).read()
    # Without a farewell, as an ECU that loses its power.
    os._exit(0)


asyncio.run(main(*sys.argv[1:]))
