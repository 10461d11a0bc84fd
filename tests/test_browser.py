"""x"""
import time
import pytest
pytestmark = pytest.mark.browser

@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_lab(page, jupyter, app):
    jupyter.write("a.ipynb", "from IPython.display import HTML\nHTML('<b id=x>hello</b>')")
    s = time.time()
    jupyter.open(page, "a.ipynb", app)
    page.wait_for_selector("#x, .jp-OutputArea b")
    print(app, time.time() - s, page.refused, page.errors)
    page.screenshot(path=f"/tmp/w1shot/{app}.png")
