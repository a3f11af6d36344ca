// Pause, resume and cancel of one run.
import type { Run } from "../api/types.ts";
import { useCan } from "../state/session.ts";
import { Act } from "./act.tsx";

export function RunActions({ run }: { run: Run }) {
  if (!useCan("operator")) return null;
  const path = `/runs/${run.id}`;
  const onMachine = run.state === "printing" || run.state === "paused";
  const open =
    onMachine || ["queued", "approval", "reserved", "uploading", "starting"].includes(run.state);
  return (
    <>
      {run.state === "printing" && (
        <Act label="Pause" path={`${path}/pause`} done="The printer is asked to pause." />
      )}
      {run.state === "paused" && (
        <Act
          label="Resume"
          look="primary"
          path={`${path}/resume`}
          done="The printer is asked to go on."
        />
      )}
      {open && (
        <Act
          label={onMachine ? "Cancel print" : "Cancel run"}
          look="danger"
          path={`${path}/cancel`}
          confirm={
            onMachine
              ? "The printer stops and the unfinished part is lost. The pieces stay owed."
              : "This attempt is dropped. The pieces stay owed until the order is cancelled."
          }
          confirmLabel={onMachine ? "Stop the print" : "Drop this attempt"}
          done="Cancelling."
        />
      )}
    </>
  );
}
