"""tools/sbom.py: lists of what is linked, by CycloneDX's own schema, and complete."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GATEWAY = os.environ["MWS_GATEWAY_EXECUTABLE"]
BUILD = os.environ["MWS_BUILD_FOLDER"]
SCHEMAS = ROOT / "tests/release/schema/node_modules/@cyclonedx/cyclonedx-library/res/schema"
PATIENCE = 60  # seconds; only ends a hang

sys.path.insert(0, str(ROOT / "tools"))
import sbom  # noqa: E402  pylint: disable=wrong-import-position


def schema(name):
    return json.loads((SCHEMAS / f"{name}.SNAPSHOT.schema.json").read_text())


def no_more_items(_, value, instance, rules):
    """additionalItems; jsonschema 4.10's own cannot put objects into its message."""
    items = rules.get("items", [])
    if value is False and isinstance(instance, list) and isinstance(items, list) and len(instance) > len(items):
        yield jsonschema.ValidationError(f"{len(instance)} items instead of {len(items)}")


def validator():
    whole = schema("bom-1.5")
    base = whole["$id"].rpartition("/")[0]
    parts = {f"{base}/{name}": schema(name.removesuffix(".schema.json").removesuffix(".SNAPSHOT"))
             for name in ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json", "spdx.schema.json", "jsf-0.82.schema.json")}
    rules = jsonschema.validators.extend(jsonschema.Draft7Validator, {"additionalItems": no_more_items})
    return rules(whole, resolver=jsonschema.RefResolver(whole["$id"], whole, store=parts))


def listed(*arguments, seconds="1767225600"):
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder, "list.json")
        subprocess.run([sys.executable, "-B", ROOT / "tools/sbom.py", *arguments, "--version", "1.2.3", "--output", output], check=True, timeout=PATIENCE,
                       env=os.environ | {"SOURCE_DATE_EPOCH": seconds})
        return output.read_text()


class Executable(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = listed("executable", GATEWAY, "--build-folder", BUILD)
        cls.bom = json.loads(cls.text)
        cls.parts = {part["name"]: part for part in cls.bom["components"]}

    def test_keeps_to_the_schema(self):
        self.assertEqual([error.message for error in validator().iter_errors(self.bom)], [])
        rules = validator()
        licence = rules.evolve(schema={"$ref": rules.schema["$id"] + "#/definitions/license"})
        self.assertTrue(licence.is_valid({"id": "MIT"}))
        self.assertFalse(licence.is_valid({"id": "No-Such-Licence"}), "the schema is one that finds faults")

    def test_has_each_library_that_is_linked(self):
        needed = re.findall(r"\(NEEDED\).*\[(.+)\]", subprocess.run(["readelf", "-d", GATEWAY], capture_output=True, text=True, check=True).stdout)
        linked = dict(re.findall(r"(?m)^\s*(\S+) => (/\S+)", subprocess.run(["ldd", GATEWAY], capture_output=True, text=True, check=True).stdout))
        owners = sbom.package_owners(linked.values())
        self.assertEqual(set(linked.values()), set(owners))
        self.assertEqual({package.split(":")[0] for package in owners.values()} - set(self.parts), set())
        direct = next(entry["dependsOn"] for entry in self.bom["dependencies"] if entry["ref"] == "mws-gateway")
        for library in needed:
            if library in linked:
                self.assertIn(self.parts[owners[linked[library]].split(":")[0]]["purl"], direct, library)

    def test_has_what_is_only_headers(self):
        self.assertEqual(self.parts["libcli11-dev"]["properties"][0], {"name": "mws:how", "value": "headers compiled in"})

    def test_names_packages_as_dpkg_has_them(self):
        for part in self.bom["components"]:
            version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}\n", part["name"]], capture_output=True, text=True, check=True).stdout.split()
            self.assertIn(part["version"], version)
            self.assertRegex(part["purl"], r"^pkg:deb/debian/[a-z0-9.+-]+@[A-Za-z0-9.%~+_-]+\?arch=\w+&distro=debian-\d+$")
            self.assertTrue(part["licenses"])
        self.assertEqual(len({part["bom-ref"] for part in self.bom["components"]}), len(self.bom["components"]))

    def test_is_the_same_each_time(self):
        self.assertEqual(listed("executable", GATEWAY, "--build-folder", BUILD), self.text)
        self.assertNotEqual(listed("executable", GATEWAY, "--build-folder", BUILD, seconds="1"), self.text)

    def test_refuses_what_is_no_executable(self):
        for path, complaint in (("/nowhere", "/nowhere: no such file"), (__file__, "status 1; what it said stands above")):
            done = subprocess.run([sys.executable, "-B", ROOT / "tools/sbom.py", "executable", path, "--version", "1", "--output", "/dev/null"],
                                  capture_output=True, text=True, check=False, timeout=PATIENCE)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(complaint, done.stderr)


class Source(unittest.TestCase):
    def test_has_each_npm_package_once(self):
        bom = json.loads(listed("source", ROOT))
        self.assertEqual([error.message for error in validator().iter_errors(bom)], [])
        names = {part["name"] for part in bom["components"]}
        direct = set()
        for lock in ROOT.glob("**/package.json"):
            if "node_modules" not in lock.parts and "build" not in lock.parts:
                direct |= set(json.loads(lock.read_text()).get("dependencies", {})) | set(json.loads(lock.read_text()).get("devDependencies", {}))
        self.assertGreater(len(direct), 0)
        self.assertEqual(direct - names, set())
        self.assertTrue(all(part["hashes"] for part in bom["components"]))


class Licences(unittest.TestCase):
    def test_by_their_spdx_names(self):
        for name, expected in (("Expat", "MIT"), ("GPL-2+", "GPL-2.0-or-later"), ("LGPL-2.1", "LGPL-2.1-only"), ("GPL-3.0+", "GPL-3.0-or-later"),
                               ("BSD-3-clause", "BSD-3-Clause"), ("public-domain", None), ("GPL", None)):
            self.assertEqual(sbom.spdx_name(name), expected, name)

    def test_of_machine_readable_files_only(self):
        text = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: Expat or GPL-2+ with OpenSSL exception\n\nLicense: ISC\n text\n"
        self.assertEqual(sbom.debian_licences(text), ["Expat", "GPL-2+"])
        self.assertEqual(sbom.debian_licences("This package was debianized by hand.\nFiles: *\nLicense: Expat\n"), [])


if __name__ == "__main__":
    unittest.main()
