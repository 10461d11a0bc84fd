/* What a reader does in the page, and what is shown then.

   All of it hangs on four things: the words, the chosen translator, the step t (from 0), and the bent weights. */

const $ = id => document.getElementById(id);
const all = selector => [...document.querySelectorAll(selector)];
const quoted = words => `“${words.join(" ")}”`;
const tokens = path => path.steps.map(({ word }) => word); // with </s>, if the path has it
const hundredths = numbers => Array.from(numbers, number => Math.round(100 * number));

function open(data, script) {
  for (const table of [data.sounds, data.glosses, data.bases]) Object.setPrototypeOf(table, null); // "constructor" is no word
  const names = Object.keys(data.models), translators = {}, reader = new Reader(data.reading);
  const model = name => (translators[name] ??= new Translator(data.models[name]));
  const isTold = name => data.models[name].config.attention === "given";
  const hasAlpha = name => data.models[name].config.attention !== "none";
  const pairs = data.test.map(([source, target, links]) => ({ source: source.split(" "), target: target.split(" "), links }));
  const pairOf = new Map(pairs.map(pair => [pair.source.join(" "), pair]));

  let words, pair, name, t = 0; // pair: of the test set, if the words are there, and so is the right answer
  let source = []; // for each word and </s>: spelling, sound, meaning
  let paths = {}; // what each translator writes
  let bends = {}, bent = null; // the reader's weights by step, counted from 1, and what is written with them
  let explorer = null, grown = null; // the step-through; the beam, once it is seen

  const told = name => (isTold(name) ? { oracle: oracleAlpha(pair) } : {});
  const path = () => bent ?? paths[name];

  // --- A sentence

  function read(text) { // what somebody typed
    let found;
    try {
      found = reader.read(text);
    } catch (error) {
      return say([error.message]);
    }
    remark(found);
    translate(found.words);
  }

  function write(words, step) { // words, into the field
    $("typed").value = words.join(" ");
    remark({ words, unknown: reader.unknown(words), ambiguous: {} });
    translate(words, step);
  }

  const say = (...messages) => $("message").replaceChildren(...messages.map(parts => make("p", "", ...parts)));
  const known = word => {
    const about = [data.sounds[word], meanings(word)].filter(Boolean).join(", ");
    return make("span", "", spell(make("b", "", word), word), about && ` (${about})`);
  };

  function remark({ words, unknown, ambiguous }) {
    const instead = (wrong, others) => others.map(right => {
      const button = make("button", "", known(right));
      button.onclick = () => write(words.map(word => (word === wrong ? right : word)));
      return button;
    });
    say(
      ...Object.entries(unknown).map(([word, close]) =>
        ["No translator here knows ", known(word), ". Close to it: ", ...(close.length ? instead(word, close) : ["nothing."])]),
      ...Object.entries(ambiguous).map(([typed, [first, ...others]]) =>
        [`${typed} is read as `, known(first), ". It can also be: ", ...instead(first, others)]),
    );
  }

  function translate(newWords, step) {
    words = newWords;
    pair = pairOf.get(words.join(" "));
    const able = names.filter(name => pair || !isTold(name));
    paths = Object.fromEntries(able.map(name => [name, model(name).greedy(words, told(name))]));
    if (!paths[name]) name = able.at(-1);
    drawAnswers();
    choose(name, step ?? tellingStep(paths[name]));
  }

  function tellingStep({ steps }) { // much weight on one word, far from the diagonal
    const far = (alpha, t) => alpha.reduce((sum, a, j) => sum + a * Math.abs(t / steps.length - j / alpha.length), 0);
    const telling = steps.map(({ alpha, word }, t) => (alpha && word !== END ? Math.max(...alpha) * far(alpha, t) : 0));
    return telling.indexOf(Math.max(...telling));
  }

  function choose(newName, step = t) {
    [name, bends, bent] = [newName, {}, null];
    t = Math.min(step, path().steps.length - 1);
    all("[name=translator]").forEach(radio => { radio.checked = radio.value === name; });
    source = [...words.map(word => [word, data.sounds[word], data.sounds[word] && gloss(word)].filter(Boolean)), [END]];
    $("source").replaceChildren(...source.map((lines, j) => {
      const token = make("span", "", ...lines.map((line, i) => spell(make(["b", "i", "small"][i], "", line), line)));
      token.onclick = () => bend(t, j, 1);
      return token;
    }));
    drawSteps();
    drawBeam();
  }

  const meanings = word => (data.glosses[word] ?? []).slice(0, 2).join(" / ");

  function gloss(word) { // the meaning that fits the right answer, as in helpers/corpus/words.py; if none is known, two
    const there = new Set((pair?.target ?? []).flatMap(form => [form, data.bases[form] ?? form]));
    const fits = text => (text.match(/[\w']+/g) ?? []).some(part => there.has(part));
    return (data.glosses[word] ?? []).filter(fits).join(" / ") || meanings(word);
  }

  // --- The answers

  function drawAnswers() {
    $("answers").replaceChildren($("answers").firstElementChild, ...names.map(other => {
      const radio = make("input", ""), [verdict, line] = answer(paths[other]);
      Object.assign(radio, { type: "radio", name: "translator", value: other, disabled: !paths[other] });
      radio.onchange = () => choose(other);
      const head = make("span", "head", radio, make("strong", "", other), make("small", "", verdict));
      const card = make("label", "", head, line);
      card.style.setProperty("--model", data.colours[other]);
      return card;
    }));
    const marks = [" Marked: ", make("del", "", "wrong words"), ", ", make("ins", "", "lost words"), "."];
    $("right").replaceChildren(...(pair ? [`The right answer: ${quoted(pair.target)}.`, ...marks]
      : ["This sentence is not one of the test sentences, so no right answer is known here."]));
  }

  function answer(path) { // a verdict, and the words
    if (!path) return ["", make("span", "soft", "It must be told where to look, and nobody knows the alignment of this "
      + "sentence. Take a test sentence.")];
    if (!pair) return ["", make("span", "", path.words.join(" "))];
    const parts = compared(path.words, pair.target), lost = parts.flatMap(([kind, words]) => (kind === "lost" ? words : []));
    const right = parts.every(([kind]) => kind === "kept");
    return [right ? "all right" : `${lost.length} of ${pair.target.length} lost`, marked(parts, { wrong: "del", lost: "ins" })];
  }

  function marked(parts, tags) { // a kind without a tag stays plain
    const line = make("span", "");
    for (const [kind, words] of parts) line.append(tags[kind] ? make(tags[kind], "", words.join(" ")) : words.join(" "), " ");
    return line;
  }

  // --- The steps

  /** What the explorer takes, as Explorer._data in explorer.py writes it. */
  function stepsOf({ steps }) {
    const scale = Math.round(10 * Math.max(...steps.map(({ c }) => Math.max(...c.map(Math.abs)))) + .5) / 10;
    const e = steps.map(step => step.e && hundredths(step.e)), hasScores = Boolean(e[0]);
    const share = logP => Math.round(100 * Math.exp(logP));
    const likeliest = ({ logProbs }) => model(name).likeliest(logProbs, 5).map(([word, logP]) => [word, share(logP)]);
    return {
      source,
      target: steps.map(({ word }) => word),
      compare: hollow(steps),
      hollow: bent ? "the translator’s own" : "the oracle’s",
      palette: data.palette,
      scale,
      scores: hasScores ? [Math.min(0, ...e.flat()), Math.max(1, ...e.flat())] : null,
      note: "",
      yours: Object.keys(bends).map(step => step - 1),
      epochs: [{
        alpha: steps.map(({ alpha }) => hundredths(alpha)),
        e: hasScores ? e : null,
        c: btoa(steps.map(({ c }) => String.fromCharCode(...c.map(x => Math.round((x / scale + 1) * 127.5)))).join("")),
        next: steps.map(likeliest),
        p: steps.map(({ logP }) => share(logP)),
      }],
    };
  }

  function hollow(steps) { // weights to compare with: the translator's own, up to the first bent step; else the oracle's
    const first = Math.min(...Object.keys(bends)) - 1, own = paths[name].steps;
    if (bent) return steps.map(({ alpha }, t) => hundredths(t <= first ? own[t].alpha : alpha.map(() => 0)));
    const isRight = names.some(isTold) && !isTold(name) && pair?.target.join(" ") === path().words.join(" ");
    return isRight ? oracleAlpha(pair).map(hundredths) : null;
  }

  function drawSteps() {
    explorer?.stop();
    explorer = null;
    drawTarget();
    if (hasAlpha(name)) {
      const root = make("div", "explorer");
      $("steps").replaceChildren(root);
      explorer = explore(root, stepsOf(path()), { t, bend, moved });
    } else {
      $("steps").replaceChildren(make("p", "", `The ${name} translator has no α: at every step it sees the same vector. `
        + "Choose another translator to look inside."));
      moved(t);
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

  function moved(step) { // every way to another step ends here
    t = step;
    const { alpha, word } = path().steps[t], j = alpha?.indexOf(Math.max(...alpha));
    [...$("target").children].forEach((part, i) => { part.className = i === t ? "now" : i > t ? "later" : ""; });
    [...$("source").children].forEach((token, j) => token.style.setProperty("--size", alpha?.[j] ?? 0));
    $("source").parentElement.classList.toggle("yours", t + 1 in bends);
    $("tap").hidden = !alpha;
    $("looks").textContent = `Step ${t + 1}: ${quoted([word])} ` + (alpha
      ? `looks at ${source[j].join(", ")}, with weight ${alpha[j].toFixed(2)}.` : "comes from one vector, not from the words.");
    $("step").value = t + 1;
    $("step").setAttribute("aria-valuetext", $("looks").textContent);
    drawBent();
    remember();
  }

  // --- Bent weights

  function bend(step, j, share) {
    if (!hasAlpha(name)) return;
    const now = bends[step + 1] ?? path().steps[step].alpha, others = now.reduce((sum, a, i) => sum + (i === j ? 0 : a), 0);
    const part = a => (others > 1e-6 ? a / others : 1 / (now.length - 1)); // of what the other words share
    bends[step + 1] = Array.from(now, (a, i) => (i === j ? share : (1 - share) * part(a)));
    t = step;
    rewrite();
  }

  function rewrite() { // from the first bent step on; what is written before stays
    const from = model(name).cut(paths[name], Math.min(...Object.keys(bends)) - 1);
    bent = model(name).greedy(words, { ...told(name), overrule: bends, from });
    drawTarget();
    explorer.show(stepsOf(bent));
  }

  function reset() {
    [bends, bent] = [{}, null];
    drawTarget();
    explorer.show(stepsOf(path()));
  }

  function drawBent() {
    all(".reset").forEach(button => { button.hidden = !bent; });
    if (!bent) return $("bent").replaceChildren(make("p", "soft", hasAlpha(name) ? "All weights are the translator’s own."
      : `The ${name} translator has no weights to bend.`));
    const yours = Object.keys(bends), at = (t + 1 in bends ? t + 1 : yours.at(-1)) - 1;
    const own = paths[name].steps[at], now = bent.steps[at];
    const change = !own || !now ? "" : `At step ${at + 1}, ${Math.round(100 * distance(own.logProbs, now.logProbs))} % of the `
      + "probability moved to other words. " + (own.word === now.word ? `The next word is still ${quoted([now.word])}.`
        : `The next word was ${quoted([own.word])}; now it is ${quoted([now.word])}.`);
    const parts = compared(tokens(bent), tokens(paths[name])).filter(([kind]) => kind !== "lost");
    $("bent").replaceChildren(make("p", "", change), make("p", "", marked(parts, { wrong: "mark" })),
      make("p", "soft", `Before: ${paths[name].words.join(" ")}`));
  }

  // --- The beam

  const seen = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && growBeam(), { rootMargin: "200px" });
  let growing = null;

  function drawBeam() { // once it is seen, since it takes a while
    clearInterval(growing);
    grown = null;
    seen.unobserve($("beam"));
    seen.observe($("beam")); // tells at once, and whenever it comes into sight
  }

  function growBeam() {
    if (grown) return;
    grown = [...model(name).beam(words, +$("width").value, told(name))];
    Object.assign($("grown"), { max: grown.length, value: grown.length });
    $("tree").replaceChildren(treeOf(grown));
    showGrown();
    drawLost();
  }

  function showGrown() {
    const step = $("grown").value - 1, { kept, pruned } = grown[step];
    all("#tree [data-step]").forEach(part => part.classList.toggle("later", part.dataset.step > step));
    $("tree").scrollLeft = (step + 1) * ACROSS - $("tree").clientWidth + 40;
    const likeliest = paths => `${paths.length}, the likeliest of them ${quoted(tokens(paths[0]))}`;
    $("kept").textContent = `Step ${step + 1} of ${grown.length}. Kept: ${likeliest(kept)}. `
      + (pruned.length ? `Pruned: ${likeliest(pruned)}.` : "Nothing is pruned.");
    $("grown").setAttribute("aria-valuetext", $("kept").textContent);
  }

  function grow() { // word by word
    growBeam();
    clearInterval(growing);
    const show = step => { $("grown").value = step; showGrown(); };
    show(1);
    growing = setInterval(() => (+$("grown").value < grown.length ? show(+$("grown").value + 1) : clearInterval(growing)), 700);
  }

  function drawLost() { // was the best sentence pruned, and who else found it?
    const k = +$("width").value, { best } = grown.at(-1), found = new Map(); // sentences: who found them, how likely they are
    const add = (who, { words, logProbability, steps }) => {
      const others = found.get(words.join(" "))?.who ?? [];
      found.set(words.join(" "), { who: [...others, who], words, perWord: logProbability / steps.length });
    };
    add(`this beam, k = ${k}`, best);
    if (k !== 1) add("greedy search, k = 1", paths[name]);
    if (k !== 8) add("a wider beam, k = 8", [...model(name).beam(words, 8, told(name))].at(-1).best);
    if (pair) add("the right answer", { words: pair.target, steps: [...pair.target, END],
      logProbability: logProbability(model(name), words, pair.target, told(name).oracle) });
    const sentences = [...found.values()].sort((a, b) => b.perWord - a.perWord), [first] = sentences;
    const isRight = !pair || first.words.join(" ") === pair.target.join(" ");
    $("lost").replaceChildren(
      make("p", "", lostAt(first.words)
        ? `This beam lost the likeliest of these sentences: at step ${lostAt(first.words)}, its beginning was pruned.`
        : `This beam found the likeliest of these sentences.${isRight ? "" : " It is not the right answer: "
          + "here the translator is wrong, not the search."}`),
      make("ol", "sentences", ...sentences.map(({ words, who, perWord }) => make("li", "", words.join(" "), make("small", "",
        `${who.join("; ")} · ln p = ${decimals(100 * perWord)} per word · `
          + (lostAt(words) ? `pruned at step ${lostAt(words)}` : "kept to the end"))))),
    );
  }

  function lostAt(words) { // the step at which no path that is kept begins like this; 0 if there is none
    const sentence = [...words, END];
    return 1 + grown.findIndex(({ kept }, step) => {
      const beginning = sentence.slice(0, step + 1).join(" ");
      return !kept.some(path => tokens(path).join(" ") === beginning);
    });
  }

  // --- BLEU by length

  let worker = null;

  function run() {
    if (worker) return stop("Stopped.");
    const bucketOf = ({ source: { length } }) => data.buckets.findIndex(([low, high]) => low <= length && length <= high);
    const groups = data.buckets.map((_, i) => pairs.filter(pair => bucketOf(pair) === i));
    const most = Math.max(...groups.map(group => group.length));
    // One sentence of each group in turn, so that the curves find their places early.
    const order = Array.from({ length: most }, (_, n) => groups.flatMap(group => group[n] ?? [])).flat();
    const bleus = Object.fromEntries(names.map(name => [name, groups.map(() => new Bleu())]));
    const start = performance.now(), total = order.length * names.length;
    let done = 0, drawn = 0;
    worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
    worker.onerror = ({ message }) => stop(`It could not run: ${message}`);
    worker.onmessage = ({ data: [name, i, written] }) => {
      bleus[name][bucketOf(order[i])].add(written, order[i].target);
      $("progress").value = ++done / total;
      if (performance.now() - drawn < 200 && done < total) return;
      drawn = performance.now();
      drawChart(bleus);
      $("running").textContent = `${Math.floor(done / names.length)} of ${order.length} sentences`;
      if (done === total) stop(`${order.length} sentences in ${Math.round((drawn - start) / 1000)} seconds. ${fall(bleus)}`);
    };
    worker.postMessage({ models: data.models, pairs: order });
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

  function fall(bleus) { // where each curve has lost a quarter of what it has in the shortest sentences
    const where = names.map(name => {
      const scores = bleus[name].map(bleu => bleu.score), at = data.buckets[scores.findIndex(score => score < .75 * scores[0])];
      return `${name} ${at ? `at ${at.join("–")} words` : "nowhere"}`;
    });
    return `A quarter of the BLEU of the shortest sentences is lost: ${where.join(", ")}.`;
  }

  function drawChart(bleus) {
    const scores = Object.fromEntries(names.map(name => [name, bleus[name].map(bleu => bleu.score)]));
    const rows = data.buckets.map(([low, high], i) => [`${low}–${high}`, ...names.map(name => scores[name][i].toFixed(1))]);
    const chart = chartOf(data.buckets, scores, data.colours, Math.min(680, $("chart").clientWidth));
    $("chart").replaceChildren(chart, make("div", "table", tableOf(["source words", ...names], rows)));
  }

  // --- The bank of words

  function drawWords() {
    const typed = $("search").value.trim().toLowerCase(), bare = plain(typed);
    const said = word => bare && !typed.includes(" ") && plain(data.sounds[word] ?? word).includes(bare);
    const means = word => (data.glosses[word] ?? []).some(text => ` ${text.toLowerCase()}`.includes(` ${typed}`));
    const fits = word => word.includes(typed) || said(word) || means(word);
    const shown = data.reading.words.filter(word => /\p{L}/u.test(word) && fits(word)).slice(0, 60); // the commonest
    if (!shown.length) return $("words").replaceChildren("No word is said or means something like this.");
    $("words").replaceChildren(...shown.map(word => {
      const below = [data.sounds[word], meanings(word)].filter(Boolean).join(" · "); // sound and meaning
      const button = make("button", "", spell(make("b", "", word), word), make("small", "", below));
      button.onclick = () => {
        const before = $("typed").value.split(" ").filter(word => word && !reader.ends.includes(word));
        $("typed").value = [...before, word].join(" ");
        read($("typed").value);
      };
      return button;
    }));
  }

  // --- A link

  let remembering = null;
  const inThousandths = ([step, row]) => [step, ...row.map(a => Math.round(1000 * a))].join(".");
  const yours = () => (bent ? { b: Object.entries(bends).map(inThousandths).join("~") } : {});
  const address = () => `#${new URLSearchParams({ s: words.join(" "), t: t + 1, m: name, ...yours() })}`;

  function remember() { // after a pause, since browsers take few addresses a second
    clearTimeout(remembering);
    remembering = setTimeout(() => history.replaceState(null, "", address()), 300);
  }

  function recall() { // returns whether the address had a sentence
    const state = new URLSearchParams(location.hash.slice(1)), sentence = state.get("s")?.trim();
    if (!sentence) return false;
    if (names.includes(state.get("m"))) name = state.get("m");
    const step = Math.max(0, Math.floor(state.get("t")) - 1 || 0);
    write(sentence.split(/\s+/), step);
    for (const [at, ...row] of (state.get("b") ?? "").split("~").map(part => part.split(".").map(Number))) {
      const sum = row.reduce((sum, a) => sum + a, 0), isStep = paths[name].steps[at - 1]; // others are of no use
      if (isStep && row.length === source.length && row.every(a => a >= 0) && sum > 0) bends[at] = row.map(a => a / sum);
    }
    if (hasAlpha(name) && Object.keys(bends).length) {
      rewrite();
      go(Math.min(step, path().steps.length - 1));
    } else bends = {};
    return true;
  }

  async function share() {
    history.replaceState(null, "", address());
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    say([`The link is ${copied ? "copied" : "in the address bar"}. It holds the sentence, the step, the translator`
      + `${bent ? " and your weights" : ""}.` + (location.protocol === "file:" ? " This page is a file on your device: send the "
        + "file as well, and the part of the link from # on." : "")]);
  }

  // --- What can be pressed

  const random = list => list[Math.floor(Math.random() * list.length)];
  const shuffled = list => list.map(item => [Math.random(), item]).sort(([a], [b]) => a - b).map(([, item]) => item);
  $("form").onsubmit = event => { event.preventDefault(); read($("typed").value); };
  $("another").onclick = () => {
    const [low, high] = data.buckets[$("length").value] ?? [1, Infinity];
    write(random(pairs.filter(({ source: { length } }) => low <= length && length <= high)).source);
  };
  $("shuffle").onclick = () => {
    const end = reader.ends.includes(words.at(-1)) ? -1 : words.length; // its sign stays at the end
    write([...shuffled(words.slice(0, end)), ...words.slice(end)]);
  };
  $("share").onclick = share;
  $("bank").ontoggle = $("search").oninput = drawWords;
  $("empty").onclick = () => { $("typed").value = ""; $("typed").focus(); };
  $("step").oninput = () => go($("step").value - 1);
  all(".reset").forEach(button => { button.onclick = reset; });
  $("width").onchange = drawBeam;
  $("grown").oninput = showGrown;
  $("grow").onclick = grow;
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
