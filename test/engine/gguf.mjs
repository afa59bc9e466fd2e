/**
 * Writes GGUF, the file format of llama.cpp, version 3, little-endian: magic, version, counts, key-value pairs, a
 * description of each tensor, and then the tensors, each at a multiple of 32 bytes. After
 * https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Tensors are of 32-bit floats only.
 */

/** Numbers by which the format names the types of values. */
const INT32 = 5;
const UINT32 = 4;
const FLOAT32 = 6;
const BOOL = 7;
const STRING = 8;
const ARRAY = 9;

const ALIGNMENT = 32;

/** @typedef {{ bytes: Buffer }} Value a value with its type before it */

/** @param {number} value */
export const uint32 = value => ({ bytes: Buffer.concat([u32(UINT32), u32(value)]) });

/** @param {number} value */
export const float32 = value => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(FLOAT32);
  bytes.writeFloatLE(value, 4);
  return { bytes };
};

/** @param {boolean} value */
export const bool = value => ({ bytes: Buffer.concat([u32(BOOL), Buffer.of(value ? 1 : 0)]) });

/** @param {string} value */
export const string = value => ({ bytes: Buffer.concat([u32(STRING), text(value)]) });

/** @param {readonly string[]} values */
export const strings = values => array(STRING, values.map(text));

/** @param {readonly number[]} values */
export const int32s = values => array(INT32, values.map(u32));

/**
 * @param {number} type
 * @param {readonly Buffer[]} values
 */
const array = (type, values) => ({
  bytes: Buffer.concat([u32(ARRAY), u32(type), u64(values.length), ...values]),
});

/**
 * @typedef {object} Tensor
 * @property {string} name
 * @property {readonly number[]} shape the innermost dimension first: `[inputs, outputs]` of a matrix
 * @property {Float32Array} values
 */

/**
 * @param {Readonly<Record<string, Value>>} pairs
 * @param {readonly Tensor[]} tensors
 * @returns {Buffer} the file
 */
export function gguf(pairs, tensors) {
  const head = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(Object.keys(pairs).length)];
  for (const [name, { bytes }] of Object.entries(pairs)) head.push(text(name), bytes);
  const data = [];
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    // 0 names the type of a tensor of 32-bit floats.
    head.push(text(name), u32(shape.length), ...shape.map(u64), u32(0), u64(offset));
    const bytes = aligned(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
    data.push(bytes);
    offset += bytes.length;
  }
  return Buffer.concat([aligned(Buffer.concat(head)), ...data]);
}

/** @param {Buffer} bytes */
const aligned = bytes => Buffer.concat([bytes, Buffer.alloc(-bytes.length & (ALIGNMENT - 1))]);

/** @param {number} value */
function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** @param {number} value */
function u64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** @param {string} value */
function text(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}
