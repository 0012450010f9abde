"""HTML pages with a menu, a sidebar and a footer around the text, as court sites have them."""

from html import escape
from pathlib import Path
from typing import Any

_PAGE = """<!DOCTYPE html>
<html lang="tr">
<head><meta charset="utf-8"><title>{title}</title>
<style>body {{ font-family: serif; }} .menu {{ float: left; }}</style></head>
<body>
<nav class="menu"><ul><li><a href="/">Anasayfa</a></li><li><a href="/arama">Karar Arama</a></li></ul></nav>
<main><article>
{paragraphs}
</article></main>
<footer><p>Tüm hakları saklıdır. | <a href="/iletisim">İletişim</a></p></footer>
</body>
</html>
"""


def write_file(row: dict[str, Any], path: Path) -> None:
    """Write `row` as a page; every line of the text is a paragraph of the article."""
    lines = [line for line in row["text"].split("\n") if line.strip()]
    title = row.get("title") or f"{row.get('court', '')} {row.get('chamber', '')} {row.get('case_number', '')}".strip()
    paragraphs = "\n".join(f"<p>{escape(line)}</p>" for line in lines)
    path.write_bytes(_PAGE.format(title=escape(title or row["id"]), paragraphs=paragraphs).encode())
