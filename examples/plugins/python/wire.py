"""Messages of a contract as bytes, without generated code, and a server on a Unix socket. Needs python3-grpcio only."""

import signal
from concurrent import futures

import grpc


def text(number, value):
    """A field of a string."""
    return nested(number, value.encode())


def nested(number, value):
    """A field of bytes: of a message, that is."""
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def boolean(number, value):
    return _varint(number << 3) + _varint(int(value))


def fields(message):
    """Each field of a message in its order, as (number, value): an int, or the bytes of a string or message."""
    at = 0
    while at < len(message):
        key, at = _read_varint(message, at)
        value, at = _read_varint(message, at)
        if key & 7 == 2:
            value, at = message[at : at + value], at + value
        elif key & 7 != 0:
            raise ValueError(f"field {key >> 3} has wire type {key & 7}")
        yield key >> 3, value


def serve(path, services):
    """Until SIGTERM. `services`: full name of each to its methods, which take (request, context) as gRPC has them."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    for name, methods in services.items():
        handlers = {method: _handler(verb) for method, verb in methods.items()}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, handlers),))
    server.add_insecure_port("unix://" + path.removeprefix("unix://"))
    signal.signal(signal.SIGTERM, lambda *_: server.stop(grace=1))
    server.start()
    server.wait_for_termination()


def stream(verb):
    """Marks a verb that answers many times: a generator."""
    verb.is_stream = True
    return verb


def _handler(verb):
    if getattr(verb, "is_stream", False):
        return grpc.unary_stream_rpc_method_handler(verb)
    return grpc.unary_unary_rpc_method_handler(verb)


def _varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def _read_varint(message, at):
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
