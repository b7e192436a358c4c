"""The tutorials of docs/tutorials, done word for word with the real gateway, Chromium, QML and Node.js."""
import os
import pathlib
import unittest

import browser
import tutorial

FOLDER = tutorial.ROOT / "docs/tutorials"
GATEWAY = pathlib.Path(os.environ["MWS_GATEWAY_EXECUTABLE"]).resolve()
CHROMIUM = os.environ.get("MWS_CHROMIUM", "chromium")


def do(name, page_in_browser=None):
    """Does one; answers how many steps it had."""
    page = tutorial.Tutorial(FOLDER / name, GATEWAY, page_in_browser)
    try:
        page.run()
        return page.steps
    finally:
        page.close()


class Tutorials(unittest.TestCase):
    def test_first_push(self):
        with browser.Browser(CHROMIUM) as page:
            self.assertGreater(do("first-push.md", page), 25)

    def test_private_sockets(self):
        with browser.Browser(CHROMIUM) as page:
            self.assertGreater(do("private-sockets.md", page), 25)

    def test_from_qt_cloud_services(self):
        self.assertGreater(do("from-qt-cloud-services.md"), 18)

    def test_no_other_tutorial_goes_untested(self):
        tested = {"README.md"} | {name.removeprefix("test_").replace("_", "-") + ".md" for name in dir(self) if name.startswith("test_")}
        self.assertLessEqual({page.name for page in FOLDER.glob("*.md")}, tested)


if __name__ == "__main__":
    unittest.main()
