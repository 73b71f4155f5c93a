// Reads jobs for the panel: which is the one to show, how far it is, what a hand can do with it.

import type { JobKind, JobStage, JobState, JobView } from '../../backend/types';

/** Share of a stage that is done, 0 to 1; null while its total is not known. */
export function share(stage: JobStage): number | null {
  if (stage.total === null) return null;
  return stage.total === 0 ? 1 : Math.min(1, stage.done / stage.total);
}

/** Share of a job: that of its slowest stage with a known total, because the others wait for it. */
export function jobShare(job: JobView): number | null {
  const known = job.stages.map(share).filter((part): part is number => part !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** The stage at work that the others wait for: it tells the speed. Null when all are done. */
export const leading = (job: JobView): JobStage | null => job.stages.find((stage) => stage.total === null || stage.done < stage.total) ?? null;

/** The stages that a job has met or will meet: one that had nothing to do when a later one began is left out. */
export const met = (job: JobView): JobStage[] =>
  job.stages.filter((stage, at) => stage.done > 0 || stage.total !== null || !job.stages.slice(at + 1).some((later) => later.done > 0));

const ENDED: JobState[] = ['stopped', 'done', 'failed'];
export const isOver = (job: JobView): boolean => ENDED.includes(job.state);
export const canPause = (job: JobView): boolean => job.state === 'running' && job.kind === 'load';
export const canResume = (job: JobView): boolean => job.state === 'paused';
export const canStop = (job: JobView): boolean => ['waiting', 'running', 'paused'].includes(job.state);

/** Puts a report into the list: newest job first, each once. */
export function withJob(jobs: JobView[], job: JobView): JobView[] {
  const others = jobs.filter((other) => other.job !== job.job);
  return [job, ...others].sort((a, b) => b.job - a.job);
}

/** The newest job of a kind, at work or over. */
export const newest = (jobs: JobView[], kind: JobKind): JobView | null =>
  jobs.filter((job) => job.kind === kind).sort((a, b) => b.job - a.job)[0] ?? null;

/** The jobs that are at work, the newest first. */
export const atWork = (jobs: JobView[]): JobView[] => jobs.filter((job) => !isOver(job)).sort((a, b) => b.job - a.job);
