// The one-touch action beside something that needs a person.
import { useCan } from "../state/session.ts";
import type { Remedy } from "../state/attention.ts";
import { Act } from "./act.tsx";

export function RemedyButtons({ remedy, link }: { remedy: Remedy; link: string }) {
  const operator = useCan("operator");
  const approver = useCan("operator", "planner");
  const open = (
    <a className="button" href={link}>
      Open
    </a>
  );
  switch (remedy.kind) {
    case "bed_clear":
      return operator ? (
        <Act
          label="Bed is clear"
          look="primary"
          body={{ how: "seen" }}
          path={`/printers/${remedy.printer}/bed-clear`}
          done="The bed is confirmed clear."
        />
      ) : (
        open
      );
    case "inspect":
      return operator ? (
        <>
          <Act
            label={remedy.pieces > 1 ? `All ${remedy.pieces} good` : "Good"}
            look="primary"
            path={`/runs/${remedy.run}/inspection`}
            body={{ items: Array.from({ length: remedy.pieces }, () => "good") }}
            done="Recorded as good."
          />
          <a className="button" href={link}>
            {remedy.pieces > 1 ? "Not all good …" : "Not good …"}
          </a>
        </>
      ) : (
        open
      );
    case "settle":
      return (
        <a className="button primary" href={link}>
          Say what happened
        </a>
      );
    case "approve":
      return approver ? (
        <>
          <Act
            label="Approve"
            look="primary"
            path={`/approvals/${remedy.decision}/approve`}
            done="Approved. The run starts as soon as the printer can take it."
          />
          <a className="button" href={link}>
            Look first
          </a>
        </>
      ) : (
        open
      );
    case "foreign":
      return operator ? (
        <>
          <Act
            label="Adopt"
            look="primary"
            path={`/printers/${remedy.printer}/foreign`}
            body={{ verdict: "adopted" }}
            done="Adopted. Gantry follows this print now."
          />
          <Act
            label="Ignore"
            path={`/printers/${remedy.printer}/foreign`}
            body={{ verdict: "ignored" }}
            done="Ignored. It is left alone until it ends."
          />
        </>
      ) : (
        open
      );
    case "confirm":
      return operator ? (
        <Act
          label="Machine is as shown"
          look="primary"
          path={`/printers/${remedy.printer}/confirm`}
          done="Confirmed. The printer takes work again."
        />
      ) : (
        open
      );
    case "resume":
      return operator ? (
        <Act
          label="Resume"
          look="primary"
          path={`/runs/${remedy.run}/resume`}
          done="The printer is asked to go on."
        />
      ) : (
        open
      );
    case "open":
      return open;
  }
}
