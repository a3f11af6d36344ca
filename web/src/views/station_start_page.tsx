// Start a print on a station: file, material, every check, one Start; or follow one that runs.
import { useEffect, useState } from "react";
import { send } from "../api/http.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { PrinterFile, StationCheck } from "../api/station_types.ts";
import { Act } from "../parts/act.tsx";
import { Field } from "../parts/field.tsx";
import { Panel } from "../parts/page.tsx";
import { StationChecks } from "../parts/station_checks.tsx";
import { Empty, Failed, Skeleton } from "../parts/states.tsx";
import { Choice } from "../parts/text_input.tsx";
import { recipeText } from "../state/recipe.ts";
import { go } from "../state/router.ts";
import { useCan } from "../state/session.ts";
import { hasOpenJob } from "../state/station_rules.ts";
import { useRead } from "../state/use_read.ts";
import type { StationProps } from "./station_area.tsx";

interface Checked {
  ok: boolean;
  checks: StationCheck[];
}

/** What the checks say now about `body`; asked again whenever `depends` changes. */
function useChecks(path: string, body: object | null, depends: string) {
  const text = body && JSON.stringify(body);
  const [checked, setChecked] = useState<Checked | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let current = true;
    // What was checked for another choice must not allow this one.
    setChecked(null);
    setProblem(null);
    if (text !== null)
      send<Checked>("POST", path, JSON.parse(text)).then(
        (found) => current && setChecked(found),
        (thrown) => current && setProblem(asProblem(thrown)),
      );
    return () => {
      current = false;
    };
  }, [path, text, depends]);
  return { checked, problem };
}

export function StartPage({ station, live }: StationProps) {
  const state = live?.value.report.state;
  const [attach, setAttach] = useState(state === "printing" || state === "paused");
  if (hasOpenJob(station))
    return (
      <Empty title="A print is under way">
        <p>{station.job?.file} is on this station. Its plan does not change any more.</p>
        <a className="button primary" href={`#/stations/${station.id}`}>
          Watch it
        </a>
      </Empty>
    );
  return (
    <>
      <div className="segments" role="group" aria-label="What to follow">
        <button type="button" aria-pressed={!attach} onClick={() => setAttach(false)}>
          Start a file
        </button>
        <button type="button" aria-pressed={attach} onClick={() => setAttach(true)}>
          Follow a running print
        </button>
      </div>
      <Launch key={String(attach)} station={station} live={live} attach={attach} />
    </>
  );
}

function Launch({ station, live, attach }: StationProps & { attach: boolean }) {
  const operator = useCan("operator");
  const [file, setFile] = useState<PrinterFile | null>(null);
  const [material, setMaterial] = useState(station.setup.initial_material);
  const [dry_run, setDry] = useState(station.setup.dry_run);
  const body = !material
    ? null
    : attach
      ? { active_material: material, dry_run }
      : file && { ...file, initial_material: material, dry_run };
  const path = `/stations/${station.id}`;
  const seen = live?.value;
  const depends = [station.version, seen?.report.state, seen?.stale, seen?.pumps.connected].join();
  const check = attach ? `${path}/checks/attach` : `${path}/checks`;
  const { checked, problem } = useChecks(check, body, depends);
  const materials = station.setup.pumps.flatMap((pump) => pump.material || []).sort();
  if (material && !materials.includes(material)) materials.unshift(material);
  const label = attach ? "Follow this print" : "Start";
  return (
    <div className="columns">
      <Panel title={attach ? "Print that runs" : "Print"}>
        <div className="form">
          {attach ? (
            <p>
              {seen?.report.file
                ? `The printer reports ${seen.report.file}, layer ${seen.report.layer}.`
                : "The printer reports no print now."}
            </p>
          ) : (
            <FileField id={station.id} file={file} choose={setFile} />
          )}
          <Field
            label={attach ? "Material in the vat now" : "Starting material"}
            hint="What is in the vat before the first change."
          >
            <Choice
              value={material}
              onValue={setMaterial}
              options={[["", "Choose …"], ...materials.map((each) => [each, each] as const)]}
            />
          </Field>
          <p>
            Recipe, revision {station.recipe_revision}:{" "}
            {station.recipe.length ? <code>{recipeText(station.recipe)}</code> : "no change"}
          </p>
          <div className="choices">
            <label>
              <input
                type="checkbox"
                checked={dry_run}
                disabled={station.setup.dry_run}
                onChange={(event) => setDry(event.target.checked)}
              />
              Dry run: times pass, no pump is switched on
            </label>
          </div>
        </div>
      </Panel>
      <Panel title="Checks">
        {problem && <Failed problem={problem} />}
        {checked && <StationChecks checks={checked.checks} />}
        {!body && <p className="soft">Choose what to print, and every check is listed here.</p>}
        {operator && (
          <div className="actions">
            {checked?.ok && body ? (
              <Act
                label={label}
                look="primary"
                path={`${path}/${attach ? "attach" : "start"}`}
                body={body}
                done={
                  attach
                    ? "Followed. Materials change by the recipe."
                    : "The start is sent once and read back from the printer."
                }
                after={() => go(`#/stations/${station.id}`)}
              />
            ) : (
              <button type="button" className="button" disabled>
                {label}
              </button>
            )}
          </div>
        )}
      </Panel>
    </div>
  );
}

interface FileFieldProps {
  id: string;
  file: PrinterFile | null;
  choose: (file: PrinterFile | null) => void;
}

function FileField({ id, file, choose }: FileFieldProps) {
  const { value, problem, read } = useRead<{ items: PrinterFile[] }>(`/stations/${id}/files`);
  const files = value?.items;
  if (problem) return <Failed problem={problem} retry={read} />;
  if (!files) return <Skeleton rows={1} />;
  return (
    <Field
      label="File on the printer"
      hint={file?.layers ? `${file.layers} layers` : `${files.length} files on the printer`}
    >
      <Choice
        value={file?.internal_file ?? ""}
        onValue={(value) => choose(files.find((each) => each.internal_file === value) ?? null)}
        options={[
          ["", "Choose a file …"],
          ...files.map((each) => [each.internal_file, each.file] as const),
        ]}
      />
    </Field>
  );
}
