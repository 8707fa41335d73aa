import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean } from '../../src/base/did_you_mean.js';

const COMMANDS = ['run', 'plan', 'list', 'resume', 'report', 'verify', 'compare', 'doctor', 'help'];

const MEANT: [word: string, meant: string | undefined][] = [
  ['verfy', 'verify'],
  ['verfiy', 'verify'],
  ['VERIFY', 'verify'],
  ['lst', 'list'],
  ['lits', 'list'],
  ['rnu', 'run'],
  ['doc', 'doctor'],
  ['comparre', 'compare'],
  ['scaling', undefined],
  ['x', undefined],
  ['', undefined],
];

for (const [word, meant] of MEANT) {
  test(`'${word}' means ${meant ?? 'nothing known'}`, () => {
    const said = meant === undefined ? '' : `; did you mean '${meant}'?`;
    assert.equal(didYouMean(word, COMMANDS), said);
  });
}

test('where nothing is known nothing is suggested', () => assert.equal(didYouMean('x', []), ''));
