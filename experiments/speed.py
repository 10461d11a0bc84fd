"""Training speed of the three translators beside a short, naive attention loop, measured in one run.

    python -m experiments.speed            # hidden size 128, batch 64, medians of 5

The naive loop is what many tutorials show: sentences of all lengths share a batch, U_att h_j is worked out again at
every step over a copied state, and the vocabulary projection stays inside the loop. The attention is the same.
"""

import argparse
import random
import statistics
import time
from dataclasses import replace

import torch
from torch import nn

from helpers.batching import Batch, make_batches
from helpers.corpus.pairs import load_split
from helpers.models import Translator
from helpers.recipes import recipe
from helpers.training import new_translator, pick_device
from helpers.vocabulary import PAD


class NaiveTranslator(nn.Module):
    """Learned attention, written without a thought for speed."""

    def __init__(self, like: Translator):
        super().__init__()
        sizes, words = like.config, len(like.target_vocab)
        self.source_embedding = nn.Embedding(len(like.source_vocab), sizes.embedding)
        self.target_embedding = nn.Embedding(words, sizes.embedding)
        self.encoder = nn.GRU(sizes.embedding, sizes.hidden, batch_first=True)
        self.score = nn.Linear(2 * sizes.hidden, sizes.attention_hidden)
        self.weigh = nn.Linear(sizes.attention_hidden, 1, bias=False)
        self.cell = nn.GRUCell(sizes.embedding + sizes.hidden, sizes.hidden)
        self.output = nn.Linear(sizes.hidden, words)

    def forward(self, batch):
        h, last = self.encoder(self.source_embedding(batch.source))
        s, logits = last[0], []
        for t in range(batch.target_in.size(1)):
            copies = s.unsqueeze(1).repeat(1, h.size(1), 1)
            e_t = self.weigh(torch.tanh(self.score(torch.cat([copies, h], dim=2)))).squeeze(2)
            e_t = e_t.masked_fill(batch.source == PAD, -torch.inf)
            c_t = torch.bmm(torch.softmax(e_t, dim=1).unsqueeze(1), h).squeeze(1)
            s = self.cell(torch.cat([self.target_embedding(batch.target_in[:, t]), c_t], dim=1), s)
            logits.append(self.output(s))
        return torch.stack(logits, dim=1), None


def random_batches(pairs, model, size):
    """Batches of neighbours in a shuffled list, each padded to its longest sentence."""
    pairs = random.Random(0).sample(pairs, len(pairs))
    chunks = [pairs[i : i + size] for i in range(0, len(pairs), size)]
    return [make_batches(chunk, model.source_vocab, model.target_vocab, size)[0] for chunk in chunks]


def tokens_per_second(model, batches, device) -> float:
    """Target words, `</s>` counted, per second of training (forward, backward, update)."""
    model.to(device).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    words = sum(int((b.target_out != PAD).sum()) for b in batches)
    batches = [b.to(device) for b in batches]
    start = time.perf_counter()
    for batch in batches:
        logits, _ = model(batch)
        optimizer.zero_grad()
        nn.functional.cross_entropy(logits.flatten(0, 1), batch.target_out.flatten(), ignore_index=PAD).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
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


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--hidden", type=int, default=128)
    options.add_argument("--batch-size", type=int, default=64)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--sentences", type=int, default=1500)
    chosen = options.parse_args()
    speeds = measure(chosen.hidden, chosen.batch_size, chosen.runs, chosen.sentences)
    print(f"{'model':10}{'words/s':>10}{'learned is':>22}")
    for name, speed in speeds.items():
        print(f"{name:10}{speed:10,.0f}{speeds['learned'] / speed:16.2f} × as fast")
