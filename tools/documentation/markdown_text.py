"""The little of Markdown that the documentation's tools need: fenced blocks, headings as GitHub names them, links."""
import dataclasses
import re

FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,}|~{3,})(?P<info>.*)$")
HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
LINK = re.compile(r"(?P<image>!?)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target><[^>]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+\"[^\"]*\")?\)")
REFERENCE = re.compile(r"^ {0,3}\[[^\]^]+\]:\s+(?P<target>\S+)")
HTML_TARGET = re.compile(r"<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)=\"(?P<target>[^\"]+)\"")
HTML_ANCHOR = re.compile(r"<[a-z]+\b[^>]*?\b(?:id|name)=\"([^\"]+)\"")
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


@dataclasses.dataclass
class Block:
    """A fenced block: its line (of the fence, from 1), the words behind the fence, its text."""
    line: int
    info: str
    text: str


def blocks_and_prose(text):
    """The fenced blocks, and the lines (number, text) that are in none."""
    blocks, prose = [], []
    fence = block = None
    for number, line in enumerate(text.splitlines(), 1):
        found = FENCE.match(line)
        if block is None:
            if found:
                fence, block = found, Block(number, found["info"].strip(), "")
            else:
                prose.append((number, line))
        elif found and found["ticks"].startswith(fence["ticks"]) and not found["info"].strip():
            blocks.append(block)
            block = None
        else:
            block.text += line[min(len(fence["indent"]), len(line) - len(line.lstrip())):] + "\n"
    if block is not None:
        raise ValueError(f"line {block.line}: a fence that does not end")
    return blocks, prose


def slug(heading):
    """The anchor that GitHub gives a heading."""
    plain = LINK.sub(lambda found: found["text"], heading)
    plain = re.sub(r"[`*]|(?<!\w)_|_(?!\w)", "", plain)
    return re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")


def anchors(text):
    """All anchors of a page."""
    found, counts = set(), {}
    for _, line in blocks_and_prose(text)[1]:
        found.update(HTML_ANCHOR.findall(line))
        heading = HEADING.match(line)
        if heading:
            name = slug(heading[2])
            count = counts.get(name, 0)
            counts[name] = count + 1
            found.add(f"{name}-{count}" if count else name)
    return found


def headings(text):
    """The headings' own words."""
    return [found[2] for _, line in blocks_and_prose(text)[1] if (found := HEADING.match(line))]


def links(text):
    """The targets of all links and pictures, with their lines."""
    for number, line in blocks_and_prose(text)[1]:
        bare = CODE_SPAN.sub(lambda found: "`" * len(found[0]), line)
        for pattern in (LINK, REFERENCE, HTML_TARGET):
            for found in pattern.finditer(bare):
                yield number, found["target"].strip("<>")
