# Everything runs in .venv, which the first command makes from requirements.txt.
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
endif
VENV_PYTHON := .venv/bin/python
READY := .venv/.ready
# A .venv whose Python is gone or too old, or that was made in another folder, is set up again.
VENV_WORKS := $(VENV_PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null
$(shell { $(VENV_WORKS) && pwd | cmp -s - $(READY); } || rm -f $(READY))
# A Linux machine without an NVIDIA card takes the CPU build of torch: 200 MB instead of 3 GB.
CPU_ONLY := $(shell [ "$$(uname)" = Linux ] && ! command -v nvidia-smi >/dev/null && echo yes)
TORCH_CPU := --index-url https://download.pytorch.org/whl/cpu
# Colab's older packages lie over those of .venv, so that torch is installed once.
COLAB := .venv/colab
COLAB_TESTS := notebooks/test_colab helpers/test_bootstrap helpers/test_plots helpers/test_progress \
	widgets/test_explorer widgets/test_sentence_box widgets/test_be_the_oracle widgets/test_in_browser
# So do the tools that a teacher needs and a learner does not.
TEACHING := .venv/teaching
TEACHING_TESTS := tools/test_website tools/test_classroom
# The pack for a room without internet has a folder of packages: then pip takes all from there.
ifneq ($(wildcard wheels),)
export PIP_NO_INDEX := 1
export PIP_FIND_LINKS := wheels
endif

.PHONY: help setup lab page course slides site students grade pack film test quick browser lint corpus results bench pins links

help:  ## show this list
	@awk -F ':.*## ' '/^# --- / {print substr($$0, 7)} /^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

# --- Learn
setup: $(READY)  ## make .venv (the other commands do it when it is missing)

lab: $(READY)  ## open JupyterLab on the course
	$(VENV_PYTHON) -m jupyterlab --ServerApp.root_dir="$$PWD" \
		--LabApp.default_url=/lab/tree/notebooks/01_encoder_decoder.ipynb \
		$(if $(filter 0,$(shell id -u)),--allow-root) $(LAB_ARGS)

page: $(READY)  ## write the translators into one web page, build/page/translator.html (trains them if need be)
	$(VENV_PYTHON) -m helpers.page.write

# --- Teach
slides: $(READY)  ## make slides of the executed notebooks in build/slides (NOTEBOOKS="03 04" for some)
	$(VENV_PYTHON) -m tools.slides $(NOTEBOOKS)

site: $(TEACHING)/.ready page  ## build a site of the course in build/site
	$(TEACHING)/bin/python -m tools.website

students: $(TEACHING)/.ready  ## build classroom: a students' edition without solutions, and what nbgrader needs
	$(TEACHING)/bin/python -m tools.classroom students

grade: $(TEACHING)/.ready  ## grade the notebooks in classroom/submitted
	$(TEACHING)/bin/python -m tools.classroom grade

pack: $(TEACHING)/.ready slides  ## pack the course and its packages for a room without internet (FOR="win_amd64 3.12")
	$(TEACHING)/bin/python -m tools.classroom pack $(FOR)

# --- Maintain
film: page  ## film the page for the README, into docs/translator.gif
	$(VENV_PYTHON) -m tools.film

course: $(READY)  ## execute the notebooks and store their outputs (NOTEBOOKS="03 04" for some)
	$(VENV_PYTHON) -m tools.course $(NOTEBOOKS)

test: $(READY) $(COLAB)/.ready $(TEACHING)/.ready browser  ## run every test; all notebooks are executed, nothing is cached
	$(VENV_PYTHON) -m pytest
	$(COLAB)/bin/python -m pytest $(COLAB_TESTS:%=tests/%.py)
	$(TEACHING)/bin/python -m pytest $(TEACHING_TESTS:%=tests/%.py)

quick: $(READY)  ## run the tests that execute no whole notebook and open no browser
	$(VENV_PYTHON) -m pytest -m "not notebooks and not browser"

lint: $(READY)  ## check the style, the format and the types of the code
	$(VENV_PYTHON) -m ruff check
	$(VENV_PYTHON) -m ruff format --check
	$(VENV_PYTHON) -m mypy

browser:  ## install browsers for the tests, where apt can (Debian as root); elsewhere Chrome will do
	@has() { command -v $$1 >/dev/null; }; has apt-get && [ "$$(id -u)" -eq 0 ] || exit 0; \
	has chromium || has chromium-browser || has google-chrome || wanted="chromium fonts-noto-core"; \
	has firefox-esr || wanted="$$wanted firefox-esr"; \
	has WebKitWebDriver || wanted="$$wanted webkit2gtk-driver xvfb xauth"; \
	[ -n "$$wanted" ] || exit 0; apt-get update; for name in $$wanted; do \
		DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $$name \
		|| echo "$$name could not be installed: the tests that need it will say so"; done

corpus: $(READY)  ## generate data/generated from data/lexicon
	$(VENV_PYTHON) -m helpers.corpus.build

results: $(READY)  ## train the models whose results are missing in data/results (ONLY="vanilla oracle" for some)
	$(VENV_PYTHON) -m experiments.results $(if $(ONLY),--only $(ONLY))

bench: $(READY)  ## measure the speed of training and translating
	$(VENV_PYTHON) -m experiments.speed

pins: $(READY)  ## write requirements.txt from the ranges in pyproject.toml (UPGRADE=--upgrade: the newest)
	$(VENV_PYTHON) -m pip install --quiet uv
	$(VENV_PYTHON) -m tools.pins $(UPGRADE)

links: $(READY)  ## point badges and clone lines at the repository named in pyproject.toml
	$(VENV_PYTHON) -m tools.links

$(READY): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || \
		{ echo "The course needs Python 3.11 or newer: https://www.python.org/downloads/"; exit 1; }
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
		{ echo "$(PYTHON) is no Python 3.11 or newer: leave PYTHON=… out, or name a newer one"; exit 1; }
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || \
		{ echo "$(PYTHON) cannot make a virtual environment. On Debian or Ubuntu:"; \
		  echo "    sudo apt install python3-venv"; exit 1; }
	@echo "Setting up .venv (once; about 2 GB of disk and a few minutes)"
	@$(VENV_WORKS) || $(PYTHON) -m venv --clear .venv
	$(if $(CPU_ONLY),@$(VENV_PYTHON) -m pip install --no-deps --retries 0 --timeout 15 $(TORCH_CPU) \
		$$(grep ^torch== requirements.txt) || echo "No CPU build from download.pytorch.org; taking the full one")
	$(VENV_PYTHON) -m pip install -r requirements.txt
	$(VENV_PYTHON) -m pip install --no-deps --no-build-isolation -e .
	@pwd > $@

# An environment that sees the packages of .venv below its own.
define layer
	$(VENV_PYTHON) -m venv --clear --without-pip $(1)
	$(VENV_PYTHON) -c "import site; print(f'import site; site.addsitedir({site.getsitepackages()[0]!r})')" \
		> $$($(1)/bin/python -c "import site; print(site.getsitepackages()[0])")/venv.pth
	$(VENV_PYTHON) -m pip --python $(1)/bin/python install --quiet --ignore-installed --no-deps -r $(2)
	@mkdir -p $(1)/share/jupyter && cd $(1)/share/jupyter && \
		for part in lab nbconvert kernels; do test -e $$part || ln -s ../../../share/jupyter/$$part .; done
	@touch $(1)/.ready
endef

$(COLAB)/.ready: $(READY) requirements-colab.txt
	$(call layer,$(COLAB),requirements-colab.txt)

$(TEACHING)/.ready: $(READY) requirements-teaching.txt
	$(call layer,$(TEACHING),requirements-teaching.txt)
