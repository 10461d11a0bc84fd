/* What people type as the words that a model takes: helpers/corpus/text.py, typed.py and widgets/sentence_box.py.

     const reader = new Reader(tables); // made by tables_of in helpers/page/write.py
     reader.read("ladka kitab padhta hai").words   // ["लड़का", "किताब", "पढ़ता", "है", "।"] */

const TOKEN = new RegExp(String.raw`\p{N}+(?:[.,:]\p{N}+)+|\p{Script=Han}|n't|(?<=[\p{L}\p{M}])'\p{L}+`
  + String.raw`|(?:(?!n't|\p{Script=Han})[\p{L}\p{M}\p{N}])+|\p{RI}{2}|[^\s\p{C}\p{M}](?:[\p{M}\p{EMod}]|\u200d.)*`, "gu");
const INVISIBLE = /(?<!\p{ExtPict}\p{EMod}?)\u200d|(?![\s\u200d])[\p{C}\ufe00-\ufe0f]/gu;
const STRAIGHT = { "’": "'", "‘": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "‟": '"' };
const NASAL = /ङ्(?=[क-घ])|ञ्(?=[च-झ])|ण्(?=[ट-ढ])|न्(?=[त-ध])|म्(?=[प-भ])|ँ/gu;

/** A digit of any script as 0-9: in Unicode, ten digits stand in a row. */
function digit(sign) {
  let zero = sign.codePointAt(0);
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String((sign.codePointAt(0) - zero) % 10);
}

/** Words and punctuation signs, in lower case. A Hindi sentence ends in `।`, also where `.`, `|` or `I` was typed. */
function tokenise(text) {
  text = text.replace(/[’‘‚“”„‟]/g, sign => STRAIGHT[sign]).replaceAll("\u200b", " ").replace(INVISIBLE, "");
  text = text.normalize("NFC").trim();
  text = text.replace(/(?<=\p{Script=Devanagari}[\s"']*)[.|I](?=["']*$)/gu, "।").replace(/\p{Nd}/gu, digit);
  return text.toLowerCase().replaceAll("i\u0307", "i").match(TOKEN) ?? [];
}

/** The same for all spellings of a word: फ़ोन फोन (dot), हूँ हूं हिन्दी हिंदी (nasal), गये गए (glide). */
function spellingKey(word) {
  return word.normalize("NFD").replaceAll("\u093c", "").replace(NASAL, "ं")
    .replace(/(?<=\p{Script=Devanagari})य([ेी])/gu, (_, sign) => ({ "े": "ए", "ी": "ई" })[sign]);
}

/** A word in Devanagari without what is left out in a hurry: nasals, long marks, joined letters. */
function withoutSigns(word) {
  const short = { "ी": "ि", "ू": "ु", "ई": "इ", "ऊ": "उ", "ौ": "ो", "औ": "ओ" };
  return spellingKey(word).replace(/[ंँ्-]/gu, "").replace(/[ीूईऊौऔ]/gu, sign => short[sign])
    .replaceAll("ठठ", "टठ").replaceAll("ॉ", "ा");
}

/** Only the letters a to z: laṛkā becomes larka. */
const plain = latin => latin.toLowerCase().normalize("NFD").replace(/[^a-z]/g, "");

/** [i, j, n] of each run of n that two sequences have in common: a[i] is b[j]. As Python's difflib finds them. */
function matchingRuns(a, b, i0 = 0, i1 = a.length, j0 = 0, j1 = b.length) {
  let best = [i0, j0, 0], runs = new Map();
  for (let i = i0; i < i1; i++) {
    const longer = new Map();
    for (let j = j0; j < j1; j++) {
      if (a[i] !== b[j]) continue;
      const n = (runs.get(j - 1) ?? 0) + 1;
      longer.set(j, n);
      if (n > best[2]) best = [i - n + 1, j - n + 1, n];
    }
    runs = longer;
  }
  const [i, j, n] = best;
  return n ? [...matchingRuns(a, b, i0, i, j0, j), best, ...matchingRuns(a, b, i + n, i1, j + n, j1)] : [];
}

/** Up to three of the words that are written most like this one; difflib's get_close_matches with a cutoff of 0.5. */
function closest(word, words) {
  const common = other => matchingRuns(other, word).reduce((sum, [, , n]) => sum + n, 0);
  const likeness = other => 2 * common(other) / (other.length + word.length);
  const enough = words.filter(other => 4 * Math.min(other.length, word.length) >= other.length + word.length);
  return enough.map(other => [likeness(other), other]).filter(([share]) => share >= .5)
    .sort(([a, x], [b, y]) => b - a || (x < y ? 1 : -1)).slice(0, 3).map(([, other]) => other);
}

class Reader {
  constructor({ words, habits, same, exact, plain, sounds, hasty, ends, clauseEnds, quotes }) {
    Object.assign(this, { words, habits, exact, plain, sounds, hasty, clauseEnds, quotes });
    this.rank = new Map(words.map((word, i) => [word, i + 1]));
    this.same = Object.entries(same).map(([way, sound]) => [new RegExp(way, "g"), sound]);
    this.signs = ends;
    this.ends = ends.filter(sign => this.rank.has(sign));
  }

  /** The same for several ways to write the same sounds: chhota and chota. */
  sound(bare) {
    return this.same.reduce((text, [way, sound]) => text.replace(way, sound), bare);
  }

  /** The known words that this can be, the likeliest first. */
  find(typed) {
    typed = typed.toLowerCase().normalize("NFC");
    const look = (table, name) => (Object.hasOwn(table, name) ? table[name] : []);
    const found = [typed, spellingKey(typed)].map(name => look(this.exact, name)).find(words => words.length);
    if (found) return found;
    if (Object.hasOwn(this.habits, typed)) return [this.habits[typed]].filter(word => this.rank.has(word));
    const bare = plain(typed), sound = this.sound(bare);
    if (/\p{Nd}/u.test(typed) || bare.length === 1) return []; // "a" is a word of another language
    const exactly = look(this.plain, bare);
    let candidates = [...exactly, ...look(this.sounds, sound)];
    const further = [[this.sounds, sound.replaceAll("u", "a")], [this.hasty, sound], [this.hasty, withoutSigns(typed)]];
    for (const [table, name] of further)
      if (!candidates.length && name.length > 1) candidates = look(table, name);
    const place = word => this.rank.get(word) / (exactly.includes(word) ? 4 : 1);
    return [...new Set(candidates)].sort((a, b) => place(a) - place(b));
  }

  /** Up to three known words that are written much like this one. */
  closeTo(word) {
    const close = closest(word, this.words);
    if (close.length) return close;
    const names = closest(this.sound(plain(word)), Object.keys(this.sounds));
    return [...new Set(names.flatMap(name => this.sounds[name]))].slice(0, 3);
  }

  /** Each typed word with the known words that it can be: [typed, readings]. */
  readings(text) {
    const typed = [];
    for (const run of text.replaceAll("\u200b", " ").replace(INVISIBLE, "").replaceAll("–", "-").match(/\S+/gu) ?? []) {
      const [, before, whole, after] = run.match(/^(\P{L}*)(.*?)([^\p{L}\p{M}]*)$/su);
      const isWord = whole.includes("-") && this.find(whole).length; // as a whole: धीरे-धीरे
      typed.push(...(isWord ? [...tokenise(before), whole, ...tokenise(after)] : tokenise(run)));
    }
    let end = this.ends.slice(0, 1);
    while (typed.length && [...this.signs, ...this.quotes].includes(typed.at(-1))) {
      const sign = typed.pop();
      if (this.ends.includes(sign)) end = [sign];
    }
    const found = [];
    for (const word of typed) {
      if (this.quotes.includes(word) && !this.rank.has(word)) continue;
      const before = found.at(-1), twice = before?.[0] === word ? this.find(`${word}-${word}`) : []; // dhire dhire
      if (twice.length) found[found.length - 1] = [`${word} ${word}`, twice];
      else found.push([word, this.inContext(this.find(word), before)]);
    }
    if (!found.length) throw new Error("The sentence is empty: type some words, such as laṛkā paṛhtā hai.");
    return [...found, ...end.map(sign => [sign, [sign]])];
  }

  /** "ki" is कि, "that", behind a clause, and की, "of", elsewhere. */
  inContext(readings, before) {
    if (!readings.includes("कि") || !readings.includes("की")) return readings;
    const first = this.clauseEnds.includes(before?.[1][0]) ? "कि" : "की";
    return [first, ...readings.filter(word => word !== first)];
  }

  /** The words; the known words that are close to each unknown one; and what can be read in several ways. */
  read(text) {
    const readings = this.readings(text), words = readings.map(([typed, [word = typed]]) => word);
    const ambiguous = Object.fromEntries(readings.filter(([, words]) => words.length > 1));
    return { words, unknown: this.unknown(words), ambiguous };
  }

  unknown(words) {
    const unknown = words.filter(word => !this.rank.has(word.normalize("NFC")));
    return Object.fromEntries(unknown.map(word => [word, this.closeTo(word)]));
  }
}
