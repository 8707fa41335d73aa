import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergePages } from '../../src/metrics/page.js';

const CELL = { system: 'rpc-tcp', workers: 2 };

const PAGE = `# HELP a_total A.
# TYPE a_total counter
a_total{phase="queue"} 3
a_total{phase="compute"} 4
# HELP b Help with a } and a "quote".
# TYPE b gauge
b 0.25
`;

test('the cell is added to every series, whether it has labels or not', () => {
  assert.equal(
    mergePages([PAGE], CELL),
    `# HELP a_total A.
# TYPE a_total counter
a_total{system="rpc-tcp",workers="2",phase="queue"} 3
a_total{system="rpc-tcp",workers="2",phase="compute"} 4
# HELP b Help with a } and a "quote".
# TYPE b gauge
b{system="rpc-tcp",workers="2"} 0.25
`,
  );
});

test('what several programs tell is added up, and stays one family', () => {
  const other = PAGE.replace('queue"} 3', 'queue"} 39').replace('compute', 'decode');
  const lines = mergePages([PAGE, other], CELL).trim().split('\n');
  assert.deepEqual(
    lines.filter((line) => line.includes('a_total{')),
    [
      'a_total{system="rpc-tcp",workers="2",phase="queue"} 42',
      'a_total{system="rpc-tcp",workers="2",phase="compute"} 4',
      'a_total{system="rpc-tcp",workers="2",phase="decode"} 4',
    ],
  );
  assert.equal(lines.filter((line) => line === '# TYPE a_total counter').length, 1);
  assert.equal(lines.indexOf('# HELP b Help with a } and a "quote".'), 5);
});

test('of start times the latest is taken', () => {
  const page = (start: number) =>
    `# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds ${start}\n`;
  assert.match(mergePages([page(7), page(9), page(8)], {}), /^process_start_time_seconds\{\} 9$/m);
});

test('numbers of every kind survive', () => {
  const values = ['1e-05', '1.5e+300', '+Inf', '-Inf', 'NaN', '0'];
  const lines = values.map((value, i) => `a{i="${i}"} ${value}\n`).join('');
  const merged = mergePages([`# TYPE a gauge\n${lines}`], {});
  const read = merged
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(' ')[1]);
  assert.deepEqual(read, ['0.00001', '1.5e+300', '+Inf', '-Inf', 'NaN', '0']);
});

test('a label with a quote or a line break in it cannot make another series', () => {
  const merged = mergePages(['# TYPE a gauge\na 1\n'], { system: 'x"} 7\nb{y="\\' });
  assert.equal(merged, '# TYPE a gauge\na{system="x\\"} 7\\nb{y=\\"\\\\"} 1\n');
});

test('no programs make an empty page', () => assert.equal(mergePages([], CELL), ''));

test('a line that is no series is quoted', () => {
  const page = '# TYPE a gauge\n<html>busy</html>\n';
  assert.throws(
    () => mergePages([page], {}),
    /'<html>busy<\/html>' is not a valid line of a page of metrics/,
  );
  assert.throws(() => mergePages(['a 1\n'], {}), /'a 1' is not a valid line/);
});
