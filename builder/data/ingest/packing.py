"""A folder of this machine as an archive, so that it passes the same checks as an upload."""

import os
import zipfile
from pathlib import Path

from builder.data.ingest.archive import MAX_ENTRIES, MAX_TOTAL
from builder.errors import DataError
from builder.projects.atomic import refusals_told


def packed(folder: Path, staging: Path) -> Path:
    """The regular files of a folder as an uncompressed ZIP in `staging`; links are not followed and not taken.

    Raises DataError when there are too many, they are too large, or one cannot be read.
    """
    target = staging / f"{folder.name or 'folder'}.zip"
    count = total = 0
    with refusals_told(target), zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for place, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                path = Path(place, name)
                if path.is_symlink() or not path.is_file():
                    continue
                count, total = count + 1, total + path.stat().st_size
                if count > MAX_ENTRIES or total > MAX_TOTAL:
                    raise DataError(
                        f"The folder {folder.name} holds more than {MAX_ENTRIES:,} files or "
                        f"{MAX_TOTAL // 1024**3} GB. Use a part of it."
                    )
                _add(archive, path, folder)
    if not count:
        target.unlink()
        raise DataError(f"The folder {folder.name} is empty: there is no file in it.")
    return target


def _add(archive: zipfile.ZipFile, path: Path, folder: Path) -> None:
    entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), date_time=(1980, 1, 1, 0, 0, 0))
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.") from error
    archive.writestr(entry, data)
