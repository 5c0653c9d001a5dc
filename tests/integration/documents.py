# SPDX-License-Identifier: MIT
"""What the documents show: each fenced block has a name after its language, by which a test takes and executes it.

    ```console look
    $ mcphubctl check
    clear
    ```
"""
import re

from daemon import SOURCE

DOCUMENTS = [SOURCE / "README.md", SOURCE / "SECURITY.md", *sorted((SOURCE / "docs").glob("*.md"))]
FENCED = re.compile(r"^( *)```(\S*) ?([^\n]*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def fenced():
    """[(name, text), ...]; the text without the indentation of the list that it stands in."""
    return [(name, re.sub(f"^{indent}", "", text, flags=re.MULTILINE))
            for path in DOCUMENTS for indent, _, name, text in FENCED.findall(path.read_text())]


def block(name):
    return next(text for named, text in fenced() if named == name)


def dialogue(text):
    """[(command, what it prints), ...] of a console."""
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE)


def shape(text):
    """What remains of an output when figures, moments and durations differ, and with them where lines end."""
    text = re.sub(r"\d{4}-\d\d-\d\d\s+\d\d:\d\d:\d\d|\d\d:\d\d:\d\d", "TIME", text)
    text = re.sub(r"(\b[\d,.]+\s+(d|h|min|s|ms)\b\s*)+", "DURATION ", text)
    return " ".join(re.sub(r"\d[\d,.]*\d|\d", "0", text).split())
