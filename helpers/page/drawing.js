/* The page's own pictures: the tree of a beam, and the curves of BLEU by length. */

const svg = (tag, attributes, ...inside) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...inside);
  return element;
};

const ACROSS = 104, DOWN = 26; // from one step of the tree to the next, and from one path to the next, in pixels
const PRUNED = 4; // so many of the paths that a step prunes are drawn

/** The beam as a tree: a column for each step of `grown`, which is what `beam` of engine.js yields.

    Each part tells its step, from 0, as `data-step`. */
function treeOf(grown) {
  const shown = grown.map(({ kept, pruned }) => [...kept, ...pruned.slice(0, PRUNED)]);
  const best = new Set(grown.at(-1).best.steps), y = row => (row + .8) * DOWN;
  const tree = svg("svg", {
    width: grown.length * ACROSS + 60,
    height: (Math.max(...shown.map(paths => paths.length)) + 1) * DOWN,
    role: "img",
    "aria-label": "A column for each step. On top are the beginnings that are kept, the likeliest first; "
      + "below them, struck out, those that are pruned.",
  });
  let before = [{ steps: [] }], ends = [12]; // the paths of the step before, and where their words end
  shown.forEach((paths, step) => {
    const now = [];
    paths.forEach((path, row) => {
      const last = path.steps.at(-1), ofParent = path.steps.at(-2);
      const parent = before.findIndex(other => other === path || other.steps.at(-1) === ofParent);
      const word = path.steps.length > step ? last.word : "·"; // a path that finished before goes on as a line
      const kind = row >= grown[step].kept.length ? "pruned" : best.has(last) ? "best" : "";
      const x = step * ACROSS + 30, from = Math.min(x - 12, ends[parent]);
      const line = `M${from},${y(parent)} C${from + 16},${y(parent)} ${x - 16},${y(row)} ${x},${y(row)}`;
      tree.append(svg("path", { class: kind, "data-step": step, d: line }),
        svg("text", { class: kind, "data-step": step, x: x + 5, y: y(row) + 5 }, word));
      now.push(x + 12 + 7.6 * word.length);
    });
    [before, ends] = [grown[step].kept, now];
  });
  return tree;
}

/** A line for each name through its scores, 0 to 100, one for each bucket of lengths. */
function chartOf(buckets, scores, colours, width) {
  const height = 345, left = 44, right = width - 86, top = 34, bottom = height - 50;
  const x = i => left + (buckets.length > 1 ? i / (buckets.length - 1) : .5) * (right - left);
  const y = score => top + (1 - score / 100) * (bottom - top);
  const chart = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": "BLEU by length. The table below has the numbers." });
  const write = (x, y, anchor, text, name = "") =>
    chart.append(svg("text", { x, y, "text-anchor": anchor, class: name }, text));
  for (const score of [0, 25, 50, 75, 100]) {
    chart.append(svg("line", { class: "grid", x1: left, x2: right, y1: y(score), y2: y(score) }));
    write(left - 8, y(score) + 4, "end", score);
  }
  buckets.forEach(([low, high], i) => write(x(i), bottom + 20, "middle", width > 560 ? `${low}–${high}` : `${low}–`));
  write((left + right) / 2, height - 8, "middle", "source words");
  write(left - 8, 14, "end", "BLEU");
  for (const [name, points] of Object.entries(scores)) {
    const style = `--model: ${colours[name]}`;
    chart.append(svg("polyline", { style, points: points.map((score, i) => [x(i), y(score)]).join(" ") }),
      ...points.map((score, i) => svg("circle", { style, cx: x(i), cy: y(score), r: 4.5 })));
  }
  let free = 0; // names stand at the ends of their lines, below each other
  for (const [name, points] of Object.entries(scores).sort(([, a], [, b]) => b.at(-1) - a.at(-1))) {
    const at = Math.max(free, y(points.at(-1)) + 4);
    write(right + 12, at, "start", name, "name");
    free = at + 16;
  }
  return chart;
}

/** A table; its first column has words, the others numbers. */
function tableOf(head, rows) {
  const row = tag => cells => make("tr", "", ...cells.map((cell, i) => make(tag, i ? "number" : "", cell)));
  const table = make("table", "", make("thead", "", row("th")(head)), make("tbody", "", ...rows.map(row("td"))));
  table.querySelectorAll("th").forEach(cell => { cell.scope = "col"; });
  return table;
}
