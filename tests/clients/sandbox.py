#!/usr/bin/env python3
"""Becomes a program inside the sandbox of a systemd unit, as far as that can be had without systemd.

    sandbox.py UNIT WRITABLE... -- PROGRAM ARGUMENT...

Reads the unit and does what it says: a mount namespace in which everything is read-only but the folders
named as writable (ProtectSystem=strict, ProtectHome=yes, PrivateTmp=yes, PrivateDevices=yes), no capabilities, no new
privileges, the user `nobody` in place of the unit's, RestrictAddressFamilies, MemoryDenyWriteExecute,
SystemCallFilter and SystemCallErrorNumber as a seccomp filter, UMask and LimitCORE. Has to be started as root.
"""

import ctypes
import errno
import os
import pwd
import resource
import socket
import subprocess
import sys

CLONE_NEWNS = 0x00020000
CLONE_NEWIPC = 0x08000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP, PR_SET_MDWE = 38, 24, 65

ALLOW = 0x7FFF0000


def fail_with(number):
    return 0x00050000 | number


libc = ctypes.CDLL(None, use_errno=True)
seccomp = ctypes.CDLL("libseccomp.so.2")
seccomp.seccomp_init.restype = ctypes.c_void_p
seccomp.seccomp_rule_add_array.argtypes = [
    ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p]
seccomp.seccomp_load.argtypes = [ctypes.c_void_p]


class Comparison(ctypes.Structure):
    """struct scmp_arg_cmp"""
    _fields_ = [("argument", ctypes.c_uint), ("operator", ctypes.c_int), ("first", ctypes.c_uint64),
                ("second", ctypes.c_uint64)]


EQUAL, MASKED_EQUAL = 4, 7


def check(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno() or -result, f"{what}: {os.strerror(ctypes.get_errno() or -result)}")


def read_unit(path):
    """The settings of the unit; those that may stand more than once as lists."""
    settings = {}
    with open(path, encoding="utf-8") as unit:
        for line in unit:
            name, equals, value = line.strip().partition("=")
            if equals and not name.startswith("#"):
                settings.setdefault(name, []).append(value)
    return settings


def mount(source, target, kind, flags, data=None):
    encode = lambda text: text.encode() if text is not None else None
    check(libc.mount(encode(source), encode(target), encode(kind), flags, encode(data)), f"mount {target}")


def make_read_only(writable):
    """ProtectSystem=strict, PrivateTmp, ProtectHome: only the folders of the service can be written."""
    check(libc.unshare(CLONE_NEWNS | CLONE_NEWIPC), "unshare")
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    kept = []
    for folder in writable:
        # They may lie below a folder that is about to be hidden.
        kept.append(os.open(folder, os.O_PATH | os.O_DIRECTORY))
    programs = {os.path.dirname(os.path.realpath(sys.argv[sys.argv.index("--") + 1]))}
    kept_programs = {folder: os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in programs}
    mounted = [line.split()[4].replace("\\040", " ") for line in open("/proc/self/mountinfo", encoding="utf-8")]
    for point in sorted(set(mounted), key=len):
        if point.startswith(("/proc", "/sys", "/dev")):
            continue
        try:
            mount(None, point, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID)
        except OSError:
            pass  # Hidden below another one.
    for hidden in ("/tmp", "/var/tmp", "/home", "/root"):
        if os.path.isdir(hidden):
            mount("tmpfs", hidden, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777" if "tmp" in hidden else "mode=0755")
    for folder, descriptor in list(zip(writable, kept)) + list(kept_programs.items()):
        os.makedirs(folder, exist_ok=True)
        mount(f"/proc/self/fd/{descriptor}", folder, None, MS_BIND)
        # It was read-only with the mount it is from.
        mount(None, folder, None, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV)
        os.close(descriptor)
    for folder in kept_programs:
        mount(None, folder, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID)


def system_calls(settings):
    """The names that SystemCallFilter lets through: groups are asked of systemd-analyze."""
    def expand(word):
        if not word.startswith("@"):
            return {word}
        output = subprocess.run(["systemd-analyze", "syscall-filter", word], check=True, capture_output=True, text=True)
        names = set()
        for line in output.stdout.splitlines()[1:]:
            name = line.strip()
            if name and not name.startswith("#"):
                names |= expand(name)
        return names

    allowed = set()
    for value in settings["SystemCallFilter"]:
        if value.startswith("~"):
            for word in value[1:].split():
                allowed -= expand(word)
        else:
            for word in value.split():
                allowed |= expand(word)
    return allowed | expand("@default")


def filter_system_calls(settings):
    refusal = fail_with(getattr(errno, settings["SystemCallErrorNumber"][0]))
    context = seccomp.seccomp_init(refusal)
    number = lambda name: seccomp.seccomp_syscall_resolve_name(name.encode())
    def add(action, name, *comparisons):
        array = (Comparison * len(comparisons))(*comparisons)
        check(seccomp.seccomp_rule_add_array(context, action, number(name), len(comparisons), array), name)

    families = [getattr(socket, word) for word in settings["RestrictAddressFamilies"][0].split()]
    careful = {"socket", "mmap", "mprotect", "pkey_mprotect"}
    for name in sorted(system_calls(settings) - careful):
        if number(name) >= 0:
            add(ALLOW, name)
    for family in families:
        add(ALLOW, "socket", Comparison(0, EQUAL, family, 0))
    # MemoryDenyWriteExecute: never both, and nothing becomes executable that was not mapped so.
    for bits in range(8):
        if bits & 6 != 6:
            add(ALLOW, "mmap", Comparison(2, MASKED_EQUAL, 7, bits))
        if not bits & 4:
            add(ALLOW, "mprotect", Comparison(2, MASKED_EQUAL, 7, bits))
    check(seccomp.seccomp_load(context), "seccomp_load")


def main():
    separator = sys.argv.index("--")
    settings = read_unit(sys.argv[1])
    writable = [os.path.abspath(folder) for folder in sys.argv[2:separator]]
    program = sys.argv[separator + 1:]
    user = pwd.getpwnam("nobody")
    for folder in writable:
        os.chown(folder, user.pw_uid, user.pw_gid)
    here = os.getcwd()
    names = system_calls(settings)  # Before this process may start no other any more.
    globals()["system_calls"] = lambda _settings: names
    make_read_only(writable)
    resource.setrlimit(resource.RLIMIT_CORE, (int(settings["LimitCORE"][0]),) * 2)
    os.umask(int(settings["UMask"][0], 8))
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setgroups([])
    os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
    os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    os.chdir(here)
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    filter_system_calls(settings)
    os.execv(program[0], program)


main()
