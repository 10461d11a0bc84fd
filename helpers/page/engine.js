"use strict";
/* The course's translator, whole, in a web page: no server, no network.

     lesson 1  the GRU, the encoder, a step of the decoder, greedy decoding
     lesson 3  given weights: c = Σ_j α_j h_j
     lesson 4  additive attention: the scores e, and α = softmax(e)
     lesson 5  the second reader, who begins at the end
     lesson 6  the deep output, beam search

   Names and results are those of helpers/models.py, attention.py and translation.py. A vector is a Float32Array.
   One sentence is read at a time: nothing is padded, so attention needs no mask.

     const model = new Translator(exported); // what helpers/page/weights.py wrote
     model.greedy(["लड़का", "आया", "।"]).words */

const END = "</s>", NEVER = ["<pad>", "<s>"]; // the last two are never written
const LONGEST = 100; // a translation without </s> is cut off after so many words

/** W x + b: a row of W for each number that comes out. Some layers have no b. */
function affine(W, x, b) {
  const D = x.length, out = b ? b.slice() : new Float32Array(W.length / D), last = W.length - D;
  for (let i = 0; i < out.length; i += 4) { // four rows at a time take half of the time
    const w0 = i * D, w1 = Math.min(w0 + D, last), w2 = Math.min(w1 + D, last), w3 = Math.min(w2 + D, last);
    let y0 = 0, y1 = 0, y2 = 0, y3 = 0;
    for (let j = 0; j < D; j++) {
      y0 += W[w0 + j] * x[j];
      y1 += W[w1 + j] * x[j];
      y2 += W[w2 + j] * x[j];
      y3 += W[w3 + j] * x[j];
    }
    out[i] += y0;
    out[i + 1] += y1; // behind its end, an array ignores what is written
    out[i + 2] += y2;
    out[i + 3] += y3;
  }
  return out;
}

const add = (a, b) => a.map((a_i, i) => a_i + b[i]);
const joined = (...vectors) => Float32Array.from(vectors.flatMap(vector => [...vector])); // [a; b], end to end
const tanh = x => x.map(Math.tanh);
const sigmoid = x => 1 / (1 + Math.exp(-x));

/** ln softmax. The largest score is taken out of the sum, where exp could overflow. */
function logSoftmax(scores) {
  const most = Math.max(...scores), total = scores.reduce((sum, score) => sum + Math.exp(score - most), 0);
  return scores.map(score => score - most - Math.log(total));
}

/** One step of a GRU. The input and the state give their shares to r, z and the draft, in this order. */
function gru(ofInput, ofState, h) {
  const D = h.length;
  return h.map((h_i, i) => {
    const r = sigmoid(ofInput[i] + ofState[i]);
    const z = sigmoid(ofInput[D + i] + ofState[D + i]);
    const draft = Math.tanh(ofInput[2 * D + i] + r * ofState[2 * D + i]); // r comes after the matrix, as in nn.GRU
    return z * h_i + (1 - z) * draft;
  });
}

/** e_jt = V_attᵀ tanh(U_att h_j + W_att s_{t-1}) for all j; keys are the U_att h_j, query is W_att s_{t-1}. */
function scores(keys, query, V) {
  return Float32Array.from(keys, key => key.reduce((e, k, i) => e + V[i] * Math.tanh(k + query[i]), 0));
}

/** c = Σ_j α_j h_j. */
function average(alpha, h) {
  return h[0].map((_, i) => h.reduce((c, h_j, j) => c + alpha[j] * h_j[i], 0));
}

/** Weights from 0 up, divided by their sum. */
function shares(weights, count) {
  const total = weights.reduce((a, b) => a + b, 0);
  if (weights.length !== count || !(total > 0 && total < Infinity) || weights.some(weight => weight < 0))
    throw new Error(`${count} weights from 0 up are needed, for the source words and </s>; these are ${[...weights]}`);
  return Float32Array.from(weights, weight => weight / total);
}

class Translator {
  constructor({ config, source, target, shapes, precision, weights }) {
    this.config = config;
    this.words = target;
    this.numbers = { source: numbered(source), target: numbered(target) };
    this.weights = unpacked(shapes, precision, weights);
  }

  layer(name, x, part = "") {
    return affine(this.weights[`${name}.weight${part}`], x, this.weights[`${name}.bias${part}`]);
  }

  /** The vector of a word; to the model, a word that it does not know is <unk>. */
  embedding(side, word) {
    const table = this.weights[`${side}_embedding.weight`], numbers = this.numbers[side];
    const D = table.length / numbers.size, i = numbers.get(word) ?? numbers.get("<unk>");
    return table.subarray(i * D, (i + 1) * D);
  }

  /** What the decoder needs of a sentence: all states h, the last one, what attention makes of h (keys), and s_0. */
  read(words) {
    if (!Array.isArray(words) || !words.length || words.some(word => typeof word !== "string"))
      throw new Error(`a sentence is a list of words such as ["लड़का", "आया", "।"], not ${JSON.stringify(words)}`);
    const x = [...words, END].map(word => this.embedding("source", word.normalize("NFC")));
    let h = this.readOneWay(x, "l0"), last = h.at(-1);
    if (this.config.bidirectional) {
      const backward = this.readOneWay([...x].reverse(), "l0_reverse").reverse(); // of word j, again
      last = joined(last, backward[0]); // where each reader ended
      h = h.map((h_j, j) => joined(h_j, backward[j]));
    }
    const keys = this.config.attention === "additive" ? h.map(h_j => affine(this.weights["context.U_att"], h_j)) : null;
    return { h, last, keys, s: tanh(this.layer("first_state", last)) };
  }

  readOneWay(x, way) {
    let h = new Float32Array(this.config.hidden); // h_0 is all zeros
    return x.map(x_j => (h = gru(this.layer("encoder", x_j, `_ih_${way}`), this.layer("encoder", h, `_hh_${way}`), h)));
  }

  /** Where step t looks: { e, alpha, c }. `given` takes the place of the α that the model computes, or lacks. */
  look(s_prev, { h, last, keys }, given) {
    if (this.config.attention === "none") {
      if (given) throw new Error("this model takes no weights: it looks at the encoder's last state only");
      return { c: last };
    }
    if (!keys && !given) throw new Error("this model must be told where to look: give the weights of each step");
    const e = keys && scores(keys, affine(this.weights["context.W_att"], s_prev), this.weights["context.V_att"]);
    const alpha = given ? shares(given, h.length) : logSoftmax(e).map(Math.exp);
    return { e, alpha, c: average(alpha, h) };
  }

  /** One step: from the word before and the state before to the scores (logits) of the next word. */
  step(before, s_prev, encoded, given) {
    const look = this.look(s_prev, encoded, given);
    const y = this.embedding("target", before);
    const ofInput = add(this.layer("from_word", y), this.layer("from_context", look.c));
    const s = gru(ofInput, this.layer("cell.from_state", s_prev), s_prev);
    const seen = this.config.deep_output ? tanh(this.layer("readout", joined(s, look.c, y))) : s;
    const logits = this.layer("output", seen);
    return { ...look, s, logits, logProbs: logSoftmax(logits) };
  }

  /** The n likeliest next words, with their log-probabilities. */
  likeliest(logProbs, n) {
    const best = [];
    logProbs.forEach((logP, i) => {
      if ((best.length === n && logP <= best[n - 1][1]) || NEVER.includes(this.words[i])) return;
      const place = best.findIndex(([, other]) => other < logP);
      best.splice(place < 0 ? best.length : place, 0, [this.words[i], logP]);
      best.splice(n);
    });
    return best;
  }

  /* A path is a translation as far as it goes. Beside what `step` tells, each of its steps has the word that it wrote,
     and the word's log-probability, logP.

     Searches take options: oracle, a list with α for each step, whose last row also serves the steps beyond it;
     overrule, { t: α } for some steps, counted from 1; longest, the most steps. Greedy search also takes a path to go on
     from. */

  begin(words) {
    return { encoded: this.read(words), steps: [], words: [], finished: false, logProbability: 0 };
  }

  /** A path as it was after its first t steps. */
  cut({ encoded, steps }, t) {
    const kept = steps.slice(0, t), logProbability = kept.reduce((sum, { logP }) => sum + logP, 0);
    return { encoded, steps: kept, words: kept.map(({ word }) => word), finished: false, logProbability };
  }

  /** The n likeliest paths that are one step longer. */
  continued(path, n, { oracle = [], overrule = {} }) {
    const t = path.steps.length + 1, { word, s } = path.steps.at(-1) ?? { word: "<s>", s: path.encoded.s };
    const step = this.step(word, s, path.encoded, overrule[t] ?? oracle[Math.min(t, oracle.length) - 1]);
    return this.likeliest(step.logProbs, n).map(([word, logP]) => ({
      encoded: path.encoded,
      steps: [...path.steps, { ...step, word, logP }],
      words: word === END ? path.words : [...path.words, word],
      finished: word === END,
      logProbability: path.logProbability + logP,
    }));
  }

  /** Always the likeliest word. Returns the path. */
  greedy(words, { longest = LONGEST, from = this.begin(words), ...given } = {}) {
    let path = from;
    while (!path.finished && path.steps.length < longest) [path] = this.continued(path, 1, given);
    return path;
  }

  /** Beam search, step by step: yields the paths that are kept, those that are pruned, and the best of those kept. */
  *beam(words, width, { longest = LONGEST, ...given } = {}) {
    const perWord = path => path.logProbability / path.steps.length; // each further word makes a path less likely
    let kept = [this.begin(words)];
    for (let t = 1; t <= longest && kept.some(path => !path.finished); t++) {
      const paths = kept.flatMap(path => (path.finished ? path : this.continued(path, width, given)));
      paths.sort((a, b) => b.logProbability - a.logProbability);
      kept = paths.slice(0, width);
      yield { kept, pruned: paths.slice(width), best: kept.reduce((a, b) => (perWord(b) > perWord(a) ? b : a)) };
    }
  }
}

const numbered = words => new Map(words.map((word, i) => [word, i]));

/** The weights by name: parts of one buffer, one after the other. */
function unpacked(shapes, precision, text) {
  const letters = atob(text), { buffer } = new Uint8Array(letters.length).map((_, i) => letters.charCodeAt(i));
  const half = precision === "float16";
  const numbers = half ? new Float32Array(new Uint16Array(buffer)).map(bits => HALVES[bits]) : new Float32Array(buffer);
  let end = 0;
  return Object.fromEntries(shapes.map(([name, ...shape]) =>
    [name, numbers.subarray(end, (end += shape.reduce((a, b) => a * b)))]));
}

/** A number in half precision: a bit for the sign, 5 for the exponent, 10 for the fraction. */
function fromHalf(bits) {
  const exponent = (bits >> 10) & 31, fraction = (bits & 1023) / 1024;
  return (bits >> 15 ? -1 : 1) * (exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction);
}
const HALVES = Float32Array.from({ length: 65536 }, (_, bits) => fromHalf(bits)); // of each: far fewer than the weights
