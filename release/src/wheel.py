"""Writes a wheel: python3 wheel.py < description.json

A wheel is a zip file of modules and of metadata that lists them. Nothing is compiled, so the
standard library is enough, and the same input gives the same bytes.
"""

import base64
import hashlib
import json
import pathlib
import sys
import zipfile

# Time plays no part: the earliest that a zip file can name.
TIME = (1980, 1, 1, 0, 0, 0)
FILE_MODE = 0o100644 << 16


def wheel_metadata(wheel: dict) -> str:
    fields = [
        ("Metadata-Version", "2.4"),
        ("Name", wheel["name"]),
        ("Version", wheel["version"]),
        ("Summary", wheel["summary"]),
        ("License-Expression", wheel["licence"]),
        ("License-File", "LICENSE"),
        ("Requires-Python", ">=3.9"),
        *(("Requires-Dist", requirement) for requirement in wheel["requirements"]),
        ("Description-Content-Type", "text/markdown"),
    ]
    head = "".join(f"{key}: {value}\n" for key, value in fields)
    return f"{head}\n{wheel['readme']}"


def start_module(wheel: dict) -> str:
    call = f"start({wheel['command']!r}, {wheel['node_flags']!r})"
    return f"from .launcher import start\n\n\ndef main():\n    {call}\n"


def wheel_files(wheel: dict) -> dict:
    stem = f"{wheel['module']}-{wheel['version']}"
    info = f"{stem}.dist-info"
    program = pathlib.Path(wheel["program"])
    launcher = pathlib.Path(__file__).with_name("launcher.py").read_bytes()
    files = {
        f"{wheel['module']}/__init__.py": start_module(wheel).encode(),
        f"{wheel['module']}/launcher.py": launcher,
    }
    for path in sorted(program.rglob("*")):
        # The licence has a place of its own in a wheel.
        if path.is_file() and path.name != "LICENSE":
            files[f"{wheel['module']}/program/{path.relative_to(program).as_posix()}"] = path.read_bytes()
    files[f"{info}/licenses/LICENSE"] = (program / "LICENSE").read_bytes()
    files[f"{info}/METADATA"] = wheel_metadata(wheel).encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: traffic-events\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{wheel['command']} = {wheel['module']}:main\n".encode()
    files[f"{info}/RECORD"] = record(files, f"{info}/RECORD").encode()
    return files


def record(files: dict, own_name: str) -> str:
    lines = []
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}")
    return "\n".join([*lines, f"{own_name},,", ""])


def write_wheel(wheel: dict) -> None:
    name = f"{wheel['module']}-{wheel['version']}-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(wheel["folder"]) / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in wheel_files(wheel).items():
            entry = zipfile.ZipInfo(path, TIME)
            entry.external_attr = FILE_MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    print(name)


if __name__ == "__main__":
    write_wheel(json.load(sys.stdin))
