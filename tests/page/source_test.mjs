// What can be said of the page by reading it: both languages say the same things, every name of a word exists, nothing
// makes markup of a string or names another host, and it stays small.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';

const folder = new URL('../../daemon/gateway/page/', import.meta.url);
const files = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
const scripts = Object.entries(files).filter(([name]) => name.endsWith('.js'));
globalThis.localStorage ??= { getItem: () => null };
globalThis.navigator ??= { language: 'en' };
const { WORDS } = await import(new URL('words.js', folder));
const { MOODS } = await import(new URL('moods.js', folder));

test('both languages have the same words, with the same places to fill', () => {
  assert.deepEqual(Object.keys(WORDS.ko), Object.keys(WORDS.en));
  const places = (text) => [...new Set(text.match(/\{\d\}/g) ?? [])].sort();
  for (const [name, text] of Object.entries(WORDS.en)) {
    const ofKorean = name.startsWith('reason'); // in English the daemon says it
    if (!ofKorean) assert.deepEqual(places(WORDS.ko[name]), places(text), name);
    assert.ok(WORDS.ko[name].trim() !== '' && (text.trim() !== '' || ofKorean), name);
  }
});

test('every name of a word exists, and every word is used', () => {
  const source = Object.entries(files).filter(([name]) => name !== 'words.js').map(([, text]) => text).join('\n');
  for (const [, inPage, inScript] of source.matchAll(/data-(?:words|label|placeholder)="(\w+)"|\bsay\('(\w+)'/g)) {
    const name = inPage ?? inScript;
    assert.ok(Object.hasOwn(WORDS.en, name), `no word is called ${name}`);
  }
  const made = /^(code|fact|reason|stage|step|view|worker|quarter|sample)_|^(text|image|audio|video|catalogue|ko|en|other|zxx)$/;
  for (const name of Object.keys(WORDS.en)) {
    const used = new RegExp(`["']${name}["']`).test(source + files['words.js'].split('const LANGUAGE')[1]);
    assert.ok(used || made.test(name) || Object.hasOwn(MOODS, name), `nobody says ${name}`);
  }
});

test('the moods are those of the program, at the same places, and each has a colour in both themes', () => {
  const program = (file) => readFileSync(new URL(`../../../${file}`, folder), 'utf8');
  const names = [...program('schemas/mood_names.hpp').split('kMoodNames{')[1].split('}')[0].matchAll(/"(\w+)"/g)].map(([, name]) => name);
  const places = [...program('fusion/mood/mood.cpp').matchAll(/^ +\{(-?[\d.]+)F, (-?[\d.]+)F\},?  +\/\/ \w+$/gm)].map(([, valence, arousal]) => [Number(valence), Number(arousal)]);
  const rows = names.map((name, place) => [name, places[place]]);
  assert.deepEqual(Object.entries(MOODS), rows);
  for (const name of Object.keys(MOODS)) assert.equal(files['style.css'].split(`--${name}:`).length - 1, 3, name);
});

test('no string becomes markup or script', () => {
  for (const [name, text] of scripts) {
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|\beval\b|new Function|srcdoc|setTimeout\('/, name);
  }
  assert.doesNotMatch(files['index.html'], /<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=/);
});

test('nothing is taken from another host', () => {
  for (const [name, text] of Object.entries(files)) {
    const addresses = (text.match(/https?:\/\/[^'"\s)]+/g) ?? []).filter((address) => !address.startsWith('http://www.w3.org/'));
    assert.deepEqual(addresses, [], name);
  }
});

test('it has at most two thousand lines, and its files lie flat', () => {
  const lines = Object.values(files).reduce((sum, text) => sum + text.split('\n').length - 1, 0);
  console.log(`the page has ${lines} lines`);
  assert.ok(lines <= 2000);
});

test('a stream of events is read however it is cut into pieces', async () => {
  globalThis.sessionStorage ??= { getItem: () => null };
  const { EventReader } = await import(new URL('api.js', folder));
  const stream = ': beat\n\nid: 7\nevent: pick\ndata: {"a":\ndata: 1}\n\nid: 8\r\nevent: dead\r\ndata:{"b":2}\r\n\r\ndata: x\r\r';
  const expected = [{ id: '7', event: 'pick', data: '{"a":\n1}' }, { id: '8', event: 'dead', data: '{"b":2}' }];
  for (let size = 1; size < stream.length; size += 1) {
    const seen = [];
    const reader = new EventReader((event) => seen.push(event));
    for (let at = 0; at < stream.length; at += size) reader.read(stream.slice(at, at + size));
    assert.deepEqual(seen.slice(0, 2), expected, `pieces of ${size}`);
  }
});

test('a track is played only from the hosts of the policy', async () => {
  const { allows } = await import(new URL('api.js', folder));
  const hosts = ["'self'", 'blob:', 'music.example', '*.cdn.example', 'https://sound.example:8443'];
  for (const uri of ['https://music.example/a.mp3', 'https://a.b.cdn.example/x', 'https://sound.example:8443/y']) assert.ok(allows(hosts, uri), uri);
  for (const uri of ['', 'file:clips/a.mp3', 'javascript:alert(1)', 'https://evil.example/music.example', 'https://cdn.example/x', 'https://notcdn.example/', 'https://music.example.evil/', 'https://sound.example/y', 'https://', 'data:audio/wav,x']) {
    assert.ok(!allows(hosts, uri), uri);
  }
});
