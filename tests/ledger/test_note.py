"""Signed notes: those of Go's own tests, and what makes one worthless."""

from __future__ import annotations

import pytest

from hongbao.checkpoint.note import NoteError, SigningKey, VerifyingKey, open_note

# From the documentation of golang.org/x/mod/sumdb/note.
SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNATURE = (
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
    "otpRZb6KE6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{SIGNATURE}"
WITNESS = (
    "\u2014 EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnW"
    "LB33WWRrKHQYaDQc=\n"
)
KEY = VerifyingKey.read(PUBLIC)


def test_a_note_is_signed_as_go_signs_it() -> None:
    signer = SigningKey.read(f"{SECRET}\n")
    assert signer.sign(TEXT) == NOTE
    assert (str(signer.verifying), signer.written) == (PUBLIC, SECRET)
    assert open_note(NOTE, KEY) == TEXT


def test_others_may_have_signed_a_note_too() -> None:
    assert open_note(f"{TEXT}\n{WITNESS}{SIGNATURE}", KEY) == TEXT
    assert open_note(f"{NOTE}{WITNESS}", KEY) == TEXT


def test_a_new_key_signs_what_it_verifies() -> None:
    key = SigningKey.generate("shop.example/books")
    assert SigningKey.read(key.written) == key
    assert open_note(key.sign("a\n\nb\n"), VerifyingKey.read(str(key.verifying))) == "a\n\nb\n"
    assert key != SigningKey.generate("shop.example/books")
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)


@pytest.mark.parametrize(
    ("note", "why"),
    [
        (NOTE.replace("problem is", "answer is"), "was changed"),
        (NOTE.replace("x08go/ZJ", "x08go/ZK"), "was changed"),
        (f"{TEXT}\n{WITNESS}", "not signed with the key"),
        (NOTE.replace("PeterNeumann x", "PeterNewmann x"), "not signed with the key"),
        (TEXT, "not a signed note"),
        ("", "not a signed note"),
        (NOTE[:-1], "not a signed note"),
        (f"{NOTE}more\n", "not a signature"),
        (f"{TEXT}\n\u2014 PeterNeumann !!!\n", "base64"),
        (f"{TEXT}\n\u2014 PeterNeumann x08gow==\n", "was changed"),
    ],
)
def test_what_this_key_has_not_signed_is_refused(note: str, why: str) -> None:
    with pytest.raises(NoteError, match=why):
        open_note(note, KEY)


@pytest.mark.parametrize(
    "text",
    ["", "name", "name+00", PUBLIC.replace("c74f20a3", "c74f20a4"), PUBLIC.replace("+AR", "+AA"),
     PUBLIC[:-4], SECRET, PUBLIC.replace("Peter", "Peter "), PUBLIC.replace("+ARp", "+AhR")],
)  # fmt: skip
def test_what_is_no_verifying_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        VerifyingKey.read(text)


@pytest.mark.parametrize(
    "text", ["", PUBLIC, SECRET[:-4], SECRET.replace("c74f20a3", "c74f20a4"), f"x{SECRET}"]
)
def test_what_is_no_signing_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(NoteError) as told:
        SigningKey.read(text)
    assert "AYEKFALV" not in str(told.value)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "\u3000"])
def test_a_name_that_a_note_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(NoteError, match="one word"):
        SigningKey.generate(name)
