/* What translations are held against: the right weights, the right words, and the score over many sentences. */

/** The weights of the source words for each target word, from the gold alignment: helpers/oracle.py, lesson 3. */
function oracleAlpha({ source, target, links }) {
  const alpha = [...target, END].map(() => new Float32Array(source.length + 1));
  for (const [, j, kind, t] of links.matchAll(/(\d+)([-p])(\d+)/g)) alpha[t][j] = kind === "-" ? 1 : .5; // sure, possible
  alpha.at(-1)[source.length] = 1;
  return alpha.map(row => shares(row, row.length));
}

/** Total variation distance of two distributions, given as logarithms: the share that is on other words, 0 to 1. */
const distance = (logP, logQ) => logP.reduce((sum, p, i) => sum + Math.abs(Math.exp(p) - Math.exp(logQ[i])), 0) / 2;

/** ln p of a sentence's words, one after the other, `</s>` included. */
function logProbability(model, source, words, oracle) {
  const encoded = model.read(source);
  let total = 0, before = "<s>", s_prev = encoded.s;
  [...words, END].forEach((word, t) => {
    const { s, logProbs } = model.step(before, s_prev, encoded, oracle?.[t]);
    total += logProbs[model.numbers.target.get(word) ?? model.numbers.target.get("<unk>")];
    [before, s_prev] = [word, s];
  });
  return total;
}

/** A reference word by word: [kind, words], where kind is "kept", "wrong" (written, not there) or "lost". */
function compared(written, reference) {
  const parts = [];
  let i = 0, j = 0;
  for (const [a, b, n] of [...matchingRuns(reference, written), [reference.length, written.length, 0]]) {
    parts.push(["wrong", written.slice(j, b)], ["lost", reference.slice(i, a)], ["kept", reference.slice(a, a + n)]);
    [i, j] = [a + n, b + n];
  }
  return parts.filter(([, words]) => words.length);
}

/** BLEU of a set of translations, 0 to 100: what sacrebleu gives for words (tokenize="none", effective_order=True). */
class Bleu {
  right = [0, 0, 0, 0]; // runs of 1 to 4 words that the reference has, too
  all = [0, 0, 0, 0];
  written = 0;
  wanted = 0;

  add(words, reference) {
    this.written += words.length;
    this.wanted += reference.length;
    for (let n = 1; n <= 4; n++) {
      const runs = runsOf(words, n), known = runsOf(reference, n);
      for (const [run, count] of runs) this.right[n - 1] += Math.min(count, known.get(run) ?? 0);
      this.all[n - 1] += Math.max(0, words.length - n + 1);
    }
  }

  get score() {
    if (!this.right.some(Boolean)) return 0;
    let none = 1; // a precision of zero is replaced by a half, a quarter, … of one run
    const precisions = this.all.filter(Boolean).map((all, i) => (this.right[i] || 1 / (none *= 2)) / all);
    const brevity = Math.min(1, Math.exp(1 - this.wanted / this.written));
    return 100 * brevity * Math.exp(precisions.reduce((sum, p) => sum + Math.log(p), 0) / precisions.length);
  }
}

function runsOf(words, n) {
  const counts = new Map();
  for (let i = 0; i + n <= words.length; i++) {
    const run = words.slice(i, i + n).join(" ");
    counts.set(run, (counts.get(run) ?? 0) + 1);
  }
  return counts;
}

/** In a worker: translate every pair with every model, and post [model's name, number of the pair, words]. */
function translateAll({ models, pairs }) {
  const translators = Object.entries(models).map(([name, exported]) => [name, new Translator(exported)]);
  pairs.forEach((pair, i) => {
    for (const [name, model] of translators) {
      const oracle = model.config.attention === "given" ? oracleAlpha(pair) : undefined;
      postMessage([name, i, model.greedy(pair.source, { oracle }).words]);
    }
  });
}
