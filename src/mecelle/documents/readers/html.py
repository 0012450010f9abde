"""Web pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import trafilatura
from lxml import etree, html

from mecelle.documents.config import ExtractConfig
from mecelle.documents.decoding import UndecodableError, decode
from mecelle.documents.readers.txt import encoding_fields
from mecelle.documents.records import Fault, Record, reader

_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")  # lxml refuses text that declares an encoding
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # lxml reads it and will not write it
_LEAST_SHARE = 0.3
"""Least share of the body's characters that the main text must have. Below it, not boilerplate but text was cut off: on
pages of courts and registers nearly everything is the document."""
_MOST_SHARE = 1.05
"""Most share: trafilatura 1.11 gives some passages twice when it is told to favour recall."""
_BREAKING = (
    "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li",
    "ol", "p", "pre", "section", "table", "tr", "ul",
)  # fmt: skip
_NO_TEXT = ("script", "style", "noscript", "template", "head", "nav", "svg", "button", "select", "datalist", "textarea")
_FORM = re.compile(r"(</?)form\b", re.IGNORECASE)
"""Pages of ASP.NET are one form from end to end, which trafilatura leaves out: to it, forms are blocks."""


@reader("html.v1", suffixes=(".html", ".htm", ".xhtml"))
def read(path: Path, config: ExtractConfig) -> Iterator[Record | Fault]:
    """The main text of a page (trafilatura), or all text of its body where that is not told from its surroundings."""
    data = path.read_bytes()
    charset = _CHARSET.search(data, 0, 4096)
    try:
        found = decode(data, declared=charset[1].decode().translate(_ASCII_LOWER) if charset else None)
    except UndecodableError as error:
        yield Fault("wrong_encoding", str(error))
        return
    page = _FORM.sub(r"\1div", _XML_DECLARATION.sub("", found.text).replace("\x00", ""))
    tree = _parsed(page)
    if tree is None:
        yield Fault("empty", "no element in it")
        return
    title = " ".join((tree.findtext(".//title") or "").split())
    fields = {"source_id": path.stem, "title": title or None} | encoding_fields(found)
    body = _body_text(tree)
    main = trafilatura.extract(page, favor_recall=True, include_comments=False) or ""
    text = main if _LEAST_SHARE * len(body) <= len(main) <= _MOST_SHARE * len(body) else body
    yield Record(text=text, fields=fields, default_kind="web")


_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _parsed(page: str) -> "html.HtmlElement | None":
    try:
        return html.document_fromstring(page, parser=html.HTMLParser(no_network=True, huge_tree=True))
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _body_text(tree: "html.HtmlElement") -> str:
    """All text of the page with a line end at every element that begins a line; removes from `tree` what is no text."""
    etree.strip_elements(tree, *_NO_TEXT, etree.Comment, with_tail=False)
    for element in tree.iter(*_BREAKING):
        element.text = "\n" + _NOT_XML.sub(" ", element.text or "")
        element.tail = "\n" + _NOT_XML.sub(" ", element.tail or "")
    lines = (" ".join(line.split()) for line in tree.text_content().split("\n"))
    return "\n".join(line for line in lines if line)
