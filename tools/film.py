"""Films the page of the translators for the README: a sentence step by step, and one step whose weights are bent.

python -m tools.film    after `make page`, into docs/translator.gif; it takes Chromium and Playwright
"""

from __future__ import annotations

import argparse
import io
import shutil

from PIL import Image

from helpers.page.write import PAGE
from tools import ROOT

FILM = ROOT / "docs" / "translator.gif"
WIDTH, SECONDS = 860, 0.45
BEND = "word => [...document.querySelectorAll('#source span')].find(part => part.innerText.startsWith(word)).click()"


def frames() -> list[tuple[Image.Image, float]]:
    """The pictures, each with its seconds."""
    from playwright.sync_api import sync_playwright

    shown: list[tuple[Image.Image, float]] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium") or shutil.which("google-chrome"))
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, reduced_motion="reduce")
        page.goto(PAGE.as_uri())
        page.get_by_role("radio", name="both ways").check()
        page.add_style_tag(
            content=".hero { padding: 1rem; min-height: 27rem; } .step, #looks ~ * { display: none !important; }"
        )

        def show(seconds: float = SECONDS) -> None:
            picture = Image.open(io.BytesIO(page.locator(".hero").screenshot()))
            shown.append((picture.convert("RGB"), seconds))

        words = page.locator("#target span")
        telling = int(page.locator("#step").input_value()) - 1  # the step that the page begins with
        for t in range(words.count()):
            words.nth(t).click()
            show()
        words.nth(telling).click()
        show(1.5)
        page.evaluate(BEND, "रसोई")
        show(3)
        page.evaluate("document.querySelector('.reset').click()")
        show(1.5)
        browser.close()
    return shown


def main() -> None:
    pictures, seconds = zip(*frames(), strict=True)
    some = Image.new("RGB", (WIDTH, sum(picture.height for picture in pictures)))
    for i, picture in enumerate(pictures):
        some.paste(picture, (0, i * picture.height))
    # One palette for all, so that what stands still is stored once; it covers rare colours, too.
    palette = some.quantize(128, Image.Quantize.MAXCOVERAGE)
    few = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    durations = [round(1000 * s) for s in seconds]
    few[0].save(FILM, save_all=True, append_images=few[1:], duration=durations, loop=0, optimize=True)
    print(f"{FILM}: {FILM.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    main()
