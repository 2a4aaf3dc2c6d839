/* Raw deflate (RFC 1951), undone at once: what the page shows is there when it has loaded. */

const LENGTH_BASES = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASES = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12289, 16385, 24577,
];
const DISTANCE_BITS = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const LONGEST_CODE = 15;

/* A canonical Huffman code: how many codes there are of each length, and the symbols in order. */
function huffmanCode(lengths) {
  const counts = new Array(LONGEST_CODE + 1).fill(0);
  for (const length of lengths) counts[length]++;
  counts[0] = 0;
  const places = [0];
  for (let length = 1; length <= LONGEST_CODE; length++) places.push(places[length - 1] + counts[length - 1]);
  const symbols = [];
  lengths.forEach((length, symbol) => {
    if (length) symbols[places[length]++] = symbol;
  });
  return { counts, symbols };
}

function inflate(bytes) {
  let out = new Uint8Array(bytes.length * 8),
    size = 0,
    place = 0,
    buffer = 0,
    held = 0;

  function bits(count) {
    while (held < count) {
      buffer |= bytes[place++] << held;
      held += 8;
    }
    const value = buffer & ((1 << count) - 1);
    buffer >>>= count;
    held -= count;
    return value;
  }

  function symbol({ counts, symbols }) {
    let code = 0,
      first = 0,
      index = 0;
    for (let length = 1; ; length++) {
      if (!held) {
        buffer = bytes[place++];
        held = 8;
      }
      code |= buffer & 1;
      buffer >>>= 1;
      held--;
      if (code - counts[length] < first) return symbols[index + code - first];
      index += counts[length];
      first = (first + counts[length]) << 1;
      code <<= 1;
    }
  }

  function room(more) {
    if (size + more <= out.length) return;
    const larger = new Uint8Array(2 * (size + more));
    larger.set(out);
    out = larger;
  }

  function stored() {
    held = buffer = 0;
    const length = bytes[place] | (bytes[place + 1] << 8);
    room(length);
    out.set(bytes.subarray(place + 4, place + 4 + length), size);
    place += 4 + length;
    size += length;
  }

  function codes(kind) {
    if (kind === 1) {
      const lengths = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
      return [huffmanCode(lengths), huffmanCode(new Array(30).fill(5))];
    }
    const literals = bits(5) + 257,
      distances = bits(5) + 1,
      known = bits(4) + 4;
    const ofLengths = new Array(19).fill(0);
    for (let i = 0; i < known; i++) ofLengths[CODE_LENGTH_ORDER[i]] = bits(3);
    const code = huffmanCode(ofLengths),
      lengths = [];
    while (lengths.length < literals + distances) {
      const next = symbol(code);
      if (next < 16) {
        lengths.push(next);
        continue;
      }
      const [again, times] =
        next === 16
          ? [lengths[lengths.length - 1], 3 + bits(2)]
          : [0, next === 17 ? 3 + bits(3) : 11 + bits(7)];
      for (let i = 0; i < times; i++) lengths.push(again);
    }
    return [huffmanCode(lengths.slice(0, literals)), huffmanCode(lengths.slice(literals))];
  }

  function block(literals, distances) {
    for (;;) {
      const next = symbol(literals);
      if (next === 256) return;
      room(258);
      if (next < 256) {
        out[size++] = next;
        continue;
      }
      const length = LENGTH_BASES[next - 257] + bits(LENGTH_BITS[next - 257]);
      const far = symbol(distances),
        distance = DISTANCE_BASES[far] + bits(DISTANCE_BITS[far]);
      for (let i = 0; i < length; i++, size++) out[size] = out[size - distance];
    }
  }

  for (let last = 0; !last;) {
    last = bits(1);
    const kind = bits(2);
    if (kind === 0) stored();
    else block(...codes(kind));
  }
  return out.subarray(0, size);
}

function unpacked(base64) {
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(inflate(bytes)));
}
