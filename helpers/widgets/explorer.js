/* Step through a translation: e → softmax → α → c → next word. In the notebooks and in the page of the translator.

   The data are those of Explorer._data in explorer.py: numbers as they are shown, in hundredths; c as bytes. */

const make = (tag, className, ...inside) => {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...inside); // text stays text, whatever it contains
  return element;
};
const bytes = base64 => Uint8Array.from(atob(base64), char => char.charCodeAt(0));
const decimals = hundredths => (hundredths / 100).toFixed(2).replace("-", "−");
// A mark after a word that is written from right to left keeps what follows, such as its number, behind it.
const kept = word => /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/.test(word) ? word + "\u200e" : word;
// A word in the language that it is read aloud in.
const spell = (part, word) => {
  if (/[\u0900-\u097f]/.test(word)) part.lang = "hi";
  return part;
};

/** Fill `root`, and begin at step t, from 0.

    `moved(t)` is told each step that is shown. Where there is `bend(t, j, share)`, the bars of α can be pulled:
    it is told the weight from 0 to 1 that word j shall have.
    Returns { show, go, stop }: show other data of the same sentence, go to a step, stop playing. */
const explore = (root, first, { t = 0, bend, moved = () => {} } = {}) => {
  const { source, palette } = first;
  let data, target, epochs, compare, contexts, size, epoch = 0;

  const colour = share => { // 0 to 1, on the same scale as the picture
    const at = share * (palette.length - 1), low = Math.min(Math.floor(at), palette.length - 2);
    return `rgb(${palette[low].map((c, i) => Math.round(c + (at - low) * (palette[low + 1][i] - c)))})`;
  };
  // A picture with one pixel for each number, which the style makes larger.
  const paint = (canvas, shares) => {
    Object.assign(canvas, { width: shares[0].length, height: shares.length });
    const context = canvas.getContext("2d");
    shares.forEach((row, y) => row.forEach((share, x) => {
      context.fillStyle = colour(share);
      context.fillRect(x, y, 1, 1);
    }));
  };
  const spoken = j => kept(source[j][1] ? `${source[j][0]} (${source[j][1]})` : source[j][0]);
  const heaviest = row => row.map((_, j) => j).sort((a, b) => row[b] - row[a]);
  const nextWords = ({ next, p }, t) => // with the word that is written, if it is not among the likeliest
    next[t].some(([word]) => word === target[t]) ? next[t] : [...next[t], [target[t], p[t]]];

  // The parts of the page, from top to bottom.
  const said = make("p", "said"), looks = make("p", "looks"), next = make("div", "next");
  looks.setAttribute("aria-live", "polite");
  const strip = make("canvas", "strip"), stripScale = make("span", ""), sum = make("div", "small sum");
  const tokens = source.map(lines =>
    make("div", "token", ...lines.map((line, i) => spell(make(["span", "i", "small"][i], "", line), line))));
  const bars = source.map(() => make("div", "bar", make("i", "told"), make("i", ""), make("b", "")));
  const scores = source.map(() => make("div", "bar", make("i", "score"), make("b", "")));
  const rows = make("div", "rows"), cells = make("canvas", ""), outline = make("i", "outline");
  const heat = make("div", "heat"), note = make("p", "small");
  const place = (part, x, y, width, height) => { // in cells, from the heatmap's corner
    const across = 100 / source.length, down = 100 / target.length;
    const style = { left: x * across, top: y * down, width: width * across, height: height * down };
    Object.entries(style).forEach(([name, share]) => { part.style[name] = `${share}%`; });
    return part;
  };
  heat.setAttribute("role", "img");
  heat.setAttribute("aria-label", "Heatmap of α: a row for each target word, a column for each source word. "
    + "A click on a row moves the slider.");
  const cellAt = ({ clientX, clientY }) => { // row and column below the pointer
    const box = heat.getBoundingClientRect();
    const within = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    return [within((clientY - box.top) / box.height, target.length), within((clientX - box.left) / box.width, source.length)];
  };

  // A slider with a play button.
  const control = (name, move) => {
    const range = make("input", ""), output = make("output", ""), button = make("button", "", "▶");
    Object.assign(range, { type: "range", min: 1 });
    for (const input of [range, button]) input.dataset.lmSuppressShortcuts = "true"; // Jupyter leaves its keys alone
    let timer = null;
    const go = index => {
      range.value = index + 1;
      output.textContent = `${index + 1} of ${range.max}`;
      move(index, output.textContent);
    };
    const play = on => {
      clearInterval(timer);
      timer = on ? setInterval(() => (+range.value < +range.max ? go(+range.value) : play(false)), 900) : null;
      button.textContent = on ? "❚❚" : "▶";
      button.setAttribute("aria-label", `${on ? "Pause" : "Play"} ${name}`);
    };
    range.oninput = () => { play(false); go(range.value - 1); };
    button.onclick = () => { if (!timer && range.value === range.max) go(0); play(!timer); };
    play(false);
    return { part: make("div", "control", button, make("label", "", name, range), output), range, play, go };
  };
  const step = control("step t", index => { t = index; drawStep(); });
  const training = control("epoch", (index, text) => {
    epoch = index;
    training.range.setAttribute("aria-valuetext", text);
    paint(cells, epochs[epoch].alpha.map(row => row.map(weight => weight / 100)));
    step.go(t);
  });
  const choose = row => { step.play(false); step.go(row); step.range.focus({ preventScroll: true }); };
  heat.onclick = event => choose(cellAt(event)[0]);
  heat.onpointermove = event => {
    const [row, j] = cellAt(event), weight = decimals(epochs[epoch].alpha[row][j]);
    const other = compare ? `, ${data.hollow} ${decimals(compare[row][j])}` : "";
    heat.title = `${kept(target[row])} ← ${spoken(j)} ${weight}${other}`;
  };

  // Bars that can be pulled: with a finger, a mouse or the arrow keys.
  const pull = (j, share) => { step.play(false); bend(t, j, Math.round(100 * Math.min(1, Math.max(0, share))) / 100); };
  if (bend) bars.forEach((bar, j) => {
    const label = `weight of ${source[j].join(", ")}`, range = { "aria-valuemin": 0, "aria-valuemax": 1 };
    Object.entries({ role: "slider", "aria-label": label, "aria-orientation": "vertical", ...range, tabindex: j ? -1 : 0 })
      .forEach(([name, value]) => bar.setAttribute(name, value));
    const at = event => {
      const box = bar.getBoundingClientRect();
      pull(j, (box.bottom - event.clientY) / box.height);
    };
    bar.onpointerdown = event => {
      bar.setPointerCapture(event.pointerId);
      bar.focus({ preventScroll: true });
      at(event);
    };
    bar.onpointermove = event => { if (bar.hasPointerCapture(event.pointerId)) at(event); };
    bar.onfocus = () => bars.forEach((other, i) => { other.tabIndex = i === j ? 0 : -1; });
    bar.onkeydown = event => {
      const now = epochs[epoch].alpha[t][j] / 100;
      const steps = { ArrowUp: now + .05, ArrowDown: now - .05, PageUp: now + .2, PageDown: now - .2, Home: 0, End: 1 };
      const share = steps[event.key];
      const other = bars[j + ({ ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? NaN)];
      if (share === undefined && !other) return;
      event.preventDefault();
      if (other) other.focus(); else pull(j, share);
    };
    tokens[j].onclick = () => pull(j, 1);
    tokens[j].title = `All the weight on ${spoken(j)}`;
  });
  root.classList.toggle("bendable", Boolean(bend));

  const drawStep = () => {
    const now = epochs[epoch], weights = now.alpha[t], order = heaviest(weights);
    [...said.children].forEach((word, i) => { word.className = i === t ? "now" : i > t ? "later" : ""; });
    [...rows.children].forEach((label, i) => label.classList.toggle("now", i === t));
    place(outline, 0, t, source.length, 1);
    root.classList.toggle("yours", Boolean(data.yours?.includes(t)));
    const second = weights[order[1]] >= 20 ? ` and at ${spoken(order[1])} ${decimals(weights[order[1]])}` : "";
    const line = `step ${t + 1}: “${kept(target[t])}” looks at ${spoken(order[0])} ${decimals(weights[order[0]])}${second}`;
    looks.textContent = line;
    step.range.setAttribute("aria-valuetext", line);

    bars.forEach((bar, j) => {
      const told = compare ? compare[t][j] / 100 : 0;
      bar.style.setProperty("--size", weights[j] / 100);
      bar.style.setProperty("--top", Math.max(weights[j] / 100, told));
      bar.firstChild.style.setProperty("--size", told);
      bar.firstChild.hidden = !told;
      bar.lastChild.textContent = weights[j] ? decimals(weights[j]) : "";
      if (bend) bar.setAttribute("aria-valuenow", weights[j] / 100);
      tokens[j].style.setProperty("--size", weights[j] / 100);
    });
    if (now.e) scores.forEach((bar, j) => {
      const [low, high] = data.scores, from = value => (value - low) / (high - low), e = now.e[t][j];
      bar.style.setProperty("--from", from(Math.min(e, 0)));
      bar.style.setProperty("--size", Math.abs(from(e) - from(0)));
      bar.style.setProperty("--top", from(Math.max(e, 0)));
      bar.lastChild.textContent = decimals(e);
    });

    paint(strip, [Array.from(contexts[epoch].subarray(t * size, (t + 1) * size), value => value / 255)]);
    const terms = order.slice(0, 4).filter(j => weights[j] > 0);
    const more = weights.filter(weight => weight > 0).length > terms.length;
    sum.replaceChildren(...terms.flatMap((j, i) => {
      const [word] = source[j];
      return [`${i ? " + " : "= "}${decimals(weights[j])} h`, spell(make("sub", "", kept(word)), word)];
    }), more ? " + …" : "");
    next.replaceChildren(...nextWords(now, t).flatMap(([word, p]) => {
      const written = word === target[t] ? "written" : "", bar = make("i", written);
      bar.style.setProperty("--p", p / 100);
      return [make("b", written, word), bar, make("span", "number", decimals(p))];
    }));
    if (!bars.includes(document.activeElement) && grid.offsetWidth > scroll.clientWidth) { // no bar is pulled:
      const from = bars[order[0]].offsetLeft - grid.offsetLeft - scroll.scrollLeft; // keep the heaviest word in sight
      if (from < 0 || from + bars[0].offsetWidth > scroll.clientWidth) scroll.scrollLeft += from - scroll.clientWidth / 2;
    }
    moved(t);
  };

  const side = (symbol, index) => make("div", "side", symbol, make("sub", "", index));
  const across = text => make("div", "wide small", text);
  const upright = source.map(([word]) => spell(make("div", "upright", word), word));
  const axis = make("div", "side small", "source");
  const origin = first.epochs[0].e
    ? [across("↑ softmax over the source words"), side("e", "jt"), ...scores]
    : [across("α is given: there are no scores e and no softmax")];
  const grid = make("div", "grid", side("α", "jt"), ...bars, ...origin, axis, ...upright, rows, heat);
  const flow = make("div", "flow"), scroll = make("div", "scroll", grid);

  /** Show data of the same source sentence: other words, other weights. The step stays. */
  const show = given => {
    ({ target, epochs, compare } = data = given);
    contexts = epochs.map(({ c }) => bytes(c));
    size = contexts[0].length / target.length; // c_t has `size` numbers
    said.replaceChildren(...target.flatMap(word => [make("span", "", word), " "]));
    const most = Math.max(...epochs.flatMap(now => target.map((_, t) => nextWords(now, t).length)));
    next.style.minHeight = `${1.35 * most}em`; // so that nothing below jumps
    stripScale.textContent = `: ${size} numbers from −${data.scale} (dark) to ${data.scale} (bright)`;
    rows.replaceChildren(...target.map((word, row) => {
      const label = make("div", "row", word);
      label.onclick = () => choose(row);
      return label;
    }));
    const told = !compare ? [] : compare.flatMap((row, y) => row.flatMap((weight, x) => {
      const side = 0.75 * Math.sqrt(weight / 100);
      return weight < 5 ? [] : [place(make("i", "told"), x + (1 - side) / 2, y + (1 - side) / 2, side, side)];
    }));
    heat.replaceChildren(cells, ...told, outline);
    note.textContent = `α from 0 (dark) to 1 (bright)${compare ? `; hollow: ${data.hollow} α` : ""}. ${data.note}`;
    root.style.setProperty("--steps", target.length);
    root.style.setProperty("--row", target.length > 16 ? "15px" : "20px");
    step.range.max = target.length;
    training.range.max = epochs.length;
    t = Math.min(t, target.length - 1);
    training.go(epochs.length - 1);
  };

  const stage = make("div", "stage",
    make("div", "controls", step.part, ...(first.epochs.length > 1 ? [training.part] : [])),
    said, looks,
    make("div", "chain",
      make("div", "", make("div", "small", "next word, probability"), next),
      make("div", "", make("div", "small", "context c", make("sub", "", "t"), stripScale), strip, sum)),
    flow,
    ...(bend ? [make("p", "small hint", "Pull a bar of α, or tap a word to give it all the weight.")] : []),
    scroll, note);
  root.append(stage);
  show(first);
  root.classList.add("live"); // now the picture may go

  // Wide enough for each word: the words stand at their columns. Else they flow like a text, and the columns get narrow.
  const fit = () => {
    const room = (root.clientWidth - grid.firstChild.offsetWidth - 4) / source.length;
    lay(room, room < 50);
    if (room >= 50 && tokens.some(({ firstChild }) => firstChild.scrollWidth > firstChild.clientWidth)) lay(room, true);
  };
  const lay = (room, narrow) => {
    root.classList.toggle("narrow", narrow);
    root.style.setProperty("--column", `${Math.max(14, Math.min(narrow ? 30 : 88, Math.floor(room)))}px`);
    narrow ? flow.append(...tokens) : axis.after(...tokens);
  };
  root.style.setProperty("--words", source.length);
  new ResizeObserver(fit).observe(root);
  return { show, go: step.go, stop: () => step.play(false) };
};
