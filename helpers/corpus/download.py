"""A file from the web, with patience but not for ever."""

from __future__ import annotations

import time

import requests
from requests.adapters import HTTPAdapter
from tqdm.auto import tqdm
from urllib3 import Retry
from urllib3.exceptions import HTTPError

HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; attention-course)",
    "Accept-Encoding": "identity",
    "Accept": "text/html,application/zip,*/*;q=0.8",
}  # without these, www.manythings.org answers 406
LARGEST = 50_000_000  # bytes
BUSY = (429, 500, 502, 503, 504)  # answers that are worth another attempt


def download(url: str, timeout: float = 10, limit: float = 60, retries: int = 2) -> bytes:
    """What a web address has.

    Args:
        timeout: seconds without a byte after which an attempt ends; limit: seconds for the whole file.
        retries: attempts after the first, when there is no answer or the server is busy.
    Raises:
        OSError: nothing came, or not all of it; the message says why.
    """
    retry = Retry(
        retries, backoff_factor=0.5, status_forcelist=BUSY, raise_on_status=False, respect_retry_after_header=False
    )
    try:
        with requests.Session() as session:
            session.mount(url, HTTPAdapter(max_retries=retry))
            with session.get(url, headers=HEADERS, stream=True, timeout=timeout) as answer:
                answer.raise_for_status()
                return read_body(answer, limit)
    except (requests.ConnectionError, HTTPError) as error:
        raise ConnectionError(f"no connection, or it broke ({type(error).__name__})") from error


def read_body(answer: requests.Response, limit: float) -> bytes:
    size, data, deadline = int(answer.headers.get("Content-Length", 0)), bytearray(), time.monotonic() + limit
    with tqdm(total=size or None, unit="B", unit_scale=True, desc="download", leave=False) as bar:
        while chunk := answer.raw.read1(1 << 16):
            data += chunk
            bar.update(len(chunk))
            if len(data) > LARGEST or time.monotonic() > deadline:
                raise TimeoutError(f"gave up after {len(data):,} bytes: too slow, or too much")
    if len(data) < size:
        raise ConnectionError(f"only {len(data):,} of {size:,} bytes came")
    return bytes(data)
