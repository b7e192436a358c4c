"""The site of `./dev docs` in Chromium, from file:// and without a network: search, light and dark, a phone's width."""
import base64
import os
import pathlib
import unittest

import browser

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SITE = ROOT / "build/site"
PICTURES = ROOT / "build/site-pictures"
PHONE = {"width": 375, "height": 812, "deviceScaleFactor": 2, "mobile": True}
DESK = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}


class Site(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        PICTURES.mkdir(parents=True, exist_ok=True)
        cls.page = browser.Browser(os.environ["MWS_CHROMIUM"])

    @classmethod
    def tearDownClass(cls):
        cls.page.__exit__()

    def setUp(self):
        self.look(DESK)
        self.page.requested.clear()
        self.page.failed.clear()
        self.page.complaints.clear()

    def tearDown(self):
        self.assertEqual(self.page.complaints, [])

    def look(self, screen, scheme="light"):
        self.page.call("Emulation.setDeviceMetricsOverride", **screen)
        self.page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, path):
        self.page.open((SITE / path).as_uri() if "?" not in path else f"{SITE.as_uri()}/{path}")

    def picture(self, name):
        data = self.page.call("Page.captureScreenshot", format="png")["data"]
        (PICTURES / f"{name}.png").write_bytes(base64.b64decode(data))

    def test_first_page_leads_to_all_readers(self):
        self.open("index.html")
        shown = self.page.evaluate("document.body.innerText")
        for caption in ("You write clients", "You write a backend", "You come from Qt Cloud Services", "You run the gateway"):
            self.assertIn(caption.upper(), shown.upper())
        self.picture("index")

    def test_search_finds_without_a_server(self):
        self.open("search.html?q=slow+readers")
        self.page.wait_for(lambda: self.page.evaluate("document.querySelectorAll('#search-results li a').length") or 0, "results")
        found = self.page.evaluate("[...document.querySelectorAll('#search-results li a')].map(a => a.getAttribute('href')).join(' ')")
        self.assertIn("docs/operations.html", found)
        self.picture("search")

    def test_nothing_is_asked_of_other_machines(self):
        for path in ("index.html", "README.html", "docs/operations.html", "docs/performance.html", "docs/tutorials/first-push.html"):
            self.open(path)
        self.assertTrue(any(address.endswith("operations.html") for address in self.page.requested))
        self.assertEqual([address for address in self.page.requested if not address.startswith((SITE.as_uri(), "data:", "about:"))], [])
        self.assertEqual(self.page.failed, [])

    def test_follows_the_system_into_the_dark(self):
        colours = set()
        for scheme in ("light", "dark"):
            self.look(DESK, scheme)
            self.open("docs/reference/close-codes.html")
            colours.add(self.page.evaluate("getComputedStyle(document.body).backgroundColor"))
            self.picture(f"close-codes-{scheme}")
        self.assertEqual(len(colours), 2, colours)

    def test_reader_chooses_light_or_dark(self):
        self.open("index.html")
        press = "document.querySelector('.theme-toggle-content button').click(), document.body.dataset.theme"
        modes = [self.page.evaluate(press) for _ in range(3)]
        self.assertEqual(sorted(modes), ["auto", "dark", "light"])
        self.assertTrue(self.page.evaluate("document.querySelector('.theme-toggle-content').offsetWidth > 0"))

    def test_no_page_is_wider_than_a_phone(self):
        self.look(PHONE)
        for path in sorted(SITE.glob("*.html")) + sorted(SITE.glob("docs/**/*.html")):
            self.page.open(path.as_uri())
            wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            self.assertLessEqual(wide, 0, path.relative_to(SITE))
        self.open("docs/operations.html")
        self.picture("operations-phone")

    def test_anchors_within_the_site(self):
        self.open("docs/operations.html")
        targets = self.page.evaluate("[...document.querySelectorAll('article a[href^=\"#\"]')].map(a => a.hash.slice(1)).join(' ')").split()
        self.assertGreater(len(targets), 20)
        lost = [name for name in targets if not self.page.evaluate(f"document.getElementById({name!r}) !== null")]
        self.assertEqual(lost, [])


if __name__ == "__main__":
    unittest.main()
