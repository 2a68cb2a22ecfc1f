"""A service manager that only listens: datagrams.py SOCKET prints each datagram as a line. A name that begins with @ is abstract."""
import socket
import sys

name = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("\0" + name[1:] if name.startswith("@") else name)
print("listening", flush=True)
while True:
    print(s.recv(4096).decode(), flush=True)
