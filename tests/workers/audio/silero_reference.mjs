// What ONNX Runtime says of the same model and the same samples: one probability a line.
//   node silero_reference.mjs MODULES MODEL SAMPLES     MODULES: a node_modules with onnxruntime-web or -node
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [modules, model, samplesFile] = process.argv.slice(2);
const require = createRequire(modules + '/');
let ort;
try { ort = require('onnxruntime-node'); } catch { ort = require('onnxruntime-web'); ort.env.wasm.numThreads = 1; }
const session = await ort.InferenceSession.create(readFileSync(model));
const bytes = readFileSync(samplesFile);
const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
const chunk = 256, context = 32;
let state = new ort.Tensor('float32', new Float32Array(256), [2, 1, 128]);
const rate = new ort.Tensor('int64', BigInt64Array.from([8000n]), []);
for (let first = 0; first + chunk <= samples.length; first += chunk) {
  const input = new Float32Array(context + chunk);
  for (let i = 0; i < input.length; ++i) input[i] = first + i < context ? 0 : samples[first + i - context];
  const answer = await session.run({ input: new ort.Tensor('float32', input, [1, input.length]), state, sr: rate });
  state = answer.stateN;
  console.log(answer.output.data[0]);
}
