"""What the stand-ins share: messages of a contract without generated code, and a server on a Unix socket."""

import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent import futures

import grpc

REPOSITORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")


def messages(*files):
    """Python modules for .proto files, made by protoc into a folder of this process's own."""
    folder = tempfile.mkdtemp(prefix="stand-in-")
    proto = os.path.join(REPOSITORY, "proto")
    command = ["protoc", "-I", proto, "-I", "/usr/include", f"--python_out={folder}", "berth/options/v1/verb.proto", *files]
    subprocess.run(command, check=True)
    sys.path.insert(0, folder)
    modules = [importlib.import_module(file.removesuffix(".proto").replace("/", ".") + "_pb2") for file in files]
    shutil.rmtree(folder)
    return modules


def unary(handle, request):
    return grpc.unary_unary_rpc_method_handler(
        lambda message, context: handle(message),
        request_deserializer=request.FromString,
        response_serializer=lambda answer: answer.SerializeToString(),
    )


def stream(handle, request):
    return grpc.unary_stream_rpc_method_handler(
        lambda message, context: handle(message),
        request_deserializer=request.FromString,
        response_serializer=lambda answer: answer.SerializeToString(),
    )


def serve(path, services):
    """`services`: full name of each service to its handlers by method."""
    if os.path.exists(path):
        os.unlink(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    server.add_generic_rpc_handlers(
        tuple(grpc.method_handlers_generic_handler(name, methods) for name, methods in services.items())
    )
    server.add_insecure_port("unix://" + path)
    server.start()
    return server


def call(path, method, message, answer):
    with grpc.insecure_channel("unix://" + path) as channel:
        send = channel.unary_unary(
            method,
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=answer.FromString,
        )
        return send(message, timeout=10)


def say(**fact):
    """One line of JSON, which the test reads."""
    print(json.dumps(fact), flush=True)
