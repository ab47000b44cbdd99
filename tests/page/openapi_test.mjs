// /openapi.json is OpenAPI 3.1, says a validator that is not of this project; and it describes what the page uses.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';

test('the description of the HTTP interface is valid OpenAPI 3.1', async () => {
  const response = await fetch(`${process.env.BGMD_GATEWAY}/openapi.json`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type'), /^application\/(vnd\.oai\.openapi\+)?json/);
  const document = await response.json();
  const validator = new Validator();
  const { valid, errors } = await validator.validate(document);
  assert.ok(valid, JSON.stringify(errors, null, 1));
  assert.equal(validator.version, '3.1');
  for (const [path, method] of [['/v1/posts', 'post'], ['/v1/posts/{post_id}', 'get'], ['/v1/posts/{post_id}', 'delete'], ['/v1/events', 'get'], ['/v1/tracks', 'get'], ['/v1/tracks/{track_id}/similar', 'get'], ['/v1/tracks/{track_id}/path', 'get'], ['/v1/feedback', 'post'],
    ['/v1/key', 'get'], ['/v1/status', 'get'], ['/v1/dead', 'get'], ['/v1/dead/{post_id}/retry', 'post'], ['/v1/dead/{post_id}', 'delete']]) {
    assert.ok(document.paths?.[path]?.[method], `${method} ${path}`);
  }
  // The validator sees a mistake: else the test above would say nothing.
  const { valid: nonsense } = await new Validator().validate({ ...document, paths: 7 });
  assert.equal(nonsense, false);
});
