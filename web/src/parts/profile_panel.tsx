// Slicing profiles and materials.
import { boxText, millimetres } from "../format/measure.ts";
import { useCan } from "../state/session.ts";
import { useCollection } from "../state/use_collection.ts";
import { MaterialForm, ProfileForm } from "./catalogue_forms.tsx";
import { Panel } from "./page.tsx";
import { Skeleton } from "./states.tsx";

export function ProfilePanel() {
  const profiles = useCollection("profile");
  const materials = useCollection("material");
  const planner = useCan("planner");
  if (profiles.loading && profiles.items.length === 0)
    return (
      <Panel title="Profiles">
        <Skeleton />
      </Panel>
    );
  return (
    <Panel title="Profiles and materials">
      {profiles.problem && <p className="error">{profiles.problem.message}</p>}
      {profiles.items.length === 0 ? (
        <p>There is no slicing profile yet. A planner adds one here.</p>
      ) : (
        <div className="scroll" tabIndex={0} role="region" aria-label="Slicing profiles">
          <table>
            <caption>Slicing profiles</caption>
            <thead>
              <tr>
                <th>Name</th>
                <th>Material</th>
                <th className="number">Nozzle</th>
                <th>Bed</th>
                <th className="number">Version</th>
              </tr>
            </thead>
            <tbody>
              {profiles.items.map((profile) => (
                <tr key={profile.id}>
                  <th scope="row">{profile.name}</th>
                  <td>{profile.material}</td>
                  <td className="number">{millimetres(profile.nozzle_um)}</td>
                  <td>{boxText(profile.bed)}</td>
                  <td className="number">
                    {profile.versions[profile.versions.length - 1]?.number ?? "–"}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="soft">
        Materials: {materials.items.map((each) => each.name).join(", ") || "none"}
      </p>
      {planner && (
        <>
          <ProfileForm materials={materials.items} />
          <MaterialForm />
        </>
      )}
    </Panel>
  );
}
