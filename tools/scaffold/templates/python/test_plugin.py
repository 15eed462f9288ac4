"""Starts the plugin as a host does and asks it how a host does: /usr/bin/python3 -m unittest"""

import os
import subprocess
import sys
import tempfile
import time
import unittest

import grpc

HERE = os.path.dirname(os.path.abspath(__file__))


class PluginTest(unittest.TestCase):
    def test_answers_the_probe(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "p.sock")
            plugin = subprocess.Popen([sys.executable, "-B", "main.py", path], cwd=HERE)
            try:
                with grpc.insecure_channel("unix://" + path) as channel:
                    ask = channel.unary_unary("__PROBE__")
                    answer = ask.future(b"", timeout=20, wait_for_ready=True)
                    while not answer.done():
                        self.assertIsNone(plugin.poll(), "the plugin has ended")
                        time.sleep(0.05)
                    answer.result()
            finally:
                plugin.terminate()
                self.assertEqual(plugin.wait(timeout=20), 0)
