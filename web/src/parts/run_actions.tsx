// Pause, resume and cancel of one run.
import type { Run } from "../api/types.ts";
import { useEntity } from "../state/hooks.ts";
import { useCan } from "../state/session.ts";
import { Act } from "./act.tsx";

export function RunActions({ run }: { run: Run }) {
  const ticket = useEntity("printer", run.printer)?.ticket;
  const pausing = ticket?.run === run.id && ticket.wanted === "pause";
  if (!useCan("operator")) return null;
  const path = `/runs/${run.id}`;
  const onMachine = run.state === "printing" || run.state === "paused";
  const open =
    onMachine || ["queued", "approval", "reserved", "uploading", "starting"].includes(run.state);
  return (
    <>
      {run.state === "printing" && pausing && (
        <Act
          label="Withdraw the pause"
          path={`${path}/resume`}
          done="The print goes on. If the pause was on its way already, the run shows it."
        />
      )}
      {run.state === "printing" && !pausing && (
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
