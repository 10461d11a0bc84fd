"""The real sentences: downloads from a server that misbehaves, files of one's own, splits."""

from __future__ import annotations

import bz2
import gzip
import io
import random
import socket
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from support.http_server import Answer, running

from helpers.corpus import real, text
from helpers.corpus.pairs import DATA, read_pairs
from helpers.corpus.real import (
    SOURCE,
    CorpusUnavailable,
    aligned,
    download,
    group_pairs,
    load_parallel,
    load_tatoeba,
    split_sentences,
)
from helpers.corpus.text import detokenise, spelling_key, tokenise

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "tatoeba-hin-eng" / "tatoeba.en-hi.tsv"
FAST = {"timeout": 1, "retries": 0}
SMALL = {"valid": 5, "test": 8}

PEOPLE = {"राम": "Ram", "सीता": "Sita", "किसान": "The farmer", "लड़का": "The boy", "माँ": "Mother"}
THINGS = {"किताब": "a book", "आम": "a mango", "घर": "a house", "फ़ोन": "a phone", "पानी": "water", "पेड़": "a tree"}
VERBS = {"देखता है": "sees", "चाहता है": "wants"}
PAIRS = [
    (f"{person} {thing} {verb}।", f"{PEOPLE[person]} {VERBS[verb]} {THINGS[thing]}.")
    for person in PEOPLE
    for thing in THINGS
    for verb in VERBS
]


def zipped(**members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as box:
        for name, text in members.items():
            box.writestr(name, text)
    return buffer.getvalue()


def opus_zip(pairs=PAIRS, drop: int = 0) -> bytes:
    """Line by line parallel, as OPUS packs it; `drop` leaves out lines on the Hindi side."""
    english, hindi = "".join(f"{e}\n" for _, e in pairs), "".join(f"{h}\n" for h, _ in pairs[drop:])
    return zipped(
        README="Tatoeba",
        LICENSE="CC BY 2.0 FR",
        **{"Tatoeba.en-hi.en": english, "Tatoeba.en-hi.hi": hindi, "Tatoeba.en-hi.xml": "<x/>"},
    )


OPUS = opus_zip()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running() as local:
        yield local


@pytest.fixture
def cache(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv("ATTENTION_COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ATTENTION_COURSE_TATOEBA", raising=False)
    return tmp_path / "cache"


def source(server, *answers):
    """The course's source, at the local server and with fewer pairs."""
    return replace(SOURCE, url=server.serve("/opus.zip", *answers), fewest=40)


def load(source, **options):
    return load_tatoeba(source, **FAST | SMALL | options)


def files_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.rglob("*") if file.is_file())


# Downloads


def test_the_sentences_are_fetched_checked_and_kept(server, cache):
    corpus = load(source(server, Answer(OPUS)))
    assert corpus.name == SOURCE.name
    assert "CC BY 2.0 FR" in corpus.credit and "tatoeba.org" in corpus.credit
    assert corpus.counts["read"] == len(PAIRS)
    assert corpus.counts["train"] + corpus.counts["valid"] + corpus.counts["test"] == corpus.counts["kept"]
    assert all(any("\u0900" <= c <= "\u097f" for c in pair.source[0]) for pair in corpus.train)
    assert dict(server.requests) == {"/opus.zip": 1} and files_in(cache) == [SOURCE.file]
    kept, new = cache / SOURCE.file, cache / "any new file"
    new.touch()
    assert kept.read_bytes() == OPUS and kept.stat().st_mode == new.stat().st_mode  # a class can read it


def test_the_second_time_nothing_is_requested(server, cache):
    local = source(server, Answer(OPUS))
    assert load(local) == load(local)
    assert dict(server.requests) == {"/opus.zip": 1}


def test_a_busy_server_gets_another_attempt(server, cache):
    assert load(source(server, Answer(status=503), Answer(OPUS)), retries=1).name == SOURCE.name
    assert dict(server.requests) == {"/opus.zip": 2}


BROKEN = {
    "always busy": (Answer(status=503), "503"),
    "not there": (Answer(status=404), "404"),
    "refused": (Answer(status=406), "406"),
    "the connection breaks": (Answer(OPUS[: len(OPUS) // 2], content_length=len(OPUS)), "IncompleteRead"),
    "half a file": (Answer(OPUS[: len(OPUS) // 2]), "zip"),
    "nothing": (Answer(b""), "zip"),
    "a log-in page": (Answer(b"<html>Please log in to the hotel network</html>"), "zip"),
    "another zip": (Answer(zipped(**{"notes.txt": "hello"})), "Tatoeba.en-hi.en"),
    "a damaged member": (Answer(OPUS.replace(OPUS[160:170], b"0123456789", 1)), "zip"),
    "unequal lines": (Answer(opus_zip(drop=1)), "59"),
    "few pairs": (Answer(opus_zip(PAIRS[:20])), "20 pairs"),
    "no Hindi": (Answer(opus_zip([(e, e) for _, e in PAIRS])), "Hindi side"),
    "not UTF-8": (Answer(zipped(**{"Tatoeba.en-hi.en": "A\nB", "Tatoeba.en-hi.hi": b"a\n\xe0"})), "line 2"),
    "silence": (Answer(OPUS, wait=2.0), "timed out"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_source_is_named_with_its_reason_and_leaves_nothing(name, server, cache):
    answer, reason = BROKEN[name]
    local = source(server, answer)
    with pytest.raises(CorpusUnavailable) as failure:
        load(local)
    message = str(failure.value)
    assert reason in message.splitlines()[1] and local.url in message.splitlines()[1]
    assert f"{local.url} -> {cache / SOURCE.file}" in message and "load_parallel" in message
    assert files_in(cache) == []
    server.serve("/opus.zip", Answer(OPUS))
    assert load(local).name == SOURCE.name, "once the server is well, the sentences come"


def test_the_whole_download_has_a_limit(server):
    trickling = source(server, Answer(OPUS, wait=0.8))  # no single wait is too long
    with pytest.raises(OSError, match=r"within 0\.5 seconds"):
        download(trickling, timeout=10, limit=0.5)


def test_without_a_network(cache):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(CorpusUnavailable, match="ConnectionError"):
        load(replace(SOURCE, url=f"http://127.0.0.1:{port}/opus.zip"))
    assert files_in(cache) == []


@pytest.mark.parametrize("where", ["shutil.move", "helpers.corpus.cache.os.replace"])  # of pooch, of the course
def test_an_interruption_leaves_nothing(where, server, cache, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    local = source(server, Answer(OPUS))
    with monkeypatch.context() as patch:
        patch.setattr(where, interrupt)
        with pytest.raises(KeyboardInterrupt):
            load(local)
    assert files_in(cache) == []
    assert load(local).name == SOURCE.name


def test_a_damaged_file_in_the_cache_is_fetched_again(server, cache):
    local = source(server, Answer(OPUS))
    before = load(local)
    (cache / SOURCE.file).write_bytes(OPUS[:100])
    assert load(local) == before and server.requests["/opus.zip"] == 2
    assert (cache / SOURCE.file).read_bytes() == OPUS
    (cache / SOURCE.file).write_bytes(OPUS[:100])
    server.serve("/opus.zip", Answer(status=404))
    with pytest.raises(CorpusUnavailable, match=r"not the zip file(.|\n)*404"):
        load(local)


def test_a_file_put_into_the_cache_by_hand_is_used(server, cache):
    cache.mkdir()
    (cache / SOURCE.file).write_bytes(OPUS)
    assert load(source(server, Answer(status=404))).name == SOURCE.name
    assert not server.requests


def test_a_good_download_is_used_where_it_cannot_be_kept(server, cache, capsys):
    cache.write_text("a file where the folder should be")
    assert load(source(server, Answer(OPUS))).counts["read"] == len(PAIRS)
    assert "could not be kept" in capsys.readouterr().out
    with pytest.raises(CorpusUnavailable, match="cache"):
        load(source(server, Answer(b"nothing")))


def test_a_local_file_instead(tmp_path, monkeypatch):
    (tmp_path / "mine.tsv").write_text("\n".join(f"{e}\t{h}" for h, e in PAIRS), encoding="utf-8")
    monkeypatch.setenv("ATTENTION_COURSE_TATOEBA", str(tmp_path / "mine.tsv"))
    corpus = load_tatoeba(**SMALL)
    assert corpus.name == "mine.tsv" and "CC BY 2.0 FR" in corpus.credit


# Files of one's own


def write(folder: Path, name: str, text: str | bytes) -> Path:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / name


def test_every_layout_gives_the_same_corpus(tmp_path):
    english, hindi = [e for _, e in PAIRS], [h for h, _ in PAIRS]
    layouts = {
        "en-hi.tsv": ["\n".join(f"{e}\t{h}" for h, e in PAIRS)],
        "hi-en.tsv": ["\n".join(f"{h}\t{e}\tmore\tcolumns" for h, e in PAIRS) + "\n\n"],
        "windows.tsv": ["\ufeff" + "\r\n".join(f"{e}\t{h}" for h, e in PAIRS) + "\r\n"],
        "moses.en": ["\n".join(english) + "\n", "\n".join(hindi)],
        "opus.zip": [OPUS],
    }
    loaded = {}
    for name, texts in layouts.items():
        paths = [write(tmp_path, f"{name}{'.2' * i}", text) for i, text in enumerate(texts)]
        loaded[name] = replace(load_parallel(*paths, **SMALL), name="")
    assert all(corpus == loaded["en-hi.tsv"] for corpus in loaded.values())
    ids = write(tmp_path, "ids.tsv", "\n".join(f"{i}\t{e}\t{i}\t{h}" for i, (h, e) in enumerate(PAIRS)))
    assert replace(load_parallel(ids, columns=(3, 1), **SMALL), name="") == loaded["en-hi.tsv"]


def test_two_languages_in_one_script_need_columns(tmp_path):
    german = write(tmp_path, "de.tsv", "\n".join(f"Das ist Haus {i}.\tThis is house {i}." for i in range(60)))
    with pytest.raises(ValueError, match=r"columns=\(1, 0\)"):
        load_parallel(german, **SMALL)
    assert load_parallel(german, columns=(0, 1), **SMALL).train[0].source[0] == "das"
    assert load_parallel(german, columns=(1, 0), **SMALL).train[0].source[0] == "this"


GOOD = "\n".join(f"{e}\t{h}" for h, e in PAIRS)


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("", {}, "is empty"),
        ("\n \n", {}, "is empty"),
        (GOOD.replace("\t", ";"), {}, "separated by ';': save its sentences as text with tabs"),
        (GOOD.replace("\t", " ||| "), {}, "separated by '|||'"),
        (GOOD.replace("\t", " "), {}, "there is one column"),
        ('{"translation": {"de": "Hallo", "en": "Hello"}}', {}, "JSON"),
        ("\ufeff<tmx version='1.4'>", {}, "XML"),
        ("\n<!doctype html>", {}, "a web page"),
        (b"PAR1\x15\x04", {}, "a Parquet file"),
        (GOOD.encode("utf-16-le"), {}, "no text in UTF-8"),
        ("\n".join(f"{e}\t{h}".encode().decode("latin-1") for h, e in PAIRS), {}, "decoded wrongly"),
        ("\n".join(f"ฉันชอบอ่านหนังสือทุกวันตอนเช้า{i}\tI read {i}." for i in range(60)), {}, "no spaces between its words"),
        (zipped(a=GOOD, b=GOOD), {}, "a table with columns of its own"),
        (GOOD, {"columns": (1, 1)}, "two columns"),
        (GOOD, {"valid": None}, "from 1 on"),
        (GOOD + "\nWow!", {}, f"line {len(PAIRS) + 1}: found 1 of 2 columns"),
        (GOOD.encode() + b"\nWow!\t\xff", {}, f"line {len(PAIRS) + 1}: not UTF-8"),
        (GOOD.encode("utf-16"), {}, "UTF-16 text: save it again as UTF-8"),
        (gzip.compress(GOOD.encode()), {}, "packed with gzip: unpack it first"),
        (bz2.compress(GOOD.encode()), {}, "packed with bzip2: unpack it first"),
        ("<!DOCTYPE html><p>not found", {}, "a web page"),
        (zipped(**{"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"}), {}, "a spreadsheet or a document"),
        (zipped(**{"c/README.md": "read me", "c/.DS_Store": "x"}), {}, "a zip without a file of sentences"),
        (GOOD, {"columns": (0, 5)}, "there is no column 5: the columns are 0 to 1"),
        (GOOD, {"columns": (0,)}, "counted from 0"),
        (GOOD, {"columns": 1}, "counted from 0"),
        (GOOD, {"columns": ("en", "hi")}, "counted from 0"),
        (GOOD, {"valid": 0}, "from 1 on"),
        (GOOD, {"test": -5}, "from 1 on"),
        (GOOD, {"columns": (1, -1)}, "counted from 0"),
        (GOOD, {"test": 700}, "too few to hold out"),
        (GOOD, {"max_tokens": 2}, "are longer than max_tokens=2"),
        (zipped(a="x", b="y", c="z"), {}, "3 files"),
        (OPUS[:200], {}, "zip"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(content, options, message, tmp_path):
    path = write(tmp_path, "mine.tsv", content)
    with pytest.raises(ValueError, match="mine.tsv|columns|valid=") as failure:
        load_parallel(path, **SMALL | options)
    assert message in str(failure.value)


BOOKS = [(f"I have book number {i}.", f"मेरे पास किताब नंबर {i} है।") for i in range(60)]
EXPORTS = {  # as people and sites export them; the sentences are the same
    "ids before both, as tatoeba.org": ("{n}\t{en}\t5{n}\t{hi}\n", (1, 3)),
    "a line number in front": ("{n}\t{en}\t{hi}\n", (1, 2)),
    "a score behind": ("{en}\t{hi}\t0.{n}\n", (0, 1)),
    "codes of the languages": ("eng\t{en}\thin\t{hi}\n", (1, 3)),
    "an id and a code": ("{n}\teng\t{en}\t{hi}\n", (2, 3)),
}


@pytest.mark.parametrize("kind", EXPORTS)
def test_numbers_and_codes_are_no_language(kind, tmp_path):
    line, (english, hindi) = EXPORTS[kind]
    path = write(
        tmp_path, "mine.tsv", "".join(line.format(n=1000 + i, en=en, hi=hi) for i, (en, hi) in enumerate(BOOKS))
    )
    corpus = load_parallel(path, valid=5, test=8)
    assert {pair.source[0] for pair in corpus.train} == {"मेरे"} and {p.target[0] for p in corpus.train} == {"i"}
    same = load_parallel(path, valid=5, test=8, columns=(hindi, english))
    assert same.train == corpus.train
    for wrong in {(0, 1), (1, 0), (1, 2)} - {(english, hindi), (hindi, english)}:
        with pytest.raises(
            ValueError, match=rf"sentences are in \[{english}, {hindi}\].*columns=\({hindi}, {english}\)"
        ):
            load_parallel(path, valid=5, test=8, columns=wrong)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_every_system_ends_its_lines_in_its_way(end, tmp_path):
    lines = [f"{en}\t{hi}" for en, hi in BOOKS]
    corpus = load_parallel(write(tmp_path, "mine.tsv", "\ufeff" + end.join(lines)), valid=5, test=8)
    assert corpus.counts["read"] == 60 and corpus.counts["kept"] == 60


@pytest.mark.parametrize("titles", ["English\tHindi", "अंग्रेज़ी\tहिन्दी", "English sentence\tHindi translation", "en\thi"])
def test_a_line_of_titles_is_no_sentence(titles, tmp_path):
    titled = titles + "\n" + "".join(f"{en}\t{hi}\n" for en, hi in BOOKS)
    assert load_parallel(write(tmp_path, "mine.tsv", titled), valid=5, test=8).counts["read"] == 60


def test_a_zip_as_people_make_it(tmp_path):
    english, hindi = ("".join(f"{pair[side]}\n" for pair in BOOKS) for side in (0, 1))
    others = ["c/.DS_Store", "__MACOSX/c/._t.en", "c/readme.txt", "LICENSE.txt", "INFO", "c/_about.txt", "c/x.tmx"]
    path = write(tmp_path, "mine.zip", zipped(**{"c/t.en": english, "c/t.hi": hindi, **dict.fromkeys(others, "x")}))
    assert load_parallel(path, valid=5, test=8).counts["read"] == 60


def test_a_zip_that_unpacks_to_too_much_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(text, "LARGEST", 1000)
    with pytest.raises(ValueError, match="unpacks to more than"):
        load_parallel(write(tmp_path, "mine.zip", zipped(a="x\ty\n" * 1000)))


def test_too_few_pairs_are_explained_with_what_would_do():
    long = [("wort " * 19 + f"n{i}.", "word " * 19 + f"n{i}.") for i in range(300)]
    with pytest.raises(
        ValueError, match=r"300 are longer than max_tokens=16.*Allow longer ones: max_tokens=21, valid=13, test=27"
    ):
        split_sentences(long, "mine")
    split_sentences(long, "mine", max_tokens=21, valid=10, test=20)
    with pytest.raises(
        ValueError, match="60 are empty on one side, 240 are there more than once.*Give 30 pairs or more"
    ):
        split_sentences([("", en) for en, _ in BOOKS * 5], "mine")
    with pytest.raises(ValueError, match=r"Ask for less: valid=3, test=6"):
        split_sentences([(hi, en) for en, hi in BOOKS], "mine")
    assert split_sentences([(hi, en) for en, hi in BOOKS], "mine", valid=3, test=6).counts["test"] == 6


def test_pairs_that_all_hang_together_are_refused():
    chain = [(f"Hallo {i // 2}", f"Hello {(i + 1) // 2}") for i in range(300)]
    with pytest.raises(ValueError, match="300 of 300 hang together"):
        split_sentences(chain, "mine", valid=10, test=20)
    common = [(f"वाक्य {i}", "ok.") for i in range(300)]
    with pytest.raises(ValueError, match="such as “ok .” \\(300 times\\)"):
        split_sentences(common, "mine", valid=10, test=20)


@pytest.mark.parametrize("thing", [None, 7, ["a.tsv"]])
def test_a_file_has_a_name(thing, tmp_path):
    with pytest.raises(ValueError, match="a file has a name"):
        load_parallel(thing)
    (tmp_path / "mine.tsv").touch()
    with pytest.raises(ValueError, match="is a folder.*In it: mine.tsv"):
        load_parallel(tmp_path)


def test_parallel_files_of_unequal_length_and_missing_files(tmp_path):
    one, two = write(tmp_path, "a.hi", "एक\nदो\n"), write(tmp_path, "a.en", "one\n")
    with pytest.raises(ValueError, match=r"equally many lines.*\[2, 1\]"):
        load_parallel(one, two)
    with pytest.raises(FileNotFoundError, match="nowhere.tsv"):
        load_parallel(tmp_path / "nowhere.tsv")


# Splits


def test_the_commonest_spelling_is_taken():
    sentences = [(f"{'फोन' if i < 10 else 'फ़ोन'} {i}", f"phone {i}") for i in range(50)]
    corpus = split_sentences(sentences, "phones", valid=2, test=3)
    assert {pair.source[0] for pair in corpus.train + corpus.valid + corpus.test} == {"फ़ोन"}
    assert corpus.source_words("फोन है.") == ("फ़ोन", "है", "।")


def sides(pairs) -> tuple[set, set]:
    """The sentences of each side without case, punctuation and spelling variants."""

    def bare(words):
        return tuple(spelling_key(w) for w in words if w not in {"।", ".", "?", "!", ",", '"'})

    return {bare(p.source) for p in pairs}, {bare(p.target) for p in pairs}


def assert_nothing_leaks(corpus) -> None:
    splits = [sides(corpus.train), sides(corpus.valid), sides(corpus.test)]
    for i, one in enumerate(splits):
        for other in splits[i + 1 :]:
            assert not one[0] & other[0] and not one[1] & other[1]


@pytest.mark.parametrize("seed", range(5))
def test_nothing_leaks_and_nothing_is_lost(seed):
    rng = random.Random(seed)
    sentences = [
        (f"स{int(rng.random() * 300)}।", f"s{int(rng.random() * 300)}" + ".!?"[int(rng.random() * 3)])
        for _ in range(200)
    ]
    corpus = split_sentences(sentences, "random", valid=20, test=30, seed=seed)
    assert_nothing_leaks(corpus)
    kept = [(pair.source, pair.target) for pair in corpus.train + corpus.valid + corpus.test]
    assert sorted(kept) == sorted({(tokenise(s), tokenise(t)) for s, t in sentences})
    assert corpus.counts["kept"] == len(kept)
    assert len(corpus.test) == 30 and len(corpus.valid) == 20
    for split in ("train", "valid", "test"):
        pairs = getattr(corpus, split)
        assert [tokenise(text) for text in corpus.references[split]] == [pair.target for pair in pairs]
        assert corpus.counts[split] == len(pairs)
    assert corpus == split_sentences(sentences, "random", valid=20, test=30, seed=seed)
    assert corpus.test != split_sentences(sentences, "random", valid=20, test=30, seed=seed + 1).test


def test_groups_are_chains_of_common_sentences():
    pairs = ["a|x", "b|x !", "B .|y", "c|z", "x|c"]  # "x" and "c" stand on both sides, which is no link
    groups = group_pairs([[side.split() for side in pair.split("|")] for pair in pairs])
    assert sorted(map(sorted, groups)) == [[0, 1, 2], [3], [4]]


def test_sentences_beyond_the_limit_and_empty_and_repeated_ones_are_left_out():
    sentences = [*PAIRS, *PAIRS, ("", "nothing"), ("लम्बा " * 20, "long"), ("लम्बा", "long " * 20)]
    assert split_sentences(sentences, "x", **SMALL).counts["kept"] == len(PAIRS)


@pytest.mark.skipif(not REAL.exists(), reason="the development copy of the real sentences is not here")
def test_the_real_sentences(monkeypatch):
    monkeypatch.setenv("ATTENTION_COURSE_TATOEBA", str(REAL))
    corpus = load_tatoeba()
    assert corpus.counts["read"] >= SOURCE.fewest and corpus.counts["kept"] > 0.97 * corpus.counts["read"]
    assert_nothing_leaks(corpus)
    assert len(corpus.test) == 700 and len(corpus.valid) == 500
    assert max(len(side) for pair in corpus.train for side in (pair.source, pair.target)) <= 16
    assert sum(pair.source[-1] in "।?!" for pair in corpus.train) > 0.99 * len(corpus.train)
    texts = [text.lower().replace("’", "'") for text in corpus.references["train"]]
    assert sum(detokenise(tokenise(text)) == text for text in texts) > 0.99 * len(texts)


def test_of_a_large_corpus_a_part_can_be_taken(monkeypatch, capsys):
    many = [(f"wort {n} {n % 7}", f"word {n} {n % 7}") for n in range(3000)]
    part = split_sentences(many, "mine", most=500, **SMALL)
    assert part.counts["read"] == 500 and part == split_sentences(many, "mine", most=500, **SMALL)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(real, "MANY", 1000)
    assert split_sentences(many, "mine", **SMALL).counts["read"] == 3000
    assert "most=1000 takes so many of them" in capsys.readouterr().out


def test_what_a_spreadsheet_and_a_web_page_add_is_taken_off(tmp_path):
    lines = [f'"Come, {n}."\t"Komm, ""Anna"" {n}."' for n in range(40)] + [
        f"It&#39;s {n}.\tDas ist {n}." for n in range(40)
    ]
    corpus = load_parallel(write(tmp_path, "mine.tsv", "\n".join(lines)), columns=(1, 0), valid=3, test=6)
    written = [*corpus.references["train"], *corpus.references["valid"], *corpus.references["test"]]
    assert "Come, 3." in written and "It's 3." in written
    assert any(pair.source[:4] == ("komm", ",", '"', "anna") for pair in corpus.train)


def test_a_licence_behind_the_sentences_is_no_sentence(tmp_path):
    lines = [
        f"I have book {n}.\tУ меня есть книга {n}.\tCC-BY 2.0 (France) Attribution: #{n} & #{n * 7}" for n in range(60)
    ]
    corpus = load_parallel(write(tmp_path, "rus.txt", "\n".join(lines)), **SMALL)
    assert corpus.train[0].source[0] == "у" and corpus.train[0].target[0] == "i"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="names are looked up in"):
        load_parallel(tmp_path / "nothing.tsv")
    with pytest.raises(ValueError, match=r"two are load_parallel\(a, b\)"):
        load_parallel(["a.de", "a.en"])


def test_another_edition_of_a_corpus_has_nearly_the_same_test_sentences():
    before = split_sentences(PAIRS, "mine", **SMALL)
    some = split_sentences(PAIRS[3:][::-1], "mine", **SMALL)
    assert len({p.source for p in before.test} & {p.source for p in some.test}) >= len(before.test) - 3
    other = split_sentences(PAIRS, "mine", **SMALL, seed=1)
    assert {p.source for p in before.test} != {p.source for p in other.test}


def test_the_aligned_pairs_fit_their_words():
    pairs = read_pairs(DATA / "alignments" / "tatoeba.tsv")
    assert len(pairs) == 200 == len({p.source + p.target for p in pairs})
    for pair in pairs:
        assert pair.links and len({(j, t) for j, t, _ in pair.links}) == len(pair.links)
        assert max(map(len, (pair.source, pair.target))) <= 16
    unlinked = sum(t not in {at for _, at, _ in p.links} for p in pairs for t in range(len(p.target)))
    assert unlinked <= 12 and aligned(split_sentences(PAIRS, "mine", **SMALL)) == []


@pytest.mark.skipif(not REAL.exists(), reason="the real sentences are not here")
def test_the_aligned_pairs_are_test_pairs_of_the_real_corpus(monkeypatch):
    monkeypatch.setenv("ATTENTION_COURSE_TATOEBA", str(REAL))
    corpus = load_tatoeba()
    pairs = aligned(corpus)
    assert len(pairs) == 200 and {(p.source, p.target) for p in pairs} <= {(p.source, p.target) for p in corpus.test}
