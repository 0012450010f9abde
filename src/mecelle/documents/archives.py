"""Zip archives of documents: what is in them is read like files of a folder, with guards against what is no archive."""

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from mecelle.documents.config import ExtractConfig
from mecelle.documents.files import File, is_wanted
from mecelle.documents.packed import MOST_RATIO, is_bomb
from mecelle.documents.records import Failure, plain_name, reader_for

SUFFIX = ".zip"
MOST_DEPTH = 3
"""Archives in archives, the outermost counted: exports of case files have two."""

_MIB = 1024 * 1024
_LEAST_ROOM = 64 * _MIB  # unpacked in all from one outermost archive, however small it is
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1
_CHUNK = 1 << 20


def leaves(file: File, config: ExtractConfig) -> Iterator[File | Failure]:
    """The file itself; of a zip archive, the files in it, named `archive.zip/folder/name`, in the archive's order.

    A file from an archive is there until the next one is asked for. Names that are no documents (`is_wanted`) are
    passed over. What cannot be unpacked is a Failure and the next goes on: "corrupt", "encrypted", "zip_bomb" (over
    MOST_RATIO times its packed size, alone or all together), "too_large" (max_file_mib), "nested_too_deep", "empty".
    """
    if not is_archive(file.name):
        yield file
        return
    try:
        room = max(_LEAST_ROOM, MOST_RATIO * file.path.stat().st_size)
        yield from _Unpacking(config, room).of(file, depth=1)
    except Exception as error:  # a fault of one archive, or of the library that reads it, must not end the run
        yield Failure(file.name, "", "unreadable", f"{type(error).__name__}: {error}")


def is_archive(name: str) -> bool:
    """Whether a file of this name is opened as an archive. Packed formats (DOCX, UDF) are not."""
    return plain_name(name).endswith(SUFFIX)


class _Unpacking:
    """The unpacking of one outermost archive, with the bytes that it may still give."""

    def __init__(self, config: ExtractConfig, room: int) -> None:
        self._most_bytes = config.max_file_mib * _MIB
        self._room = room

    def of(self, file: File, *, depth: int) -> Iterator[File | Failure]:
        if depth > MOST_DEPTH:
            yield Failure(file.name, "", "nested_too_deep", f"at most {MOST_DEPTH} archives in one another are opened")
            return
        try:
            archive = zipfile.ZipFile(file.path)
        except Exception as error:  # zipfile raises some ten kinds for bytes that are no archive
            yield Failure(file.name, "", "corrupt", f"not a whole zip archive: {type(error).__name__}: {error}")
            return
        with archive, tempfile.TemporaryDirectory(prefix="mecelle-zip-") as place:
            parts = [(part, _name(part)) for part in archive.infolist() if not part.filename.endswith("/")]
            parts = [(part, name) for part, name in parts if all(map(is_wanted, PurePosixPath(name).parts))]
            if not parts:
                yield Failure(file.name, "", "empty", "no document in the archive")
            for part, name in parts:
                member = File(f"{file.name}/{name}", Path(place) / _safe(name))
                if reader_for(name) is None and not is_archive(name):
                    yield member  # its reader says that it has none; nothing is unpacked
                    continue
                fault = self._fault(part) or self._unpacked(archive, part, member.path)
                if fault:
                    yield Failure(member.name, "", *fault)
                elif is_archive(name):
                    yield from self.of(member, depth=depth + 1)
                else:
                    yield member
                member.path.unlink(missing_ok=True)

    def _fault(self, part: zipfile.ZipInfo) -> tuple[str, str] | None:
        """Why a part is not unpacked, as its own header tells: reason and sentence."""
        if part.flag_bits & _ENCRYPTED:
            return "encrypted", "it has a password: unpack it and give the files"
        if is_bomb(part.file_size, part.compress_size) or part.file_size > self._room:
            sizes = f"{part.file_size:,} bytes from {part.compress_size:,} packed ones"
            return "zip_bomb", f"{sizes}; an archive may give at most {MOST_RATIO} times its size"
        if part.file_size > self._most_bytes:
            return "too_large", f"{part.file_size / _MIB:,.0f} MiB; max_file_mib is {self._most_bytes // _MIB}"
        return None

    def _unpacked(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path) -> tuple[str, str] | None:
        try:
            with archive.open(part) as packed, path.open("wb") as file:
                while chunk := packed.read(_CHUNK):
                    self._room -= len(chunk)
                    file.write(chunk)
        except (NotImplementedError, RuntimeError) as error:
            return "corrupt", f"packed in a way that is not known here: {error}"
        except Exception as error:  # of the checksum, the packer, the offsets
            return "corrupt", f"it cannot be unpacked: {type(error).__name__}: {error}"
        return None


def _name(part: zipfile.ZipInfo) -> str:
    """The name with `/` between parts. One that is not marked as UTF-8 is so all the same, or in the Turkish of DOS."""
    name = part.filename
    if not part.flag_bits & _UTF8_NAME:
        raw = name.encode("cp437", "replace")  # how zipfile read them
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("cp857", "replace")
    return "/".join(piece for piece in name.replace("\\", "/").split("/") if piece not in ("", ".", ".."))


def _safe(name: str) -> str:
    """A file name on any disk with the same ending; never a path."""
    stem, dot, suffix = name.rpartition("/")[2].rpartition(".")
    return "".join(c if c.isalnum() or c in " _-()" else "_" for c in stem)[:60] + dot + suffix[:20]
