import type { Analysis } from '../analysis/analysis.js';
import type { Experiment } from '../experiment/experiment.js';
import { answerOf } from './answer.js';
import { renderContrasts } from './contrast_table.js';
import { renderFaultTable } from './fault_table.js';
import { renderTable } from './table.js';

/** What a run found, for the console: the table of its cells, what faults did, and its contrasts. */
export function renderFindings({ cells, contrasts }: Analysis, cores: number): string {
  const tables = [
    renderTable(cells, cores),
    renderFaultTable(cells),
    renderContrasts(contrasts, cells),
  ];
  return tables.filter(Boolean).join('\n');
}

/** The question of a run and its answer, two lines that end what is printed of it. */
export function renderAnswer(experiment: Experiment, analysis: Analysis): string {
  const question = experiment.question.trim().replaceAll(/\s+/g, ' ');
  const answer = answerOf(experiment, analysis);
  return `\nQuestion: ${question}\nAnswer:   ${answer}.`;
}
