// The published runtime's answers for parity_test.cpp: TensorFlow.js, as it is bundled in @vladmandic/face-api, runs the
// networks as their packages do.
//   node reference.mjs PACKAGES FOLDER    reads FOLDER/{faces,expressions,kinds}.in, writes FOLDER/NAME.out (float32)
import fs from 'fs';
import path from 'path';
import { createRequire } from 'module';
import { pathToFileURL } from 'url';

const [packages, folder] = process.argv.slice(2);
// The bundle is made for browsers, and looks for one.
globalThis.window = globalThis;
globalThis.document = { createElement: () => ({ getContext: () => null }), body: {} };
const faceapi = await import(pathToFileURL(path.join(packages, '@vladmandic/face-api/dist/face-api.esm.js')));
const tf = faceapi.tf;
console.log = console.warn = () => {};
await tf.setBackend('cpu');
await tf.ready();

const floats = (file) => { const b = fs.readFileSync(file); return new Float32Array(b.buffer, b.byteOffset, b.length / 4); };
const input = (name, side) => tf.tensor4d(floats(path.join(folder, `${name}.in`)), [1, side, side, 3]);
const output = (name, tensor) => fs.writeFileSync(path.join(folder, `${name}.out`), Buffer.from(new Float32Array(tensor.dataSync()).buffer));

function weightsOf(stem) {
  const model = path.join(packages, '@vladmandic/face-api/model');
  const manifest = JSON.parse(fs.readFileSync(path.join(model, `${stem}-weights_manifest.json`)));
  const data = fs.readFileSync(path.join(model, `${stem}.bin`));
  return tf.io.decodeWeights(data.buffer.slice(data.byteOffset, data.byteOffset + data.length), manifest.flatMap((group) => group.weights));
}

const detector = new faceapi.TinyFaceDetector();
detector.loadFromWeightMap(weightsOf('tiny_face_detector_model'));
output('faces', await detector.forward(input('faces', 416), 416));

const expressions = new faceapi.FaceExpressionNet();
expressions.loadFromWeightMap(weightsOf('face_expression_model'));
output('expressions', await expressions.forward(input('expressions', 112)));

// A module of nsfwjs's is CommonJS in a package of another kind.
const exported = (name) => {
  const module = { exports: {} };
  new Function('module', 'exports', 'require', fs.readFileSync(path.join(packages, 'nsfwjs/dist/models/mobilenet_v2_mid', name), 'utf8'))(module, module.exports, createRequire(import.meta.url));
  return module.exports;
};
const model = exported('model.min.js');
const shards = ['group1-shard1of2.min.js', 'group1-shard2of2.min.js'].map((name) => Buffer.from(exported(name), 'base64'));
const data = Buffer.concat(shards);
const graph = await tf.loadGraphModel(tf.io.fromMemory({
  modelTopology: model.modelTopology,
  weightSpecs: model.weightsManifest.flatMap((group) => group.weights),
  weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.length),
}));
output('kinds', graph.predict(input('kinds', 224).div(255)));
