# SPDX-License-Identifier: MIT
"""A small writer of charts as SVG: bars on a logarithmic scale, and lines on two axes."""

import math
from xml.sax.saxutils import escape

WIDTH = 760
INK, FAINT, GRID = "#1f2933", "#616e7c", "#e4e7eb"
COLORS = ("#0b6e99", "#d9730d", "#448361", "#9065b0", "#787774", "#d44c47")


def number(value):
    """Short, for people: 0.42, 3, 54.3, 1,310."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}".removesuffix(".00") if value < 10 else f"{value:.1f}".removesuffix(".0")


class Picture:
    def __init__(self, title, height, subtitle=""):
        self.height = height
        self.parts = []
        self.add("rect", x=0, y=0, width=WIDTH, height=height, fill="#ffffff")
        self.title = title
        self.text(20, 28, title, size=16, weight="bold")
        self.text(20, 47, subtitle, size=12, fill=FAINT)

    def add(self, name, content=None, **attributes):
        words = " ".join(f'{key.replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items())
        self.parts.append(f"<{name} {words}/>" if content is None else f"<{name} {words}>{escape(content)}</{name}>")

    def text(self, x, y, content, size=12, anchor="start", fill=INK, weight="normal", **more):
        if content:
            self.add("text", content, x=round(x, 1), y=round(y, 1), font_size=size, text_anchor=anchor, fill=fill,
                     font_weight=weight, **more)

    def line(self, x1, y1, x2, y2, color=GRID, width=1, dashes=None):
        more = {"stroke_dasharray": dashes} if dashes else {}
        self.add("line", x1=round(x1, 1), y1=round(y1, 1), x2=round(x2, 1), y2=round(y2, 1), stroke=color,
                 stroke_width=width, **more)

    def curve(self, points, color, dashes=None, width=2):
        more = {"stroke_dasharray": dashes} if dashes else {}
        self.add("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), fill="none", stroke=color,
                 stroke_width=width, stroke_linejoin="round", **more)

    def __str__(self):
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" width="{WIDTH}" '
                f'height="{self.height}" role="img" font-family="system-ui, sans-serif">\n'
                f"<title>{escape(self.title)}</title>\n" + "\n".join(self.parts) + "\n</svg>\n")


def decades(least, most):
    return [10.0 ** n for n in range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)]


def bars(title, subtitle, unit, rows):
    """rows: (label, value, remark, color index). The scale is logarithmic, and says so."""
    left, right, top, step = 210, 150, 66, 34
    picture = Picture(title, top + step * len(rows) + 40, subtitle)
    ticks = decades(min(row[1] for row in rows) / 1.5, max(row[1] for row in rows))
    low, high = math.log10(ticks[0]), math.log10(ticks[-1])
    bottom = top + step * len(rows)

    def place(value):
        return left + (math.log10(value) - low) / (high - low) * (WIDTH - left - right)

    for tick in ticks:
        picture.line(place(tick), top - 4, place(tick), bottom)
        picture.text(place(tick), bottom + 16, number(tick), anchor="middle", fill=FAINT)
    picture.text(WIDTH - 20, bottom + 32, f"{unit}, logarithmic", anchor="end", fill=FAINT)
    for i, (label, value, remark, color) in enumerate(rows):
        y = top + i * step
        picture.text(left - 10, y + 18, label, anchor="end")
        picture.add("rect", x=left, y=y + 4, width=round(max(1, place(value) - left), 1), height=step - 12,
                    fill=COLORS[color])
        picture.text(place(value) + 8, y + 18, f"{number(value)} {unit.split()[0]}{remark}")
    return str(picture)


class Axis:
    """Maps values to places; 'log' makes equal ratios equally long."""

    def __init__(self, values, begin, end, ticks, log=False):
        self.scale = math.log10 if log else float
        self.low, self.high = self.scale(min(values)), self.scale(max(values))
        self.begin, self.end, self.ticks = begin, end, ticks

    def place(self, value):
        return self.begin + (self.scale(value) - self.low) / (self.high - self.low) * (self.end - self.begin)


def round_ticks(most, count=6):
    """0 and about 'count' round numbers up to 'most' or just above."""
    step = 10 ** math.floor(math.log10(most / count))
    step = next(step * factor for factor in (1, 2, 5, 10) if step * factor * count >= most)
    return [step * i for i in range(math.ceil(most / step) + 1)]


def lines(title, subtitle, x_name, y_name, series, x_ticks=None, log=False, levels=()):
    """series: (label, [(x, y)], color index, dashes). levels: (y, label), horizontal lines."""
    left, right, top, height = 70, 30, 84, 300
    bottom = top + height
    picture = Picture(title, bottom + 56, subtitle)
    xs = [x for _, points, *_ in series for x, _ in points]
    ys = [y for _, points, *_ in series for _, y in points] + [y for y, _ in levels]
    if log:
        y_ticks = decades(min(ys), max(ys))
    else:
        y_ticks = round_ticks(max(ys) * 1.02)
    x_ticks = x_ticks or round_ticks(max(xs), 8)
    across = Axis(x_ticks if log else xs + [0], left, WIDTH - right, x_ticks, log)
    up = Axis(y_ticks, bottom, top, y_ticks, log)
    for tick in up.ticks:
        picture.line(left, up.place(tick), WIDTH - right, up.place(tick))
        picture.text(left - 8, up.place(tick) + 4, number(tick), anchor="end", fill=FAINT)
    for tick in across.ticks:
        if across.begin <= across.place(tick) <= across.end + 1:
            picture.text(across.place(tick), bottom + 18, number(tick), anchor="middle", fill=FAINT)
    picture.text((left + WIDTH - right) / 2, bottom + 40, x_name, anchor="middle", fill=FAINT)
    picture.text(left, top - 10, y_name, fill=FAINT)
    for level, label in levels:
        picture.line(left, up.place(level), WIDTH - right, up.place(level), FAINT, 1, "2 3")
        picture.text(WIDTH - right - 4, up.place(level) - 5, label, anchor="end", fill=FAINT)
    x = WIDTH - right
    for label, points, color, dashes in reversed(series):
        picture.curve([(across.place(px), up.place(py)) for px, py in points], COLORS[color], dashes)
        x -= 7 * len(label) + 40
        picture.line(x, top - 14, x + 22, top - 14, COLORS[color], 2, dashes)
        picture.text(x + 28, top - 10, label)
    return str(picture)
