"""Archives of rules: what is read back is what was written, and anything else is no archive."""

import gzip
import io
import json
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policy import archive
from gateway.policy.archive import bundle_archive, given_bundle, read_bundle, read_system
from gateway.policy.errors import PolicySourceError
from tests.policy.questions import POLICY
from tests.policy.rooms import ROOT


def written(tmp_path, content):
    """A file with these bytes."""
    path = tmp_path / "rules.tar.gz"
    path.write_bytes(content)
    return path


def packed(*files):
    """An archive of (name, text, type) entries."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name, text, kind in files:
            entry = tarfile.TarInfo(name)
            entry.size, entry.type = len(text), kind
            tar.addfile(entry, io.BytesIO(text))
    return gzip.compress(raw.getvalue())


def test_an_archive_reads_back_as_the_rules_and_their_golden_cases(bundle, tmp_path):
    """Digest, release and golden cases are those of the folder; the server's own policies are not rules."""
    system = read_system(ROOT / "deploy" / "opa" / "system")
    found = read_bundle(written(tmp_path, bundle_archive(bundle, system, None)))
    assert (found.digest, found.release, found.golden) == (bundle.digest, bundle.release, bundle.golden)
    assert set(found.files) == set(bundle.files)
    assert read_bundle(POLICY).digest == bundle.digest


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_an_archive_with_a_changed_byte_is_other_rules_or_none(bundle, tmp_path_factory, data):
    """No change of a byte leaves a file that reads as these rules with other content."""
    content = bytearray(bundle_archive(bundle, {}, None))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path = written(tmp_path_factory.mktemp("changed"), bytes(content))
    try:
        found = read_bundle(path)
    except PolicySourceError:
        return
    assert found.files == bundle.files or found.digest != bundle.digest


def rule(name="schakel/x/x.rego", text=b"package schakel.x\n", kind=tarfile.REGTYPE):
    return name, text, kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an archive",
        gzip.compress(b"not a tar"),
        packed(),
        packed(rule("other/x.rego")),
        packed(rule("schakel/x/x_test.rego")),
        packed(rule("schakel/../../etc/x.rego")),
        packed(rule(), rule()),
        packed(rule(), rule("/schakel/x/x.rego")),
        packed(rule(), ("schakel/y", b"", tarfile.SYMTYPE)),
        packed(rule(text=b"\xff\xfe")),
    ],
)
def test_what_is_no_archive_of_rules_is_refused(tmp_path, content):
    """Empty, cut off, without rules, two files of one name, a link, not UTF-8: named, with what it must be."""
    with pytest.raises(PolicySourceError, match=r"rules\.tar\.gz|schakel"):
        read_bundle(written(tmp_path, content))


def test_an_archive_that_is_cut_off_or_continued_is_refused(bundle, tmp_path):
    """The whole file is the archive."""
    content = bundle_archive(bundle, {}, None)
    for other in (content[:-1], content + b"x", content + content):
        with pytest.raises(PolicySourceError):
            read_bundle(written(tmp_path, other))


def test_an_archive_that_swells_is_refused(tmp_path, monkeypatch):
    """A small file that unpacks to more than the bound is not read to its end."""
    monkeypatch.setattr(archive, "MAX_BYTES", 100_000)
    with pytest.raises(PolicySourceError):
        read_bundle(written(tmp_path, gzip.compress(bytes(10_000_000))))
    with pytest.raises(PolicySourceError):
        read_bundle(written(tmp_path, bytes(200_000)))


def test_a_path_that_is_not_there_is_named(tmp_path):
    """For who types it."""
    with pytest.raises(PolicySourceError, match=r"none\.tar\.gz"):
        given_bundle(tmp_path / "none.tar.gz")


def test_golden_cases_do_not_change_the_digest(bundle, tmp_path):
    """They decide nothing."""
    found = archive.make_bundle(bundle.files, json.dumps({"cases": []}))
    assert found.digest == bundle.digest
