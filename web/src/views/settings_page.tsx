// The farm's switch and rules, access, and the records that orders refer to.
import { Act } from "../parts/act.tsx";
import { Page, Panel } from "../parts/page.tsx";
import { ProfilePanel } from "../parts/profile_panel.tsx";
import { RulesForm } from "../parts/rules_form.tsx";
import { Skeleton } from "../parts/states.tsx";
import { TokenPanel } from "../parts/token_panel.tsx";
import { useAll } from "../state/hooks.ts";
import { logOut, useCan, useSession } from "../state/session.ts";
import { applyTheme, type Theme, useTheme } from "../state/theme.ts";

const themes: readonly (readonly [Theme, string])[] = [
  ["auto", "As the device"],
  ["light", "Light"],
  ["dark", "Dark"],
];

export function SettingsPage() {
  const settings = useAll("settings")[0];
  const admin = useCan("admin");
  const session = useSession();
  const theme = useTheme();
  return (
    <Page title="Settings">
      {!settings ? (
        <Skeleton />
      ) : (
        <>
          <Panel title="Dispatch">
            <p>
              {settings.dispatch_enabled
                ? "Gantry starts runs on printers that can take them."
                : "Nothing new starts. Prints that run go on."}
            </p>
            {admin && (
              <div className="actions">
                {settings.dispatch_enabled ? (
                  <Act
                    label="Switch dispatch off"
                    look="danger"
                    method="PUT"
                    path="/settings"
                    body={withoutVersion({ ...settings, dispatch_enabled: false })}
                    confirm="No run starts until it is switched on again. Prints that run go on."
                    confirmLabel="Switch it off"
                    done="Dispatch is off."
                  />
                ) : (
                  <Act
                    label="Switch dispatch on"
                    look="primary"
                    method="PUT"
                    path="/settings"
                    body={withoutVersion({ ...settings, dispatch_enabled: true })}
                    done="Dispatch is on."
                  />
                )}
              </div>
            )}
          </Panel>
          <RulesForm key={settings.version} settings={settings} />
        </>
      )}
      <ProfilePanel />
      {admin && <TokenPanel />}
      <Panel title="This browser">
        <div className="segments" role="group" aria-label="Colours">
          {themes.map(([id, text]) => (
            <button
              key={id}
              type="button"
              aria-pressed={theme === id}
              onClick={() => applyTheme(id)}
            >
              {text}
            </button>
          ))}
        </div>
        {session.phase === "in" && (
          <p className="soft">
            Logged in as {session.session.principal.name} (
            {session.session.principal.roles.join(", ")}). Gantry {session.session.version},{" "}
            {session.session.site}.
          </p>
        )}
        <div className="actions">
          <button type="button" className="button" onClick={() => void logOut()}>
            Log out
          </button>
        </div>
      </Panel>
    </Page>
  );
}

/** The settings as a request: what the server adds is left out. */
export function withoutVersion<T extends { version: number; id: string }>(
  entity: T,
): Omit<T, "version" | "id"> {
  const { version: _version, id: _id, ...body } = entity;
  return body;
}
