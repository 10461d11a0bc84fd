"""Training speed of the three translators beside a short, naive attention loop, measured in one run.

    python -m experiments.speed               words a second: hidden size 128, batch 64, medians of 5
    python -m experiments.speed --until 95    the time until learned attention and the naive loop reach this test BLEU

The naive loop is what many tutorials show: sentences of all lengths share a batch, U_att h_j is worked out again at
every step over a copied state, the vocabulary projection stays inside the loop, and Adam runs at one learning rate.
The attention is the same.
"""

import argparse
import random
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from helpers.attention import Encoded, Look
from helpers.batching import Batch, make_batches
from helpers.corpus.pairs import Pair, load_split
from helpers.evaluation import bleu
from helpers.models import Translator
from helpers.recipes import recipe
from helpers.training import Progress, fit, new_translator, pick_device
from helpers.translation import translate
from helpers.vocabulary import PAD


class NaiveTranslator(nn.Module):
    """Learned attention, written without a thought for speed."""

    def __init__(self, like: Translator):
        super().__init__()
        sizes, words = like.config, len(like.target_vocab)
        self.source_vocab, self.target_vocab = like.source_vocab, like.target_vocab
        self.source_embedding = nn.Embedding(len(like.source_vocab), sizes.embedding)
        self.target_embedding = nn.Embedding(words, sizes.embedding)
        self.encoder = nn.GRU(sizes.embedding, sizes.hidden, batch_first=True)
        self.score = nn.Linear(2 * sizes.hidden, sizes.attention_hidden)
        self.weigh = nn.Linear(sizes.attention_hidden, 1, bias=False)
        self.cell = nn.GRUCell(sizes.embedding + sizes.hidden, sizes.hidden)
        self.output = nn.Linear(sizes.hidden, words)

    def encode(self, source, lengths):
        h, last = self.encoder(self.source_embedding(source))
        return Encoded(h, last[0], source != PAD, keys=h), (last[0],)

    def next_word(self, word, s, encoded):
        h = encoded.h
        copies = s.unsqueeze(1).repeat(1, h.size(1), 1)
        e_t = self.weigh(torch.tanh(self.score(torch.cat([copies, h], dim=2)))).squeeze(2)
        alpha_t = torch.softmax(e_t.masked_fill(~encoded.mask, -torch.inf), dim=1)
        c_t = torch.bmm(alpha_t.unsqueeze(1), h).squeeze(1)
        s = self.cell(torch.cat([self.target_embedding(word), c_t], dim=1), s)
        return self.output(s), s, Look(c_t, alpha_t, e_t)

    def forward(self, batch):
        encoded, (s,) = self.encode(batch.source, batch.source_lengths)
        logits = []
        for t in range(batch.target_in.size(1)):
            scores, s, _ = self.next_word(batch.target_in[:, t], s, encoded)
            logits.append(scores)
        return torch.stack(logits, dim=1), None

    def step(self, words, state, encoded):
        scores, s, look = self.next_word(words, state[0], encoded)
        return torch.log_softmax(scores, dim=1), (s,), look


def random_batches(pairs, model, size, seed=0):
    """Batches of neighbours in a shuffled list, each padded to its longest sentence."""
    pairs = random.Random(seed).sample(pairs, len(pairs))
    chunks = [pairs[i : i + size] for i in range(0, len(pairs), size)]
    return [make_batches(chunk, model.source_vocab, model.target_vocab, size)[0] for chunk in chunks]


def train_on(model, batches, optimizer) -> None:
    """One pass: forward, backward, update."""
    model.train()
    for batch in batches:
        logits, _ = model(batch)
        optimizer.zero_grad()
        nn.functional.cross_entropy(logits.flatten(0, 1), batch.target_out.flatten(), ignore_index=PAD).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()


def tokens_per_second(model, batches, device) -> float:
    """Target words, `</s>` counted, per second of training."""
    model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    words = sum(int((b.target_out != PAD).sum()) for b in batches)
    batches = [b.to(device) for b in batches]
    start = time.perf_counter()
    train_on(model, batches, optimizer)
    if device.type == "cuda":
        torch.cuda.synchronize()
    return words / (time.perf_counter() - start)


def measure(hidden: int, batch_size: int, runs: int, sentences: int) -> dict[str, float]:
    """Median words per second of each model; the models take turns, so that a busy moment hits them alike."""
    device, pairs = pick_device(), load_split("train")
    pairs = random.Random(1).sample(pairs, min(sentences, len(pairs)))
    models: dict[str, nn.Module] = {}
    batches: dict[str, list[Batch]] = {}
    for name in ("vanilla", "oracle", "learned"):
        chosen = recipe(name)
        sizes = replace(chosen.model, hidden=hidden, attention_hidden=hidden)
        models[name] = model = new_translator(sizes, chosen.training, pairs)
        batches[name] = make_batches(pairs, model.source_vocab, model.target_vocab, batch_size, chosen.oracle)
    models["naive"] = NaiveTranslator(model)  # as the learned one
    batches["naive"] = random_batches(pairs, model, batch_size)
    for name in models:
        tokens_per_second(models[name], batches[name][:3], device)  # warm up
    speeds: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(runs):
        for name in models:
            speeds[name].append(tokens_per_second(models[name], batches[name], device))
    return {name: statistics.median(runs_of_it) for name, runs_of_it in speeds.items()}


class Race:
    """Counts the training of one model until its test BLEU is high enough: processor time, as others may be busy."""

    def __init__(self, name: str, model: Any, wanted: float, test: list[Pair]):
        self.name, self.model, self.wanted, self.test = name, model, wanted, test
        self.passes, self.seconds, self.start = 0, 0.0, time.process_time()

    def is_over(self) -> bool:
        """Whether it is there after one more pass; scoring takes no time."""
        self.passes, self.seconds = self.passes + 1, self.seconds + time.process_time() - self.start
        score = bleu(translate(self.model, self.test), [" ".join(p.target) for p in self.test])
        print(f"{self.name:8} {self.passes:3} passes {self.seconds:6.0f} s   BLEU {score:.1f}", flush=True)
        self.start = time.process_time()
        return score >= self.wanted


def until(wanted: float, most_passes: int = 40) -> dict[str, float]:
    """Seconds of training with one thread until the models have this BLEU on the generated test set."""
    torch.set_num_threads(1)
    train, valid, test = (load_split(name) for name in ("train", "valid", "test"))
    chosen = recipe("learned")
    model = new_translator(chosen.model, chosen.training, train)
    naive = NaiveTranslator(model)

    learned = Race("learned", model, wanted, test)

    def report(progress: Progress) -> None:
        if len(progress.history.loss) > learned.passes and learned.is_over():
            raise KeyboardInterrupt  # which ends the training

    fit(model, train, valid, chosen.training, device=torch.device("cpu"), report=report)
    plain = Race("naive", naive, wanted, test)
    optimizer = torch.optim.Adam(naive.parameters(), lr=1e-3)
    while plain.passes < most_passes:
        train_on(naive, random_batches(train, naive, 64, seed=plain.passes), optimizer)
        if plain.is_over():
            break
    return {race.name: race.seconds for race in (learned, plain)}


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--hidden", type=int, default=128)
    options.add_argument("--batch-size", type=int, default=64)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--sentences", type=int, default=1500)
    options.add_argument("--threads", type=int, help="of torch; by default the course's own choice, one")
    options.add_argument("--busy", type=int, default=0, help="so many other programs keep a core busy meanwhile")
    options.add_argument("--until", type=float, help="a BLEU, such as 95")
    chosen = options.parse_args()
    if chosen.until:
        seconds = until(chosen.until)
        print(f"learned attention needs {seconds['learned'] / seconds['naive']:.2f} of the time")
        sys.exit()
    torch.set_num_threads(chosen.threads or torch.get_num_threads())
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(chosen.busy)]
    try:
        speeds = measure(chosen.hidden, chosen.batch_size, chosen.runs, chosen.sentences)
    finally:
        for other in others:
            other.kill()
    print(f"{'model':10}{'words/s':>10}{'learned is':>22}")
    for name, speed in speeds.items():
        print(f"{name:10}{speed:10,.0f}{speeds['learned'] / speed:16.2f} × as fast")
