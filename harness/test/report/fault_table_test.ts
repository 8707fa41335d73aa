import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultEffects } from '../../src/measure/fault_effects.js';
import { faultAnswer } from '../../src/report/fault_answer.js';
import { renderFaultTable } from '../../src/report/fault_table.js';
import { makeRow, summaryOf } from '../examples.js';

const EFFECTS: FaultEffects = {
  accepted: 1000,
  completed: 998,
  refused: 3,
  failed: 1,
  lost: 1,
  wrong: 0,
  duplicated: 0,
  recoveries: [{ recovered_s: 1.25, held_s: 0.5 }],
};

function rowOf(
  system: string,
  launch: number,
  effects: Partial<FaultEffects>,
  repeated: number | null,
) {
  const cell = `${system} w1 faults=kill`;
  return makeRow(
    { system, launch, cell, faults: 'kill', trial: `${system}-${launch}` },
    { fault_effects: { ...EFFECTS, ...effects }, repeated_attempts: repeated },
  );
}

const CELLS = summaryOf([
  makeRow({ system: 'ws-native', cell: 'ws-native w1 faults=none' }),
  rowOf('ws-native', 1, {}, 2),
  rowOf('ws-native', 2, { lost: 0, recoveries: [{ recovered_s: 0.4, held_s: 2 }] }, 3),
  rowOf('rpc-tcp', 1, { lost: 0, recoveries: [{ recovered_s: null, held_s: null }] }, null),
]);

test('the launches of a cell are added up, and of times the longest is told', () => {
  const [header = '', native = '', rpc = '', ...rest] = renderFaultTable(CELLS).split('\n');
  assert.match(header, /^system +workers +faults +accepted +completed +failed +lost +wrong/);
  assert.match(native, /^ws-native +1 +kill +2000 +1996 +2 +1 +0 +0 +6 +5 +1\.25 +2\.00$/);
  assert.match(rpc, /^rpc-tcp +1 +kill +1000 +998 +1 +0 +0 +0 +3 +– +– +–$/);
  assert.match(rest.join('\n'), /lost: accepted and never answered/);
});

test('a run without faults has no such table', () => {
  assert.equal(renderFaultTable(CELLS.slice(0, 1)), '');
  assert.equal(faultAnswer(CELLS.slice(0, 1)), 'no number: no trial with faults is valid');
});

test('the answer adds all plans up and names who was slowest and who is not back', () => {
  assert.equal(
    faultAnswer(CELLS),
    'of 3000 accepted requests 1 were lost (ws-native, kill), 3 failed, 0 had a wrong product and 0 were answered twice; throughput was back after 1.25 s at the latest (ws-native, kill); it was not back (rpc-tcp, kill)',
  );
});
