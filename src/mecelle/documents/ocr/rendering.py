"""What the picture of a page looks like: parameters alone, so that reading them loads no library that draws."""

from pydantic import Field

from mecelle.base.config import Config


class Rendering(Config):
    """What the picture of a page looks like. Source: Mecellem §3.2.2, pipeline architecture."""

    dpi: int = Field(default=300, ge=36, le=1200)
    """Dots per inch at which a PDF page is drawn; pictures in files of their own keep the dots that they have."""
    longest_side: int = Field(default=0, ge=0)
    """Pixels to which the longer side is reduced after that; 0: full size. Nothing is ever enlarged."""
    colour: bool = False
    """RGB; else grey."""
