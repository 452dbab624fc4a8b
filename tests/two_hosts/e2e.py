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

"""End-to-end protection after AUTOSAR's profiles, as vsomeip's configuration names them. What
protects a payload is at its beginning, where each of them has the same room.
"""

import zlib

ROOM = 20
HEADER = 16
# P04 and P07 protect the second half of SOME/IP's header, too.
UNPROTECTED_HEADER = 8
DATA_ID = 0x0A73
INSTANCE = 1
# Those of failed checks, which pysomeip does not know.
RETURN_CODES = range(0x0B, 0x10)

# By message id: what protects these messages.
protected = {}


def reflected_crc(data, polynomial, width):
    ones = (1 << width) - 1
    crc = ones
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (polynomial if crc & 1 else 0)
    return crc ^ ones


def crc8(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ (0x1D if crc & 0x80 else 0)) & 0xFF
    return crc


class Profile:
    """How the messages of one id are protected, and what is made wrong in those that are sent."""

    begin = HEADER
    wrong = "nothing"
    counter = 0

    def sealed(self, message):
        if self.wrong == "plain":
            return message[:HEADER] + bytes(ROOM) + message[HEADER + ROOM :]
        if self.wrong == "short":
            return shortened(message)
        data_id = DATA_ID ^ (self.wrong == "id")
        data = bytearray(message[self.begin :])
        self.write(data, self.counter, len(data) + (self.wrong == "length"), data_id)
        if self.wrong != "counter":
            self.counter += 1
        if self.wrong == "checksum":
            data[-1] ^= 1
        return message[: self.begin] + data

    def is_right(self, message):
        data = bytearray(message[self.begin :])
        self.write(data, self.counter_in(data), len(data), DATA_ID)
        return data == message[self.begin :]


class P01(Profile):
    """With a data id of 12 bits, whose upper four are sent."""

    def write(self, data, counter, _, data_id):
        data[1] = data_id >> 4 & 0xF0 | counter % 15
        data[0] = crc8(bytes([data_id & 0xFF, 0]) + data[1:])

    def counter_in(self, data):
        return data[1] & 0x0F


class Crc32(Profile):
    """The usual checksum of 32 bits, and nothing else."""

    def write(self, data, *_):
        data[:4] = zlib.crc32(data[4:]).to_bytes(4, "big")

    def counter_in(self, _):
        return 0


class P04(Profile):
    """vsomeip has the instance in the data id."""

    begin = UNPROTECTED_HEADER

    def write(self, data, counter, length, data_id):
        data[8:10] = (length & 0xFFFF).to_bytes(2, "big")
        data[10:12] = (counter & 0xFFFF).to_bytes(2, "big")
        data[12:16] = (INSTANCE << 24 | data_id).to_bytes(4, "big")
        crc = reflected_crc(data[:16] + data[20:], 0xC8DF352F, 32)
        data[16:20] = crc.to_bytes(4, "big")

    def counter_in(self, data):
        return int.from_bytes(data[10:12], "big")


class P07(Profile):
    begin = UNPROTECTED_HEADER

    def write(self, data, counter, length, data_id):
        data[16:20] = length.to_bytes(4, "big")
        data[20:24] = (counter & 0xFFFFFFFF).to_bytes(4, "big")
        data[24:28] = data_id.to_bytes(4, "big")
        crc = reflected_crc(data[:8] + data[16:], 0xC96C5795D7870F42, 64)
        data[8:16] = crc.to_bytes(8, "big")

    def counter_in(self, data):
        return int.from_bytes(data[20:24], "big")


PROFILES = {"CRC8": P01, "CRC32": Crc32, "P04": P04, "P07": P07}


def id_of(service, method):
    return service.to_bytes(2, "big") + method.to_bytes(2, "big")


def protect(service, method, profile):
    protected[id_of(service, method)] = PROFILES[profile]()


def spoil(service, method, wrong):
    protected[id_of(service, method)].wrong = wrong


def shortened(message):
    """A message that is too short to be protected."""
    payload = message[HEADER : HEADER + 1]
    return message[:4] + (8 + len(payload)).to_bytes(4, "big") + message[8:HEADER] + payload


def profile_of(message):
    """What protects a message. An error has no payload, in which there could be anything."""
    return protected.get(message[:4]) if len(message) >= HEADER + ROOM else None


def with_room(service, method, payload):
    return bytes(ROOM) + payload if id_of(service, method) in protected else payload


def sealed(message):
    profile = profile_of(message)
    return profile.sealed(message) if profile else message


def is_right(header):
    message = header.build()
    profile = profile_of(message)
    return profile is None or profile.is_right(message)


def content(header):
    return header.payload[ROOM:] if profile_of(header.build()) else header.payload
