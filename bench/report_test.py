"""python3 -m unittest discover -s bench -p '*_test.py'"""
import pathlib
import tempfile
import unittest

import report
import results as kept
import workloads
from report import Figures


def result(workload, server, value, round_number=1, workers=1, key=kept.CPU, ok=True):
    return {"workload": workload, "server": server, "workers": workers, "round": round_number, "ok": ok,
            "why": "" if ok else "5 of 10 deliveries lost", key: value}


def rows(text, what):
    return [line for line in text if line.startswith(f"| {what} |")]


class Medians(unittest.TestCase):
    def test_median_has_least_and_most(self):
        median = Figures([result("echo-1000", "gateway", value, n) for n, value in enumerate((9, 1, 2))]).median("echo-1000", "gateway", kept.CPU)
        self.assertEqual((median.value, median.least, median.most), (2, 1, 9))

    def test_what_lost_deliveries_is_left_out_and_named(self):
        figures = Figures([result("echo-1000", "gateway", 2), result("echo-1000", "gateway", 0.1, 2, ok=False)])
        self.assertEqual(figures.median("echo-1000", "gateway", kept.CPU).value, 2)
        self.assertEqual(figures.bad(), ["echo-1000, gateway, 1 worker, round 2: 5 of 10 deliveries lost"])

    def test_post_by_id_is_compared_with_the_peer_of_post_by_tag(self):
        figures = Figures([result("post-tag-1000", "nchan", 7)])
        self.assertEqual(figures.median("post-id-1000", "nchan", kept.CPU).value, 7)
        self.assertIsNone(figures.median("post-id-1000", "gateway", kept.CPU))


class Bars(unittest.TestCase):
    def verdict_of(self, what, *found):
        (line,) = rows(report.bars_table(Figures(list(found))), what)
        return line.split("|")[-2].strip()

    def test_ratio_to_nchan(self):
        what = "POST to one of 1,000, by tag"
        nchan = result("post-tag-1000", "nchan", 20)
        self.assertEqual(self.verdict_of(what, result("post-tag-1000", "gateway", 15), nchan), "met")
        self.assertEqual(self.verdict_of(what, result("post-tag-1000", "gateway", 15.1), nchan), "**missed**")

    def test_above_the_limit(self):
        what = "batch of 100 to 1,000, by tag"
        limit = result("batch-tag-1000", "limit", 2)
        self.assertEqual(self.verdict_of(what, result("batch-tag-1000", "gateway", 5), limit), "met")
        self.assertEqual(self.verdict_of(what, result("batch-tag-1000", "gateway", 5.1), limit), "**missed**")

    def test_a_gateway_without_a_good_result_does_not_meet_its_bar(self):
        self.assertEqual(self.verdict_of("POST to one of 1,000, by tag", result("post-tag-1000", "gateway", 1, ok=False),
                                         result("post-tag-1000", "nchan", 20)), "not measured")

    def test_ten_times_the_sockets(self):
        figures = Figures([result("post-tag-1000", "gateway", 10), result("post-tag-10000", "gateway", 13)])
        (line,) = rows(report.flat_table(figures), "POST to one, by tag")
        self.assertIn("1.30", line)
        self.assertIn("**missed**", line)

    def test_two_workers(self):
        figures = Figures([result("post-tag-1000", "gateway", 10), result("post-tag-1000", "gateway", 11, workers=2),
                           result("post-id-1000", "gateway", 10), result("post-id-1000", "gateway", 12, workers=2)])
        table = report.workers_table(figures)
        self.assertIn("| met |", rows(table, "POST to one of 1,000, by tag")[0])
        self.assertIn("| **missed** |", rows(table, "POST to one of 1,000, by socket id")[0])

    def test_every_row_is_of_a_workload(self):
        names = {w.name for scene in workloads.BARS for w in scene.workloads}
        self.assertLessEqual({row.workload for row in report.ROWS}, names)
        self.assertEqual(set(report.PEERS.values()) - names, set())


class Results(unittest.TestCase):
    def test_reasons(self):
        self.assertEqual(kept.why_bad({"ok": True, "conns": 5, "conns_ready": 5}), "")
        self.assertEqual(kept.why_bad({"ok": False, "expected": 10, "delivered": 9, "posts": 1, "posts_ok": 1}), "1 of 10 deliveries lost")
        self.assertEqual(kept.why_bad({"ok": False}), "wsload failed")

    def test_compact_file_is_read_again(self):
        found = [result("echo-1000", "gateway", 2.5), result("echo-1000", "nchan", 3, ok=False)]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "bars.json"
            path.write_text(kept.compact({"date": "today"}, found))
            about, again = kept.load(path)
        self.assertEqual((about, again), ({"date": "today"}, found))


class Page(unittest.TestCase):
    def test_only_what_is_between_the_markers_changes(self):
        page = "a\n<!-- bench bars: begin -->\nold\n<!-- bench bars: end -->\nz\n"
        self.assertEqual(report.splice(page, "bars", "new\n"), page.replace("old", "new"))
        with self.assertRaises(ValueError):
            report.splice(page, "growth", "new\n")


if __name__ == "__main__":
    unittest.main()
