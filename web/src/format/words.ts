// States in words, each with the tone that it is shown in. Tones: `quiet` needs nobody, `busy`
// moves, `person` waits for somebody, `risk` is at risk, `stop` has gone wrong.

export type Tone = "quiet" | "busy" | "good" | "person" | "risk" | "stop";

export interface Word {
  text: string;
  tone: Tone;
}

const words: Record<string, Record<string, Word>> = {
  order: {
    accepted: { text: "Accepted", tone: "quiet" },
    producing: { text: "In production", tone: "busy" },
    held: { text: "Held", tone: "risk" },
    fulfilled: { text: "Fulfilled", tone: "good" },
    cancelled: { text: "Cancelled", tone: "quiet" },
  },
  line: {
    preparing: { text: "Preparing", tone: "quiet" },
    producing: { text: "In production", tone: "busy" },
    held: { text: "Held", tone: "risk" },
    complete: { text: "Complete", tone: "good" },
    cancelled: { text: "Cancelled", tone: "quiet" },
  },
  plan: {
    checking: { text: "Checking the model", tone: "busy" },
    slicing: { text: "Slicing", tone: "busy" },
    ready: { text: "Ready", tone: "quiet" },
    rejected: { text: "Model rejected", tone: "stop" },
    failed: { text: "Slicing failed", tone: "stop" },
    review: { text: "Under review", tone: "person" },
    cancelled: { text: "Cancelled", tone: "quiet" },
    done: { text: "Done", tone: "good" },
  },
  plate: {
    waiting: { text: "Waiting", tone: "quiet" },
    printing: { text: "Printing", tone: "busy" },
    inspecting: { text: "To inspect", tone: "person" },
    passed: { text: "Passed", tone: "good" },
    held: { text: "Held", tone: "risk" },
    cancelled: { text: "Cancelled", tone: "quiet" },
  },
  run: {
    queued: { text: "Queued", tone: "quiet" },
    approval: { text: "Needs approval", tone: "person" },
    reserved: { text: "Reserved", tone: "busy" },
    uploading: { text: "Uploading", tone: "busy" },
    starting: { text: "Starting", tone: "busy" },
    printing: { text: "Printing", tone: "busy" },
    paused: { text: "Paused", tone: "person" },
    cancelling: { text: "Cancelling", tone: "busy" },
    attention: { text: "Needs attention", tone: "stop" },
    inspecting: { text: "To inspect", tone: "person" },
    passed: { text: "Passed", tone: "good" },
    failed: { text: "Failed", tone: "stop" },
    cancelled: { text: "Cancelled", tone: "quiet" },
  },
  breaker: {
    open: { text: "Open", tone: "stop" },
    closed: { text: "Closed", tone: "quiet" },
  },
  risk: {
    low: { text: "Low risk", tone: "quiet" },
    medium: { text: "Medium risk", tone: "risk" },
    high: { text: "High risk", tone: "stop" },
  },
  verdict: {
    allow: { text: "Allows", tone: "good" },
    needs_approval: { text: "Asks a person", tone: "person" },
    deny: { text: "Refuses", tone: "stop" },
  },
  check: {
    pass: { text: "Passed", tone: "good" },
    warn: { text: "Warning", tone: "risk" },
    fail: { text: "Failed", tone: "stop" },
  },
  mode: {
    active: { text: "In service", tone: "quiet" },
    maintenance: { text: "In maintenance", tone: "quiet" },
    quarantined: { text: "Quarantined", tone: "stop" },
    retired: { text: "Retired", tone: "quiet" },
  },
  station: {
    idle: { text: "Idle", tone: "quiet" },
    starting: { text: "Starting", tone: "busy" },
    monitoring: { text: "Monitoring", tone: "busy" },
    material_change: { text: "Changing material", tone: "busy" },
    error: { text: "Waits", tone: "stop" },
    stop_requested: { text: "Stopping", tone: "busy" },
    aborted: { text: "Aborted", tone: "stop" },
    completed: { text: "Completed", tone: "good" },
  },
  step: {
    request_pause: { text: "Pausing the printer", tone: "busy" },
    wait_plate_clear: { text: "Waiting for the plate to clear", tone: "busy" },
    draining: { text: "Draining", tone: "busy" },
    filling: { text: "Filling", tone: "busy" },
    settling: { text: "Settling", tone: "busy" },
    request_resume: { text: "Resuming the printer", tone: "busy" },
    complete: { text: "Complete", tone: "good" },
  },
  resin: {
    unknown: { text: "Not known", tone: "person" },
    stopped: { text: "Idle", tone: "quiet" },
    printing: { text: "Printing", tone: "busy" },
    paused: { text: "Paused", tone: "quiet" },
    finished: { text: "Finished", tone: "good" },
    stopping: { text: "Stopping", tone: "busy" },
  },
  job: {
    running: { text: "Under way", tone: "busy" },
    completed: { text: "Completed", tone: "good" },
    stopped: { text: "Stopped", tone: "quiet" },
    monitoring_stopped: { text: "Monitoring stopped", tone: "quiet" },
    start_refused: { text: "Not started", tone: "risk" },
    given_up: { text: "Given up", tone: "risk" },
    emergency_stopped: { text: "Emergency stop", tone: "stop" },
    unseen: { text: "End not seen", tone: "risk" },
  },
  outcome: {
    pending: { text: "Not inspected", tone: "quiet" },
    good: { text: "Good", tone: "good" },
    failed: { text: "Not good", tone: "stop" },
    unknown: { text: "Cannot tell", tone: "risk" },
  },
};

/** How `value` of `area` is shown; an unknown value is shown as it is. */
export function word(area: string, value: string): Word {
  return words[area]?.[value] ?? { text: value.replaceAll("_", " "), tone: "quiet" };
}
