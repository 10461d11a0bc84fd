/* The page around the translators: what a reader does, and what is shown then.

   All of it hangs on four things: the words, the chosen translator, the step t (from 0), and the bent weights. */

const $ = id => document.getElementById(id);
const percent = share => `${Math.round(100 * share)} %`;
const quoted = words => `“${words.join(" ")}”`;
const svg = (tag, attributes, ...inside) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...inside);
  return element;
};

function open(data, script) {
  const names = Object.keys(data.models), translators = {}, reader = new Reader(data.reading);
  const model = name => (translators[name] ??= new Translator(data.models[name])); // when it is first needed
  const isTold = name => data.models[name].config.attention === "given";
  const hasAlpha = name => data.models[name].config.attention !== "none";
  const pairs = data.test.map(([source, target, links]) => ({ source: source.split(" "), target: target.split(" "), links }));
  const pairOf = new Map(pairs.map(pair => [pair.source.join(" "), pair]));

  let words, pair, name, t = 0; // pair: with the right answer, if it is known
  let paths = {}; // what each translator writes
  let bends = {}, bent = null; // the reader's weights by step, counted from 1, and what is written with them
  let explorer = null, grown = null; // the step-through, and the beam, which waits until it is seen

  const told = name => (isTold(name) ? { oracle: oracleAlpha(pair) } : {});
  const path = () => bent ?? paths[name];
  const tokens = path => path.steps.map(({ word }) => word);
  const gloss = word => { // the meaning that fits the translation
    const english = pair?.target ?? paths[name].words, readings = data.glosses[word] ?? [];
    const there = new Set(english.flatMap(form => [form, data.bases[form] ?? form]));
    const fitting = readings.filter(text => (text.match(/[\w']+/g) ?? []).some(part => there.has(part)));
    return (fitting.length ? fitting : readings.slice(0, 1)).join(" / ");
  };
  const lines = word => [word, data.sounds[word], data.sounds[word] && gloss(word)].filter(Boolean); // spelling, sound, meaning
  const sourceLines = () => [...words.map(lines), [END]];

  // --- A sentence

  function read(text) { // what somebody typed
    try {
      const { words, unknown, ambiguous } = reader.read(text);
      remark(words, unknown, ambiguous);
      translate(words);
    } catch (error) {
      say([error.message]);
    }
  }

  function write(words, step) { // words, into the field
    $("typed").value = words.join(" ");
    remark(words, reader.unknown(words));
    translate(words, step);
  }

  function remark(words, unknown, ambiguous = {}) {
    const known = word => make("span", "", spell(make("b", "", word), word), data.sounds[word] ? ` (${data.sounds[word]})` : "");
    const replace = (wrong, right) => {
      const button = make("button", "", known(right));
      button.type = "button";
      button.onclick = () => write(words.map(word => (word === wrong ? right : word)));
      return button;
    };
    const messages = Object.entries(unknown).map(([word, close]) =>
      ["No translator here knows ", known(word), ". Close to it: ", ...(close.length ? close.map(other => replace(word, other)) : ["nothing."])]);
    for (const [typed, [first, ...others]] of Object.entries(ambiguous))
      messages.push([`${typed} is read as `, known(first), ". It can also be: ", ...others.map(other => replace(first, other))]);
    say(...messages);
  }

  const say = (...messages) => $("message").replaceChildren(...messages.map(parts => make("p", "", ...parts)));

  function translate(newWords, step) {
    words = newWords;
    pair = pairOf.get(words.join(" "));
    bends = {};
    bent = null;
    paths = Object.fromEntries(names.filter(name => pair?.links || !isTold(name)).map(name => [name, model(name).greedy(words, told(name))]));
    if (!paths[name]) name = names.findLast(name => paths[name] && !isTold(name));
    drawAnswers();
    choose(name, step ?? tellingStep());
  }

  function tellingStep() { // much weight on one word, far from the diagonal
    const { steps } = path(), far = (alpha, t) => alpha.reduce((sum, a, j) => sum + a * Math.abs(t / steps.length - j / alpha.length), 0);
    const telling = steps.map(({ alpha, word }, t) => (alpha && word !== END ? Math.max(...alpha) * far(alpha, t) : 0));
    return telling.indexOf(Math.max(...telling));
  }

  function choose(newName, step = t) {
    [name, bends, bent] = [newName, {}, null];
    document.querySelector(`[name=translator][value="${name}"]`).checked = true;
    $("source").replaceChildren(...sourceLines().map((lines, j) => {
      const token = make("span", "", ...lines.map((line, i) => spell(make(["b", "i", "small"][i], "", line), line)));
      token.onclick = () => bend(t, j, 1);
      return token;
    }));
    t = Math.min(step, path().steps.length - 1);
    drawSteps();
    drawBeam();
  }

  // --- The answers

  function drawAnswers() {
    $("answers").replaceChildren($("answers").firstElementChild, ...names.map(other => {
      const radio = Object.assign(make("input", ""), { type: "radio", name: "translator", value: other, disabled: !paths[other] });
      radio.onchange = () => choose(other);
      const [verdict, line] = answer(paths[other]);
      const card = make("label", "", make("span", "head", radio, make("strong", "", other), make("small", "", verdict)), line);
      card.style.setProperty("--model", data.colours[other]);
      return card;
    }));
    const marks = [make("del", "", "wrong words"), ", ", make("ins", "", "lost words"), "."];
    $("right").replaceChildren(...(pair ? ["The right answer: ", quoted(pair.target), ". Marked: ", ...marks]
      : ["This sentence is not one of the test sentences, so no right answer is known here."]));
  }

  function answer(path) {
    if (!path) return ["", make("span", "soft", "It must be told where to look, and nobody knows the alignment of this sentence. Take a test sentence.")];
    if (!pair) return ["", make("span", "", path.words.join(" "))];
    const tags = { kept: "span", wrong: "del", lost: "ins" }, line = make("span", "");
    const parts = compared(path.words, pair.target);
    for (const [kind, words] of parts) line.append(kind === "kept" ? words.join(" ") : make(tags[kind], "", words.join(" ")), " ");
    const lost = parts.filter(([kind]) => kind === "lost").reduce((sum, [, words]) => sum + words.length, 0);
    const verdict = parts.every(([kind]) => kind === "kept") ? "all right" : `${lost} of ${pair.target.length} lost`;
    return [verdict, line];
  }

  // --- The steps

  const hundredths = x => Array.from(x, number => Math.round(100 * number));

  /** What the explorer takes, as Explorer._data in explorer.py writes it. */
  function stepsOf({ steps }) {
    const scale = (Math.ceil(10 * Math.max(...steps.map(({ c }) => Math.max(...c.map(Math.abs))))) || 1) / 10;
    const e = steps.map(step => step.e && hundredths(step.e)), own = paths[name].steps, first = Math.min(...Object.keys(bends)) - 1;
    const compare = bent ? steps.map((step, t) => hundredths(t <= first ? own[t].alpha : step.alpha.map(() => 0)))
      : pair?.links && !isTold(name) && quoted(pair.target) === quoted(path().words) ? oracleAlpha(pair).map(hundredths) : null;
    return {
      source: sourceLines(),
      target: steps.map(({ word }) => word),
      compare,
      hollow: bent ? "the translator’s own" : "the oracle’s",
      palette: data.palette,
      scale,
      scores: e[0] && [Math.min(0, ...e.flat()), Math.max(1, ...e.flat())],
      note: "",
      yours: Object.keys(bends).map(step => step - 1),
      epochs: [{
        alpha: steps.map(({ alpha }) => hundredths(alpha)),
        e: e[0] && e,
        c: btoa(steps.map(({ c }) => String.fromCharCode(...c.map(x => Math.round((x / scale + 1) * 127.5)))).join("")),
        next: steps.map(({ logProbs }) => model(name).likeliest(logProbs, 5).map(([word, logP]) => [word, Math.round(100 * Math.exp(logP))])),
        p: steps.map(({ logP }) => Math.round(100 * Math.exp(logP))),
      }],
    };
  }

  function drawSteps() {
    const step = t, root = make("div", "explorer");
    drawTarget();
    if (hasAlpha(name)) {
      $("steps").replaceChildren(root);
      explorer = explore(root, stepsOf(path()), { bend, moved });
      explorer.go(step);
    } else {
      explorer = null;
      $("steps").replaceChildren(make("p", "", `The ${name} translator has no α: at every step it sees the same vector. Choose another translator to look inside.`));
      moved(step);
    }
  }

  function drawTarget() {
    $("target").replaceChildren(...tokens(path()).flatMap((word, i) => {
      const span = make("span", "", word);
      span.onclick = () => go(i);
      return [span, " "];
    }));
    $("step").max = path().steps.length;
  }

  const go = step => (explorer ? explorer.go(step) : moved(step));

  function moved(step) {
    t = step;
    const { alpha, word } = path().steps[t];
    [...$("target").children].forEach((part, i) => { part.className = i === t ? "now" : i > t ? "later" : ""; });
    [...$("source").children].forEach((token, j) => {
      token.style.setProperty("--size", alpha?.[j] ?? 0);
      token.className = alpha?.[j] > .3 ? "strong" : "";
    });
    $("source").parentElement.classList.toggle("yours", t + 1 in bends);
    const j = alpha?.indexOf(Math.max(...alpha));
    $("looks").textContent = alpha ? `Step ${t + 1}: ${quoted([word])} looks at ${sourceLines()[j].join(", ")}, with weight ${alpha[j].toFixed(2)}.`
      : `Step ${t + 1}: ${quoted([word])}. This translator sees one vector, and none of the words.`;
    $("step").value = t + 1;
    $("step").setAttribute("aria-valuetext", $("looks").textContent);
    drawBent();
    remember();
  }

  // --- Bent weights

  function bend(step, j, share) {
    if (!hasAlpha(name)) return;
    const now = bends[step + 1] ?? path().steps[step].alpha, rest = now.reduce((sum, a, i) => sum + (i === j ? 0 : a), 0);
    bends[step + 1] = Array.from(now, (a, i) => (i === j ? share : (1 - share) * (rest > 1e-6 ? a / rest : 1 / (now.length - 1))));
    const first = Math.min(...Object.keys(bends)); // what is before it stays
    bent = model(name).greedy(words, { ...told(name), overrule: bends, from: model(name).cut(paths[name], first - 1) });
    t = step;
    drawTarget();
    explorer.show(stepsOf(bent));
  }

  function drawBent() {
    document.querySelectorAll(".reset").forEach(button => { button.hidden = !bent; });
    if (!bent) return $("bent").replaceChildren(make("p", "soft", hasAlpha(name) ? "All weights are the translator’s own." : `The ${name} translator has no weights to bend.`));
    const yours = Object.keys(bends).map(Number), at = yours.includes(t + 1) ? t : yours.at(-1) - 1;
    const own = paths[name].steps[at], now = bent.steps[at];
    const moved = own && now ? `At step ${at + 1}, ${percent(distance(own.logProbs, now.logProbs))} of the probability moved to other words. `
      + (own.word === now.word ? `The next word is still ${quoted([now.word])}.` : `The next word was ${quoted([own.word])}; now it is ${quoted([now.word])}.`) : "";
    const sentence = make("p", "");
    for (const [kind, words] of compared(tokens(bent), tokens(paths[name])))
      if (kind !== "lost") sentence.append(kind === "kept" ? words.join(" ") : make("mark", "", words.join(" ")), " ");
    $("bent").replaceChildren(make("p", "", moved), sentence, make("p", "soft", "Before: ", paths[name].words.join(" ")));
  }

  function reset() {
    [bends, bent] = [{}, null];
    t = Math.min(t, path().steps.length - 1);
    drawTarget();
    explorer.show(stepsOf(path()));
  }

  // --- The beam

  const seen = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && drawBeam(true), { rootMargin: "200px" });
  const ACROSS = 104; // from one step of the tree to the next, in pixels
  let growing = null;

  function drawBeam(now = false) {
    if (now && grown) return;
    grown = null;
    clearInterval(growing);
    seen.unobserve($("beam"));
    if (!now) return seen.observe($("beam")); // tells at once whether it is seen
    grown = [...model(name).beam(words, +$("width").value, told(name))];
    Object.assign($("grown"), { max: grown.length, value: grown.length });
    drawTree();
    drawLost();
    showGrown();
  }

  function drawTree() {
    const down = 26, k = +$("width").value, most = 4; // most: so many of the pruned are drawn
    const rowsDown = k + Math.min(most, Math.max(...grown.map(({ pruned }) => pruned.length)));
    const tree = svg("svg", { width: grown.length * ACROSS + 60, height: (rowsDown + 1) * down, role: "img",
      "aria-label": "Each column is a step: on top the beginnings that are kept, the likeliest first; below, struck out, those that are pruned." });
    const best = new Set(grown.at(-1).best.steps), y = row => (row + .8) * down, x = step => step * ACROSS;
    let before = [{ steps: [] }], ends = [12]; // the paths of the step before, and where their words end
    grown.forEach(({ kept, pruned }, step) => {
      const places = [];
      [...kept, ...pruned.slice(0, most)].forEach((path, row) => {
        const last = path.steps.at(-1), word = path.steps.length > step ? last.word : "·"; // finished before: its line goes on
        const parent = before.findIndex(other => other === path || other.steps.at(-1) === path.steps.at(-2));
        const kind = row >= kept.length ? "pruned" : best.has(last) ? "best" : "";
        const [y0, x1, y1] = [y(parent), x(step) + 30, y(row)], x0 = Math.min(x1 - 12, ends[parent]);
        tree.append(svg("path", { class: kind, "data-step": step, d: `M${x0},${y0} C${x0 + 16},${y0} ${x1 - 16},${y1} ${x1},${y1}` }),
          svg("text", { class: kind, "data-step": step, x: x1 + 5, y: y1 + 5 }, word));
        places.push(x1 + 12 + 7.6 * word.length);
      });
      [before, ends] = [kept, places];
    });
    $("tree").replaceChildren(tree);
  }

  function showGrown() {
    const step = $("grown").value - 1, { kept, pruned } = grown[step];
    for (const part of $("tree").querySelectorAll("[data-step]")) part.classList.toggle("later", part.dataset.step > step);
    $("kept").textContent = `Step ${step + 1} of ${grown.length}. Kept: ${kept.length}, the likeliest of them ${quoted(tokens(kept[0]))}. `
      + (pruned.length ? `Pruned: ${pruned.length}, the likeliest of them ${quoted(tokens(pruned[0]))}.` : "Nothing is pruned.");
    $("grown").setAttribute("aria-valuetext", $("kept").textContent);
    const tree = $("tree"), x = (step + 1) * ACROSS - tree.clientWidth + 40;
    tree.scrollLeft = Math.max(0, x);
  }

  /** The step at which no kept path begins with these tokens any more; 0 if one does to the end. */
  const lostAt = tokens_ => 1 + grown.findIndex(({ kept }, step) =>
    !kept.some(path => tokens(path).join(" ") === tokens_.slice(0, step + 1).join(" ")));

  function drawLost() {
    const k = +$("width").value, { best } = grown.at(-1), others = new Map();
    const add = (label, words, logP) => {
      const key = words.join(" "), perWord = logP / (words.length + 1);
      others.set(key, { label: [...(others.get(key)?.label ?? []), label], words, perWord });
    };
    add(`this beam, k = ${k}`, best.words, best.logProbability);
    for (const width of [1, 8]) if (width !== k) {
      const path = width === 1 ? paths[name] : [...model(name).beam(words, width, told(name))].at(-1).best;
      add(width === 1 ? "greedy, k = 1" : `a wider beam, k = ${width}`, path.words, path.logProbability);
    }
    if (pair) add("the right answer", pair.target, logProbability(model(name), words, pair.target, told(name).oracle));
    const rows = [...others.values()].sort((a, b) => b.perWord - a.perWord), lost = ({ words }) => lostAt([...words, END]);
    const list = make("ol", "sentences", ...rows.map(row => make("li", "", row.words.join(" "), make("small", "",
      `${row.label.join("; ")} · ln p = ${decimals(100 * row.perWord)} per word · `, lost(row) ? `pruned at step ${lost(row)}` : "kept to the end"))));
    const [first] = rows, missed = lost(first);
    const verdict = missed && first.words !== best.words
      ? `The beam lost the likeliest of these sentences: at step ${missed}, ${quoted(first.words.slice(0, missed).slice(-4))} was pruned.`
      : `The beam found the likeliest of these sentences.${pair && first.words.join(" ") !== pair.target.join(" ") ? " It is not the right answer: here the translator is wrong, not the search." : ""}`;
    $("lost").replaceChildren(make("p", "", verdict), list);
  }

  const cells = (tag, contents) => make("tr", "", ...contents.map((content, i) => {
    const cell = make(tag, typeof content === "number" || /^[−\d.]+$/.test(content) ? "number" : "", content);
    if (tag === "th") cell.scope = "col";
    return cell;
  }));

  // --- BLEU by length

  let worker = null;

  function run() {
    if (worker) return stop("Stopped.");
    const bleus = data.buckets.map(() => Object.fromEntries(names.map(name => [name, new Bleu()])));
    const bucketOf = ({ source: { length } }) => data.buckets.findIndex(([low, high]) => low <= length && length <= high);
    const able = names.filter(name => !isTold(name) || pairs.every(({ links }) => links));
    // A sentence of each length in turn, so that the curves find their place early.
    const nth = data.buckets.map(() => 0), order = pairs.filter(pair => bucketOf(pair) >= 0)
      .map(pair => [nth[bucketOf(pair)]++, pair]).sort(([a], [b]) => a - b).map(([, pair]) => pair);
    const start = performance.now(), total = order.length * able.length;
    let done = 0, drawn = 0;
    worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
    worker.onerror = ({ message }) => stop(`It could not run: ${message}`);
    worker.onmessage = ({ data: [name, i, written] }) => {
      bleus[bucketOf(order[i])][name].add(written, order[i].target);
      $("progress").value = ++done / total;
      if (performance.now() - drawn > 200 || done === total) {
        drawn = performance.now();
        drawChart(bleus, able);
        $("running").textContent = `${Math.floor(done / able.length)} of ${order.length} sentences`;
      }
      if (done === total) stop(`${order.length} sentences, ${able.length} translators, ${Math.round((performance.now() - start) / 1000)} seconds.`);
    };
    worker.postMessage({ models: Object.fromEntries(able.map(name => [name, data.models[name]])), pairs: order });
    $("progress").hidden = false;
    $("run").textContent = "Stop";
  }

  function stop(text) {
    worker.terminate();
    worker = null;
    $("running").textContent = text;
    $("progress").hidden = true;
    $("run").textContent = "Translate them all again";
  }

  function drawChart(bleus, able) {
    const width = Math.min(680, $("chart").clientWidth), wide = width > 560;
    const [height, left, right, top, bottom] = [345, 44, 86, 34, 50];
    const x = i => left + (data.buckets.length > 1 ? i / (data.buckets.length - 1) : .5) * (width - left - right);
    const y = score => top + (1 - score / 100) * (height - top - bottom);
    const chart = svg("svg", { width, height, role: "img", "aria-label": "BLEU by sentence length; the table below has the numbers" });
    for (const score of [0, 25, 50, 75, 100])
      chart.append(svg("line", { class: "grid", x1: left, x2: width - right, y1: y(score), y2: y(score) }), svg("text", { x: left - 8, y: y(score) + 4, "text-anchor": "end" }, score));
    data.buckets.forEach(([low, high], i) => chart.append(svg("text", { x: x(i), y: height - bottom + 20, "text-anchor": "middle" }, wide ? `${low}–${high}` : `${low}–`)));
    chart.append(svg("text", { x: (left + width - right) / 2, y: height - 8, "text-anchor": "middle" }, "source words"), svg("text", { x: left - 8, y: 14, "text-anchor": "end" }, "BLEU"));
    const last = bleus.length - 1, labels = able.map(name => [y(bleus[last][name].score), name]).sort(([a], [b]) => a - b);
    labels.forEach((label, i) => { if (i) label[0] = Math.max(label[0], labels[i - 1][0] + 16); }); // below each other
    for (const name of able) {
      const points = bleus.map((bleu, i) => [x(i), y(bleu[name].score)]), style = `--model: ${data.colours[name]}`;
      chart.append(svg("polyline", { style, points: points.join(" ") }), ...points.map(([cx, cy]) => svg("circle", { style, cx, cy, r: 4.5 })));
    }
    for (const [at, name] of labels) chart.append(svg("text", { class: "name", x: x(last) + 12, y: at + 4 }, name));
    const table = make("table", "", make("thead", "", cells("th", ["source words", ...able])), make("tbody", "",
      ...data.buckets.map(([low, high], i) => cells("td", [`${low}–${high}`, ...able.map(name => bleus[i][name].score.toFixed(1))]))));
    $("chart").replaceChildren(chart, make("div", "table", table));
  }

  // --- The words of the bank

  function drawWords() {
    const asked = plain($("search").value) || $("search").value.trim();
    const fits = word => [word, plain(data.sounds[word] ?? word), ...(data.glosses[word] ?? [])].some(text => text.includes(asked));
    $("words").replaceChildren(...data.reading.words.filter(word => /[\p{L}]/u.test(word) && fits(word)).slice(0, 60).map(word => {
      const [, sound = "", meaning = ""] = [word, data.sounds[word], (data.glosses[word] ?? [])[0]];
      const button = make("button", "", spell(make("b", "", word), word), make("small", "", [sound, meaning].filter(Boolean).join(" · ")));
      button.type = "button";
      button.onclick = () => {
        const soFar = $("typed").value.split(" ").filter(word => word && !reader.ends.includes(word));
        $("typed").value = [...soFar, word].join(" ");
        read($("typed").value);
      };
      return button;
    }));
  }

  // --- A link

  let remembering = null;

  const address = () => `#${new URLSearchParams({ s: words.join(" "), t: t + 1, m: name })}`;

  function remember() { // after a pause, since browsers take few addresses a second
    clearTimeout(remembering);
    remembering = setTimeout(() => history.replaceState(null, "", address()), 300);
  }

  function recall() { // whether the address had a sentence
    const state = new URLSearchParams(location.hash.slice(1)), sentence = state.get("s");
    if (!sentence) return false;
    if (names.includes(state.get("m"))) name = state.get("m");
    write(sentence.split(" "), Math.max(0, state.get("t") - 1 || 0));
    return true;
  }

  async function share() {
    history.replaceState(null, "", address());
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    say([`The link is ${copied ? "copied" : "in the address bar"}. It holds the sentence, the step and the translator.`]);
  }

  // --- What a reader can do

  const any = list => list[Math.floor(Math.random() * list.length)];
  $("form").onsubmit = event => { event.preventDefault(); read($("typed").value); };
  $("another").onclick = () => {
    const [low, high] = data.buckets[$("length").value] ?? [1, Infinity];
    write(any(pairs.filter(({ source }) => low <= source.length && source.length <= high)).source);
  };
  $("shuffle").onclick = () => {
    const end = reader.ends.includes(words.at(-1)) ? words.slice(-1) : [];
    write([...words.slice(0, words.length - end.length).map(word => [Math.random(), word]).sort(([a], [b]) => a - b).map(([, word]) => word), ...end]);
  };
  $("empty").onclick = () => { $("typed").value = ""; $("typed").focus(); };
  $("search").oninput = drawWords;
  $("bank").ontoggle = drawWords;
  $("share").onclick = share;
  $("step").oninput = () => go($("step").value - 1);
  document.querySelectorAll(".reset").forEach(button => { button.onclick = reset; });
  $("width").onchange = () => drawBeam();
  $("grown").oninput = showGrown;
  $("grow").onclick = () => {
    clearInterval(growing);
    $("grown").value = 1;
    showGrown();
    growing = setInterval(() => (+$("grown").value < grown.length ? (++$("grown").value, showGrown()) : clearInterval(growing)), 700);
  };
  $("run").onclick = run;
  window.onhashchange = recall;

  $("length").append(new Option("any number", ""), ...data.buckets.map(([low, high], i) => new Option(`${low}–${high}`, i)));
  $("width").append(...[1, 2, 3, 4, 5, 6, 7, 8].map(k => new Option(k, k, k === 3, k === 3)));
  $("count").textContent = pairs.length;
  $("units").textContent = data.models[names[0]].config.hidden;
  name = names.includes("learned") ? "learned" : names.at(-1);
  if (!recall()) write(pairs[0].source);
}

if (typeof document === "undefined") onmessage = ({ data }) => translateAll(data); // the same script, as a worker
else open(JSON.parse($("data").textContent), document.currentScript.text);
