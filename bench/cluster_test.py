"""python3 -m unittest discover -s bench -p '*_test.py'"""
import json
import unittest

import cluster
import cluster_report
from cluster_servers import cpu_seconds, parse_commandstats, per_message


def result(nodes, gateway, redis=0.0, idle=0, to="same", load="rate", ok=True, commands=None, number=1, idle_us=0.0):
    return {"nodes": nodes, "idle": idle, "lane": True, "to": to, "load": load, "round": number, "ok": ok, "why": "" if ok else "5 of 10 deliveries lost",
            "p50_us": 100 * (nodes + 1), "p99_us": 900, "per_second": 500, "gateway_us": gateway, "redis_us": redis, "idle_us": idle_us,
            "others_percent": 0, "commands": commands or {}}


def look(xadd, evalsha, xread):
    return {"xadd": (xadd, 1), "evalsha": (evalsha, 1), "xread": (xread, 1), "info": (xadd, 1)}


class Commands(unittest.TestCase):
    def test_of_info(self):
        text = "# Commandstats\r\ncmdstat_xadd:calls=12,usec=30,usec_per_call=2.50,rejected_calls=0,failed_calls=0\r\n" \
               "cmdstat_client|unblock:calls=3,usec=4,usec_per_call=1.33\r\n"
        self.assertEqual(parse_commandstats(text), {"xadd": (12, 30), "client|unblock": (3, 4)})
        self.assertAlmostEqual(cpu_seconds("used_cpu_sys:1.5\r\nused_cpu_user:2.25\r\nused_cpu_sys_children:9\r\n"), 3.75)

    def test_are_counted_while_messages_come(self):
        # What was asked before the first message and after the last one does not count, nor do our own looks.
        looks = [look(0, 50, 7), look(0, 90, 9), look(200, 290, 109), look(400, 490, 209), look(600, 690, 309), look(650, 800, 409), look(650, 900, 509)]
        self.assertEqual(per_message(looks), {"evalsha": 1.0, "xadd": 1.0, "xread": 0.5})

    def test_too_few_say_nothing(self):
        self.assertEqual(per_message([look(0, 0, 0), look(10, 10, 10), look(20, 20, 20), look(30, 30, 30), look(40, 40, 40)]), {})
        self.assertEqual(per_message([]), {})


class Tables(unittest.TestCase):
    def test_median_leaves_out_what_lost_deliveries(self):
        results = [result(1, 10), result(1, 30, number=2), result(1, 20, number=3), result(1, 1, number=4, ok=False)]
        (line,) = [line for line in cluster_report.cost_table(results, "rate", "x") if line.startswith("| 1 node |")]
        self.assertIn("| 20.0 (10.0–30.0) |", line)
        self.assertEqual(cluster_report.bad_list(results)[2:-1], ["- 1 node, rate, round 4: 5 of 10 deliveries lost"])

    def test_added_latency_is_against_the_node_alone(self):
        text = cluster_report.added_line([result(0, 10), result(1, 10), result(2, 10, to="other")])[0]
        self.assertIn("1 node +100 µs; 2 nodes, to the other one +200 µs.", text)

    def test_idle_nodes_cost_is_of_each(self):
        lines = cluster_report.idle_table([result(1, 10), result(1, 10, idle=6, idle_us=12.0, commands={"evalsha": 1, "xread": 0.5, "xadd": 1})])
        self.assertTrue(any(line.startswith("| 1 node and 6 idle |") and "| 2.00 |" in line and "| 1.50 |" in line for line in lines), lines)

    def test_scripts_own_commands_are_apart(self):
        lines = cluster_report.commands_table([result(1, 10, commands={"evalsha": 1.0, "xread": 0.9, "xadd": 1.0})])
        self.assertIn("| 1 node | rate | evalsha 1.00, xread 0.90 | xadd 1.00 |", lines)

    def test_file_has_a_result_a_line_and_is_read_again(self):
        whole = {"about": {"date": "today"}, "capacity": [], "results": [result(1, 10), result(2, 20)]}
        text = cluster_report.compact(whole)
        self.assertEqual(json.loads(text), whole)
        self.assertEqual(text.count("\n"), 4)


class Results(unittest.TestCase):
    def test_processes_are_summed_by_what_they_are(self):
        raw = {"ok": True, "conns": 1, "conns_ready": 1, "posts": 1, "posts_ok": 1, "expected": 1, "delivered": 1, "latency_p50_us": 5}
        found = cluster.result_of({"nodes": 2}, {"raw": raw, "cpu": {"node0": 10, "node1": 5, "redis": 3, "idle": 2}, "commands": {}})
        self.assertEqual((found["ok"], found["gateway_us"], found["redis_us"], found["idle_us"], found["p50_us"]), (True, 15, 3, 2, 5))

    def test_what_was_lost_does_not_count(self):
        raw = {"ok": False, "conns": 1, "conns_ready": 1, "posts": 1, "posts_ok": 1, "expected": 2, "delivered": 1}
        self.assertEqual(cluster.result_of({}, {"raw": raw, "cpu": {}, "commands": {}})["why"], "1 of 2 deliveries lost")


if __name__ == "__main__":
    unittest.main()
