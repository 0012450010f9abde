"""UDF, the document format of UYAP, the Turkish courts' information system.

A zip archive whose `content.xml` holds the whole text in one CDATA section, and elements that point into it by offset
and length in UTF-16 code units, as the Java editor of UYAP counts them.
"""

from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from mecelle.sample.writers.archive import write_archive

_HEAD: Final = """<?xml version="1.0" encoding="UTF-8" ?>

<template format_id="1.8" >
<content><![CDATA[{text}]]></content>
<properties><pageFormat mediaSizeName="1" leftMargin="70.875" rightMargin="70.875" topMargin="70.875" \
bottomMargin="70.875" paperOrientation="1" headerFOffset="20.0" footerFOffset="20.0" /></properties>
<elements resolver="hvl-default" >
{paragraphs}
</elements>
<styles><style name="default" description="Geçerli" family="Dialog" size="12" bold="false" italic="false" \
foreground="-13421773" \
FONT_ATTRIBUTE_KEY="javax.swing.plaf.FontUIResource[family=Dialog,name=Dialog,style=plain,size=12]" />\
<style name="hvl-default" family="Times New Roman" size="12" description="Gövde" /></styles>
</template>
"""


def write_file(row: dict[str, Any], path: Path) -> None:
    """Write `row` with one paragraph element per line."""
    text = row["text"] + "\n"
    assert "]]>" not in text, "a CDATA section cannot hold ']]>'"
    start = 0
    paragraphs: list[str] = []
    for line in text.split("\n")[:-1]:
        length = len((line + "\n").encode("utf-16-le")) // 2
        bold = quoteattr("true" if line.isupper() else "false")
        paragraphs.append(
            f'<paragraph Alignment="3" ><content bold={bold} startOffset="{start}" length="{length}" /></paragraph>'
        )
        start += length
    content = _HEAD.format(text=text, paragraphs="".join(paragraphs))
    write_archive(path, {"content.xml": content.encode()})
