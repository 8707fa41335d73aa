// The smallest ONNX model: C = A·B of n × n in f32, about 100 bytes of Protocol Buffers written by hand.
// Field numbers are those of onnx.proto3; values are below 16,384.

const varint = (value) => (value < 128 ? [value] : [(value & 127) | 128, value >> 7]);
const number = (field, value) => [...varint(field << 3), ...varint(value)];
const bytes = (field, content) => [...varint((field << 3) | 2), ...varint(content.length), ...content];
const text = (field, string) => bytes(field, new TextEncoder().encode(string));

const FLOAT = 1;

function tensor(name, n) {
  const dimension = bytes(1, number(1, n)); // TensorShapeProto.dim { dim_value }
  const shape = bytes(2, [...dimension, ...dimension]);
  return [...text(1, name), ...bytes(2, bytes(1, [...number(1, FLOAT), ...shape]))]; // ValueInfoProto { name, type }
}

/** The bytes of the model, with the inputs A and B and the output C. */
function matmulModel(n) {
  const node = [...text(1, 'A'), ...text(1, 'B'), ...text(2, 'C'), ...text(4, 'MatMul')];
  const graph = [...bytes(1, node), ...text(2, 'g'), ...bytes(11, tensor('A', n)), ...bytes(11, tensor('B', n)), ...bytes(12, tensor('C', n))];
  const opset = number(2, 13); // OperatorSetIdProto { version }
  return Uint8Array.from([...number(1, 8), ...bytes(7, graph), ...bytes(8, opset)]); // ModelProto { ir_version, graph, opset }
}
