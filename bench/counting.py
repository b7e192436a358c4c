"""Counts instructions under callgrind, so that the same code gives the same count on another machine."""
import concurrent.futures
import os
import pathlib
import re
import subprocess

# Libraries choose code by what the processor can do, and valgrind shows part of the host's: all of it is held at what
# every machine with x86-64-v2 has.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C",
    "LD_BIND_NOW": "1",
    "QT_HASH_SEED": "0",
    "QT_NO_CPU_FEATURE": "avx avx2 avx512f f16c fma bmi bmi2 lzcnt movbe rdrnd rdseed rtm aes sha vaes",
    "SIMDJSON_FORCE_IMPLEMENTATION": "westmere",
    # CPUID leaf 1 (EDX, ECX) up to SSE4.2, PCLMUL, POPCNT and AES; nothing of leaf 7.
    "OPENSSL_ia32cap": "0x0298020307808100:0x0",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=" + ",".join("-" + name for name in (
        "AVX", "AVX2", "AVX512F", "AVX512VL", "AVX512BW", "AVX_Fast_Unaligned_Load", "AVX_Fast_Unaligned_Copy",
        "BMI1", "BMI2", "ERMS", "FSRM", "LZCNT", "MOVBE", "RTM", "SSE4_2")),
}


def callgrind(output, *options):
    return ["valgrind", "--tool=callgrind", "--error-exitcode=0", f"--callgrind-out-file={output}", *options]


def count_in(path):
    """The instructions in a file of callgrind's."""
    found = re.search(r"^totals: (\d+)$", path.read_text(), re.MULTILINE)
    if not found:
        raise SystemExit(f"instructions.py: {path} has no total")
    return int(found[1])


class HotPaths:
    """The paths of build/release/count_instructions."""

    def __init__(self, build, output):
        self.build = build
        self.output = output

    def list(self):
        """Calls by name."""
        lines = subprocess.run(["./count_instructions", "--list"], cwd=self.build, check=True, text=True,
                               stdout=subprocess.PIPE).stdout.splitlines()
        return {name: int(calls) for name, calls in (line.split() for line in lines)}

    def count(self, name, calls):
        output = self.output / f"{name}.callgrind"
        ended = subprocess.run([*callgrind(output, "--instr-atstart=no"), "./count_instructions", name],
                               cwd=self.build, env=ENVIRONMENT, text=True, stderr=subprocess.PIPE)
        if ended.returncode != 0:
            raise SystemExit(f"instructions.py: {name} ended with status {ended.returncode}:\n{ended.stderr}")
        return round(count_in(output) / calls)

    def count_all(self, wanted):
        """Instructions of a call by name, for the names that `wanted` is true for."""
        paths = {name: calls for name, calls in self.list().items() if wanted(name)}
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return dict(zip(paths, pool.map(self.count, paths.keys(), paths.values())))


def toolchain(build):
    """What the counts depend on beside our sources."""
    compiler = re.search(rb"GCC: \([^)]*\) ([\d.]+)|clang version ([\d.]+)", (build / "mws-gateway").read_bytes())
    name = "unknown compiler" if not compiler else (
        f"g++ {compiler[1].decode()}" if compiler[1] else f"clang {compiler[2].decode()}")
    return ", ".join([name, os.confstr("CS_GNU_LIBC_VERSION"), f"Qt {library_version(build, 'libQt6Core')}",
                      f"libsimdjson {library_version(build, 'libsimdjson')}",
                      f"libstdc++ {library_version(build, 'libstdc++')}"])


def library_version(build, name):
    lines = subprocess.run(["ldd", build / "mws-gateway"], check=True, text=True, stdout=subprocess.PIPE).stdout
    path = re.search(rf"{re.escape(name)}\S* => (\S+)", lines)
    version = path and re.search(r"\.so\.([\d.]+)$", str(pathlib.Path(path[1]).resolve()))
    return version[1] if version else "unknown"
