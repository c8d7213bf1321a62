#!/usr/bin/python3
"""Client: brings COUNT connections from as many ports to their end, which the server makes, and says "ended"; told to go on
by a line, it opens all of these ports again together, says "open", and keeps what stands until its standard input ends.
Its machine must not tell the server when it drops one.
Server: ends whatever comes (KIND reset: by a RST; left: by a FIN, and waits for no other); after a line it keeps what comes.
Usage: reuse_ports.py client HOST PORT SOURCE COUNT | server HOST PORT KIND"""

import resource
import select
import socket
import struct
import sys
import time

ABORT = struct.pack("ii", 1, 0)
FIRST_PORT = 20000


def family(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def bound(host, port):
    one = socket.socket(family(host), socket.SOCK_STREAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind((host, port))
    return one


def is_ended(source, server, number):
    """Whether the server took a connection from that port, and ended it."""
    with bound(source, FIRST_PORT + number) as one:
        one.settimeout(5)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        try:
            one.connect(server)
        except OSError:
            return False
        try:
            one.recv(1)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)  # the FIN is answered before the port is dropped
            return True
        except ConnectionResetError:
            return True
        except OSError:
            return False


def client(host, port, source, count):
    server = (host, int(port))
    for number in range(int(count)):
        while not is_ended(source, server, number):
            time.sleep(0.1)
    print("ended", flush=True)
    sys.stdin.readline()
    kept = [bound(source, FIRST_PORT + number) for number in range(int(count))]
    for one in kept:
        one.setblocking(False)
        one.connect_ex(server)
    print("open", flush=True)
    sys.stdin.read()


def server(host, port, kind):
    listener = bound(host, int(port))
    listener.listen(4096)
    print("listening", flush=True)
    kept, keeps = [], False
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            if not sys.stdin.readline():
                return
            keeps = True
            print("keeping", flush=True)
        if listener in ready:
            one, _ = listener.accept()
            if keeps:
                kept.append(one)
                continue
            if kind == "reset":
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
            one.close()


_, HARD = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (HARD, HARD))
{"client": client, "server": server}[sys.argv[1]](*sys.argv[2:])
