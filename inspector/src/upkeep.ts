// Health of the memory, and the jobs that look after it.
import type { Api } from "./api";
import { fill, h } from "./dom";
import { attempt, toast } from "./notices";
import { count, short, when } from "./text";
import type { JobRun, JobStatus, MemoryHealth, MemoryStats } from "./types";

export class UpkeepPanel {
  private readonly health = h("div", {});
  private readonly stats = h("div", {});
  private readonly jobs = h("div", {});

  constructor(
    element: HTMLElement,
    private readonly api: Api,
    private readonly readOnly: boolean,
    private readonly filterBy: (tag: string) => void,
  ) {
    fill(element, h("h2", {}, "Health"), this.health, h("h2", {}, "Statistics"), this.stats, h("h2", {}, "Jobs"), this.jobs);
  }

  async open(): Promise<void> {
    const [state, health, jobs] = await Promise.all([attempt(this.api.state()), attempt(this.api.health()), attempt(this.api.jobs())]);
    if (state) fill(this.stats, ...statistics(state.stats, this.filterBy));
    if (health) this.showHealth(health);
    if (jobs) this.showJobs(jobs.jobs, jobs.runs);
  }

  private showHealth(health: MemoryHealth): void {
    fill(
      this.health,
      h(
        "div",
        { class: "bar" },
        h("span", {}, "Overall"),
        h("meter", { min: 0, max: 1, value: health.overall_score, "aria-label": "Overall health" }),
        h("span", { class: "number" }, health.overall_score.toFixed(2)),
      ),
      health.issues.length
        ? h(
            "ul",
            { class: "plain" },
            ...health.issues.map((issue) =>
              h("li", { class: `issue ${issue.severity}` }, h("strong", {}, `${issue.severity}: `), issue.message, h("br"), h("span", { class: "hint" }, issue.remedy)),
            ),
          )
        : h("p", { class: "hint" }, "Everything is as it should be."),
    );
  }

  private showJobs(jobs: JobStatus[], runs: JobRun[]): void {
    fill(
      this.jobs,
      h(
        "ul",
        { class: "plain" },
        ...jobs.map((job) =>
          h(
            "li",
            { class: "job" },
            h("div", {}, h("strong", {}, job.name), ` ${job.interval_hours === null ? "off" : `every ${job.interval_hours} h`}`),
            h("p", { class: "hint" }, `${job.about} Last: ${job.last_run ? when(job.last_run.started_at) : "never"}.`),
            !this.readOnly && h("button", { type: "button", onclick: () => void this.run(job.name) }, `Run ${job.name} now`),
          ),
        ),
      ),
      h("h3", {}, "What ran"),
      runs.length
        ? h(
            "ul",
            { class: "plain" },
            ...runs.slice(0, 20).map((run) =>
              h("li", { class: "run" }, `${when(run.started_at)}: ${run.job}, ${run.status}, ${count(run.changed, "memory", "memories")} changed`, run.error ? h("p", { class: "hint" }, run.error) : null),
            ),
          )
        : h("p", { class: "hint" }, "Nothing ran so far."),
    );
  }

  private async run(name: string): Promise<void> {
    const run = await attempt(this.api.runJob(name));
    if (run === undefined) return;
    toast(run === null ? `Another process is doing ${name}.` : `${name}: ${run.status}, ${count(run.changed, "memory", "memories")} changed.`);
    await this.open();
  }
}

/** What there is, in numbers, and the tags, each of which leads to its memories. */
export function statistics(stats: MemoryStats, filterBy: (tag: string) => void): (HTMLElement | null)[] {
  const tags = Object.entries(stats.tags);
  const rows: [string, number][] = [
    ["Memories", stats.total_memories],
    ...Object.entries(stats.memory_type_distribution),
    ["Short-term", stats.short_term_memories],
    ["Archived", stats.archived_memories],
    ["Entities", stats.total_entities],
    ["Conversations", stats.total_conversations],
  ];
  return [
    h("dl", {}, ...rows.flatMap(([name, number]) => [h("dt", {}, name), h("dd", {}, number.toLocaleString())])),
    tags.length ? h("h3", {}, "Tags") : null,
    tags.length
      ? h(
          "ul",
          { class: "chips tags", "aria-label": "Tags" },
          ...tags.map(([tag, number]) =>
            h("li", {}, h("button", { type: "button", class: "tag", title: tag, onclick: () => filterBy(tag) }, short(tag, 40), h("span", { class: "number" }, ` ${number.toLocaleString()}`))),
          ),
        )
      : null,
  ];
}
