"""A folder as the root of a process, as a container has it: own mounts and processes (unshare), a user that is not root."""
import json
import os
import pathlib
import subprocess

from support import Program, until

MOUNTS = """
root=$1 user=$2 mode=$3
shift 3
mount --bind "$root" "$root"
while [[ $1 != -- ]]; do
    mkdir -p "$root$2"
    mount --bind "$1" "$root$2"
    shift 2
done
shift
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
[[ $mode != ro ]] || mount -o remount,bind,ro "$root"
exec chroot --userspec="$user" "$root" /usr/bin/env -i "$@"
"""


def command_in(root, user, environment, command, volumes=None, read_only=False):
    """The arguments that run `command` there; `volumes` are {folder of this machine: folder there}. Needs root, as chroot does."""
    binds = [str(part) for pair in (volumes or {}).items() for part in pair]
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "bash", "-euc", MOUNTS, "root", str(root), user,
            "ro" if read_only else "rw", *binds, "--", *(f"{key}={value}" for key, value in environment.items()), *command]


class Contained(Program):
    """A program that is process 1 of such a root."""

    def __init__(self, *arguments, **more):
        super().__init__(command_in(*arguments, **more), {"PATH": os.environ["PATH"]})

    def inner(self):
        """Its process id, as this machine has it."""
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return until(lambda: children.exists() and children.read_text().split(), "the process")[0]

    def terminate(self):
        os.kill(int(self.inner()), 15)


def run_in(*arguments, patience, **more):
    """(exit code, what it said)"""
    done = subprocess.run(command_in(*arguments, **more), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          check=False, timeout=patience)
    return done.returncode, done.stdout


def image_configuration(text):
    """The part of `buildah inspect` that says how to run it."""
    return json.loads(text)["Docker"]["config"]
