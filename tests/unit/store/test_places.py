"""A store lies on a disk of this computer and in no folder that is copied to the cloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_sync.errors import StoreError
from crm_sync.store import open_store
from crm_sync.store.places import refuse_bad_place
from tests.unit.store.builders import TABLES

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
tmpfs /tmp tmpfs rw 0 0
nas:/export /srv/office\\040files nfs4 rw 0 0
//nas/share /mnt/share cifs rw 0 0
anna@nas: /home/anna/nas fuse.sshfs rw 0 0
/dev/sdb1 /mnt/share/disk ext4 rw 0 0
/dev/sdc1 /media/usb fuseblk rw 0 0
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    path = tmp_path / "mounts"
    path.write_text(MOUNTS)
    return path


@pytest.mark.parametrize(
    "path",
    ["/srv/office files/crm.db", "/mnt/share/a/crm.db", "/home/anna/nas/crm.db", "//nas/s/crm.db"],
)
def test_disk_of_another_computer_is_refused(mounts: Path, path: str) -> None:
    with pytest.raises(StoreError, match="disk of another computer"):
        refuse_bad_place(Path(path), mounts)


@pytest.mark.parametrize(
    "folder",
    [
        "Dropbox",
        "Dropbox (Firma)",
        "OneDrive - Firma",
        "Google Drive",
        "My Drive",
        "Mobile Documents",
        "Yandex.Disk",
        "Яндекс.Диск",
        "Nextcloud",
    ],
)
def test_folder_that_is_copied_to_the_cloud_is_refused(mounts: Path, folder: str) -> None:
    with pytest.raises(StoreError, match="copied to the cloud"):
        refuse_bad_place(Path("/home/anna") / folder / "crm" / "crm.db", mounts)


@pytest.mark.parametrize(
    "path",
    [
        "/home/anna/crm.db",
        "/srv/office/crm.db",
        "/mnt/shared/crm.db",
        "/mnt/share/disk/crm.db",
        "/media/usb/crm.db",
        "/home/anna/dropbox.db",
        "/home/anna/my drives/crm.db",
        "/tmp/mega-crm/crm.db",
    ],
)
def test_disk_of_this_computer_will_do(mounts: Path, path: str) -> None:
    refuse_bad_place(Path(path), mounts)
    refuse_bad_place(Path(path), Path("/nowhere/mounts"))


def test_store_is_neither_opened_nor_made_there(tmp_path: Path) -> None:
    path = tmp_path / "Dropbox" / "crm.db"
    with pytest.raises(StoreError, match="copied to the cloud"):
        open_store(path, TABLES)
    assert not path.parent.exists()


def test_link_into_such_a_folder_does_not_hide_it(tmp_path: Path) -> None:
    (tmp_path / "OneDrive").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "OneDrive", target_is_directory=True)
    with pytest.raises(StoreError, match="copied to the cloud"):
        open_store(tmp_path / "data" / "crm.db", TABLES)
