# SPDX-License-Identifier: MIT
"""What CloudWatch makes of an alarm and of the runs that came, after its User Guide ("Alarm evaluation", "Missing data").

An alarm is the dictionary that PutMetricAlarm takes, which is also what a template has under Properties. A run is the
moment at which its metrics came, in seconds; only alarms that count samples (SampleCount) are known here.
"""

import re

HOUR, DAY = 3600, 86400
# "Period multiplied by EvaluationPeriods can't be more than 604,800 seconds", and a day if the period is below an hour.
LONGEST, LONGEST_OF_MINUTES = 7 * DAY, DAY
# If data is missing CloudWatch looks at older data in its place. How far is not written down; with a period of one day
# alarms of this kind have been seen to fire on the fourth day.
PERIODS_BEFORE = 3
OPERATORS = {"LessThanThreshold": lambda value, bound: value < bound,
             "LessThanOrEqualToThreshold": lambda value, bound: value <= bound}


class Alarm:
    def __init__(self, properties):
        self.fill = None
        self.metric = properties
        if "Metrics" in properties:
            self.read_math(properties["Metrics"])
        else:
            self.period, self.statistic = properties["Period"], properties["Statistic"]
        self.count, self.needed = int(properties["EvaluationPeriods"]), int(properties["DatapointsToAlarm"])
        self.threshold = properties["Threshold"]
        self.breaches = OPERATORS[properties["ComparisonOperator"]]
        self.missing = properties["TreatMissingData"]
        if self.statistic != "SampleCount":
            raise ValueError(f"{self.statistic} is not known here")
        longest = LONGEST if self.period >= HOUR else LONGEST_OF_MINUTES
        if self.count * self.period > longest or self.needed > self.count:
            raise ValueError("CloudWatch refuses this alarm")

    def read_math(self, queries):
        by_id = {query["Id"]: query for query in queries}
        returned, = (query for query in queries if query.get("ReturnData", True))
        name, value = re.fullmatch(r"FILL\((\w+), *(\d+)\)", returned["Expression"]).groups()
        stat = by_id[name]["MetricStat"]
        self.fill, self.metric, self.period, self.statistic = int(value), stat["Metric"], stat["Period"], stat["Stat"]

    def dimensions(self):
        return {item["Name"]: item["Value"] for item in self.metric.get("Dimensions", [])}

    def values(self, runs, now):
        """One value a period, the newest first; None for a period without a run."""
        # "Multi-day alarms are evaluated once per hour", with "only the metrics up to the current hour".
        step = HOUR if self.count * self.period > DAY else 60
        end = now // step * step
        counts = [sum(end - (back + 1) * self.period <= run < end - back * self.period for run in runs)
                  for back in range(self.count + PERIODS_BEFORE)]
        return [count or self.fill for count in counts]

    def state(self, runs, now):
        values = self.values([run for run in runs if run <= now], now)
        real = [value for value in values if value is not None]
        if len(real) < self.count and not real[:1] and self.missing == "missing":
            return "INSUFFICIENT_DATA"
        if len(real) >= self.count:
            chosen = real[:self.count]
        else:
            chosen = real + [None] * (self.count - len(real))
        breaching = sum(self.missing == "breaching" if value is None else self.breaches(value, self.threshold)
                        for value in chosen)
        return "ALARM" if breaching >= self.needed else "OK"

    def first(self, state, runs, begin, end):
        """When the alarm is first seen in this state, looked at every five minutes from 'begin' on; None: not before 'end'."""
        return next((now for now in range(begin, end, 300) if self.state(runs, now) == state), None)
