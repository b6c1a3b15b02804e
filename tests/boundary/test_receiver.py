"""The receiver of the tests hears what a partner's would."""

import socket

from tests.boundary.receiver import receiving

HEAD = b"POST /hook HTTP/1.1\r\nHost: hooks.example\r\nContent-Length: 4\r\n\r\n"


def test_a_message_whose_sender_dies_on_the_way_is_neither_heard_nor_answered():
    with receiving() as receiver, socket.create_connection(("127.0.0.1", receiver.port)) as sender:
        sender.sendall(HEAD + b"ha")
        sender.shutdown(socket.SHUT_WR)
        assert sender.recv(100) == b""
        assert receiver.heard == []


def test_a_whole_message_is_heard_and_answered():
    with receiving() as receiver, socket.create_connection(("127.0.0.1", receiver.port)) as sender:
        sender.sendall(HEAD + b"half")
        assert sender.recv(100).startswith(b"HTTP/1.0 200")
        assert [each.body for each in receiver.heard] == [b"half"]
