import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interrupted } from '../../src/base/errors.js';
import { Losses } from '../../src/launch/parts/losses.js';

const never = () => new Promise<string>(() => undefined);

test('what is waited for is given as long as nothing is lost', async () => {
  const losses = new Losses();
  assert.equal(await losses.cutShort(Promise.resolve('done')), 'done');
  await losses.throwIfAny();
  await assert.rejects(
    losses.cutShort(Promise.reject(new Error('of its own'))),
    /^Error: of its own$/,
  );
});

test('a loss cuts it short, with all that was lost of the same cause', async () => {
  const losses = new Losses();
  const waiting = losses.cutShort(never());
  losses.tell('a');
  losses.tell('a');
  setTimeout(() => losses.tell('b'), 20);
  await assert.rejects(waiting, /^Error: a; b$/);
  await assert.rejects(losses.cutShort(never()), /^Error: a; b$/);
});

test('what was lost with the whole that it is a part of is not told apart', async () => {
  const losses = new Losses();
  losses.tell("the browser's process 'x' (pid 8) ended", 'the browser (pid 7)');
  await assert.rejects(
    losses.cutShort(never()),
    /^Error: the browser's process 'x' \(pid 8\) ended$/,
  );
  losses.tell('the browser (pid 7) ended with SIGKILL');
  await assert.rejects(losses.throwIfAny(), /^Error: the browser \(pid 7\) ended with SIGKILL$/);
});

test('what fails because of a loss is explained by it, whichever is noticed first', async () => {
  const losses = new Losses();
  const waiting = losses.cutShort(Promise.reject(new Error('Target closed')));
  setTimeout(() => losses.tell('the browser ended'), 20);
  await assert.rejects(waiting, /^Error: the browser ended$/);
  const interrupted = losses.cutShort(Promise.reject(new Interrupted('SIGINT')));
  await assert.rejects(interrupted, Interrupted);
});

test('many losses are counted', async () => {
  const losses = new Losses();
  for (let i = 1; i <= 9; i++) losses.tell(`w${i}`);
  await assert.rejects(losses.throwIfAny(), /^Error: w1; w2; w3; w4; and 5 more$/);
});

test('a process that the kernel ended for want of memory is told of as such', async () => {
  let kills = 3;
  const losses = new Losses(() => kills);
  losses.tell('the tab of w1 ended (killed, 9)');
  await assert.rejects(losses.throwIfAny(), /ended \(killed, 9\)$/);
  kills = 5;
  await assert.rejects(
    losses.throwIfAny(),
    /killed, 9\); Linux killed 2 processes because memory ran out: use fewer workers/,
  );
  assert.equal(new Losses(() => Number.NaN).memoryNote(), '');
});

test('what ends after everything was closed is no loss', async () => {
  const losses = new Losses();
  losses.close();
  losses.tell('a');
  await losses.throwIfAny();
});
