#!/usr/bin/python3
"""Lists what a release consists of, as CycloneDX 1.5 (JSON), the same for the same input.

  sbom.py executable PATH --version V [--build-folder F] --output FILE   what it links, and the headers in it
  sbom.py source FOLDER --version V --output FILE                       the npm packages of its lock files

The date is SOURCE_DATE_EPOCH's, where it is set. Licences are those that Debian's machine-readable copyright files name,
https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/; npm's are those of the lock file.
"""
import argparse
import base64
import datetime
import json
import os
import pathlib
import re
import subprocess
import urllib.parse
import uuid

# Debian's short names that SPDX has by another one; a "+" at the end is "or later".
SPDX = {"Expat": "MIT", "BSD-2-clause": "BSD-2-Clause", "BSD-3-clause": "BSD-3-Clause", "BSD-4-clause": "BSD-4-Clause", "Apache-2": "Apache-2.0",
        "Apache-2.0": "Apache-2.0", "MIT": "MIT", "ISC": "ISC", "Zlib": "Zlib", "zlib": "Zlib", "curl": "curl", "CC0-1.0": "CC0-1.0", "BSL-1.0": "BSL-1.0",
        "Boost-1.0": "BSL-1.0", "MPL-2.0": "MPL-2.0", "Artistic": "Artistic-1.0", "OpenSSL": "OpenSSL", "BSD-3-Clause": "BSD-3-Clause",
        "BSD-2-Clause": "BSD-2-Clause", "Unicode": "Unicode-DFS-2016", "FTL": "FTL", "WTFPL": "WTFPL"}
GNU = re.compile(r"^(GPL|LGPL|AGPL|GFDL)-?(\d)(?:\.(\d))?(\.0)?(-only|-or-later|\+)?$", re.IGNORECASE)


def said_by(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=os.environ | {"LC_ALL": "C.UTF-8"}).stdout


def spdx_name(name):
    """The SPDX identifier of a Debian short name, or None."""
    if name in SPDX:
        return SPDX[name]
    found = GNU.match(name)
    if not found:
        return None
    family, major, minor, _, later = found.groups()
    return f"{family.upper()}-{major}.{minor or 0}-{'or-later' if later in ('+', '-or-later') else 'only'}"


def debian_licences(copyright_text):
    """The short names of the Files paragraphs; empty where the file is not machine-readable."""
    if not re.match(r"\s*Format(-Specification)?:\s*\S*(copyright-format|dep5|DEP5|CopyrightFormat)", copyright_text):
        return []
    names = set()
    for paragraph in re.split(r"\n\s*\n", copyright_text):
        found = re.search(r"(?m)^License:\s*(.+)$", paragraph)
        if found and re.search(r"(?m)^Files:", paragraph):
            parts = re.split(r"\s*,?\s+(?:or|and)\s+|\s*,\s*", found.group(1).strip(), flags=re.IGNORECASE)
            names |= {re.sub(r"\s+with\s+.*$", "", part, flags=re.IGNORECASE).strip() for part in parts}
    return sorted(name for name in names if name)


def licence_entries(names):
    ids = sorted({spdx_name(name) for name in names} - {None})
    others = sorted({name for name in names if not spdx_name(name)})
    return [{"license": {"id": name}} for name in ids] + [{"license": {"name": name}} for name in others]


def package_owners(paths):
    """{path: package:architecture} of those files that are in a Debian package, by whatever name of /usr or /."""
    spellings = {}
    for path in paths:
        real = os.path.realpath(path)
        for name in (path, real, "/usr" + path, real.removeprefix("/usr")):
            spellings.setdefault(name, set()).add(path)
    said = subprocess.run(["dpkg-query", "-S", *sorted(spellings)], capture_output=True, text=True, check=False).stdout
    owners = {}
    for line in said.splitlines():
        package, _, name = line.rpartition(": ")
        for path in spellings.get(name, ()):
            owners.setdefault(path, package.split(",")[0])
    return owners


def debian_component(package, kind):
    fields = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t${Maintainer}\t${Homepage}"
    name, version, architecture, source, source_version, maintainer, homepage = said_by("dpkg-query", "-W", "-f", fields, package).split("\t")
    release = dict(re.findall(r'(?m)^(\w+)="?([^"\n]*)"?$', pathlib.Path("/etc/os-release").read_text()))
    distribution = f"{release['ID']}-{release['VERSION_ID']}"
    purl = f"pkg:deb/debian/{name}@{urllib.parse.quote(version, safe='')}?arch={architecture}&distro={distribution}"
    path = pathlib.Path(f"/usr/share/doc/{name}/copyright")
    names = debian_licences(path.read_text(errors="replace")) if path.exists() else []
    component = {"type": "library", "bom-ref": purl, "name": name, "version": version, "supplier": {"name": maintainer}, "purl": purl, "scope": "required",
                 "licenses": licence_entries(names) or [{"license": {"name": f"see /usr/share/doc/{name}/copyright"}}],
                 "properties": [{"name": "mws:how", "value": kind}, {"name": "debian:source", "value": source}, {"name": "debian:source-version", "value": source_version}]}
    if homepage:
        component["externalReferences"] = [{"type": "website", "url": homepage}]
    return component


def linked_libraries(path):
    """{library: file} of all that the loader would load, and what each file asks for itself."""
    files = dict(re.findall(r"(?m)^\s*(\S+) => (/\S+)", said_by("ldd", path)))
    wants = {file: re.findall(r"\(NEEDED\).*\[(.+)\]", said_by("readelf", "-d", file)) for file in {str(path), *files.values()}}
    missing = re.findall(r"(?m)^\s*(\S+) => not found", said_by("ldd", path))
    if missing:
        raise SystemExit(f"sbom.py: {path} does not find {', '.join(missing)}")
    return files, wants


def compiled_headers(build_folder):
    """The system's headers that the objects were compiled with, as ninja noted them."""
    said = said_by("ninja", "-C", str(build_folder), "-t", "deps")
    return {os.path.normpath(line.strip()) for line in said.splitlines() if line.startswith("    /usr/")}


def executable_parts(path, build_folder):
    files, wants = linked_libraries(path)
    owners = package_owners(files.values())
    strays = sorted(set(files.values()) - set(owners))
    if strays:
        raise SystemExit(f"sbom.py: in no Debian package: {', '.join(strays)}")
    components = {package: debian_component(package, "linked") for package in sorted(set(owners.values()))}
    refs = {file: components[package]["bom-ref"] for file, package in owners.items()}
    edges = {}
    for file, names in wants.items():
        edges.setdefault(refs.get(file, "mws-gateway"), set()).update(refs[files[name]] for name in names if name in files)
    if build_folder:
        for package in sorted(set(package_owners(compiled_headers(build_folder)).values())):
            components[package] = debian_component(package, "headers compiled in")
            edges["mws-gateway"].add(components[package]["bom-ref"])
    return list(components.values()), edges


def npm_parts(folder):
    components, edges = {}, {"mws-gateway": set()}
    for lock in sorted(folder.glob("**/package-lock.json")):
        if "node_modules" in lock.parts:
            continue
        for key, entry in json.loads(lock.read_text())["packages"].items():
            if not key:
                continue
            name = entry.get("name", key.rpartition("node_modules/")[2])
            purl = f"pkg:npm/{urllib.parse.quote(name, safe='/')}@{entry['version']}"
            component = {"type": "library", "bom-ref": purl, "name": name, "version": entry["version"], "purl": purl, "scope": "excluded",
                         "properties": [{"name": "mws:lock-file", "value": str(lock.relative_to(folder))}]}
            if entry.get("license"):
                known = re.fullmatch(r"[A-Za-z0-9.-]+", entry["license"])
                component["licenses"] = [{"license": {"id": entry["license"]}}] if known else [{"expression": entry["license"]}]
            algorithm, _, digest = entry.get("integrity", "").partition("-")
            if algorithm == "sha512":
                component["hashes"] = [{"alg": "SHA-512", "content": base64.b64decode(digest).hex()}]
            if purl in components:
                components[purl]["properties"] += component["properties"]
            else:
                components[purl] = component
            edges["mws-gateway"].add(purl)
    return [components[purl] for purl in sorted(components)], edges


def document(version, components, edges):
    time = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.datetime.now().timestamp()), datetime.timezone.utc)
    main = {"type": "application", "bom-ref": "mws-gateway", "name": "mws-gateway", "version": version, "licenses": [{"license": {"id": "MIT"}}],
            "purl": f"pkg:generic/mws-gateway@{version}"}
    body = {"metadata": {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ"), "tools": {"components": [{"type": "application", "name": "tools/sbom.py", "version": version}]},
                         "component": main},
            "components": sorted(components, key=lambda component: component["bom-ref"]),
            "dependencies": [{"ref": ref, "dependsOn": sorted(edges.get(ref, set()) - {ref})} for ref in sorted({"mws-gateway"} | {part["bom-ref"] for part in components})]}
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body, sort_keys=True))
    return {"$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": f"urn:uuid:{serial}", "version": 1} | body


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("executable", "source"))
    parser.add_argument("path", type=pathlib.Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--build-folder", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    given = parser.parse_args()
    if not given.path.exists():
        parser.error(f"{given.path}: no such file or folder")
    try:
        parts = executable_parts(given.path, given.build_folder) if given.kind == "executable" else npm_parts(given.path)
    except subprocess.CalledProcessError as failed:
        raise SystemExit(f"sbom.py: {' '.join(map(str, failed.cmd))}: status {failed.returncode}; what it said stands above") from None
    given.output.write_text(json.dumps(document(given.version, *parts), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
