/** What panels ask Prometheus, in its words: https://prometheus.io/docs/prometheus/latest/querying/basics/ */

/** How long a stretch of time a rate is of; Grafana fills it in. */
export const RATE = '[$__rate_interval]';

/** How a series is named after its cell. */
export const CELL = '{{system}} {{setting}} × {{workers}}';

/** Labels that keep to the run that is chosen at the top of a dashboard, with more before it if need be. */
export function ofRun(...labels: string[]): string {
  return `{${[...labels, 'run=~"$run"'].join(',')}}`;
}

/** Labels that keep to the run and the cells that are chosen. */
export function chosen(...labels: string[]): string {
  return ofCells(...labels, 'system=~"$system"');
}

function ofCells(...labels: string[]): string {
  return ofRun(...labels, 'workers=~"$workers"', 'setting=~"$setting"');
}

/**
 * What the latest trial of each chosen cell came to, within the time that the dashboard shows: a run that is
 * over may have measured a cell long before its end.
 */
export function latest(metric: string, ...labels: string[]): string {
  return overTime(`${metric}${chosen(...labels)}`);
}

/** The same of the cells with one worker, whichever worker counts are chosen. */
export function ofOneWorker(metric: string): string {
  const labels = ofRun('workers="1"', 'system=~"$system"', 'setting=~"$setting"');
  return overTime(`${metric}${labels}`);
}

/** What the latest trials came to of the system $numerator over that of $denominator, at the same workers and the same setting. */
export function ratioOf(metric: string): string {
  const of = (variable: string) => overTime(`${metric}${ofCells(`system="$${variable}"`)}`);
  return `${of('numerator')} / on (run, workers, setting) group_left () ${of('denominator')}`;
}

function overTime(series: string): string {
  return `last_over_time(${series}[$__range])`;
}
