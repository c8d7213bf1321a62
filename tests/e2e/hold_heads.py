#!/usr/bin/python3
"""Holds half a request head on each of many connections, and opens again what is closed, until its standard input ends.
Usage: hold_heads.py HOST PORT COUNT SOURCE..."""

import errno
import ipaddress
import resource
import select
import socket
import sys

HOST, PORT, COUNT, SOURCES = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
FAMILY = socket.AF_INET if ipaddress.ip_address(HOST).version == 4 else socket.AF_INET6
RESTS_MS = 100  # after a refusal: no more than some thousand attempts a second


def begin(epoll, number):
    client = socket.socket(FAMILY, socket.SOCK_STREAM)
    client.setblocking(False)
    client.bind((SOURCES[number % len(SOURCES)], 0))
    if client.connect_ex((HOST, PORT)) not in (0, errno.EINPROGRESS):
        client.close()
        return None
    epoll.register(client, select.EPOLLOUT | select.EPOLLIN | select.EPOLLRDHUP)
    return client


def main():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    epoll = select.epoll()
    epoll.register(sys.stdin, select.EPOLLIN)
    held, number = {}, 0
    while True:
        for _ in range(min(COUNT - len(held), 200)):
            number += 1
            client = begin(epoll, number)
            if client is None:
                break
            held[client.fileno()] = client
        for fd, events in epoll.poll(RESTS_MS / 1000):
            if fd == sys.stdin.fileno():
                return
            if events & (select.EPOLLERR | select.EPOLLHUP | select.EPOLLRDHUP | select.EPOLLIN):
                epoll.unregister(fd)
                held.pop(fd).close()
            elif events & select.EPOLLOUT:
                try:
                    held[fd].send(b"G")
                    epoll.modify(fd, select.EPOLLIN | select.EPOLLRDHUP)
                except OSError:
                    pass  # its end is the next event


main()
