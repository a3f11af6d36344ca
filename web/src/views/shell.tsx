// What surrounds every page: rail or bottom bar, banners, palette.
import { type ReactNode, useEffect, useState } from "react";
import { ago } from "../format/duration.ts";
import { ClockBanner } from "../parts/clock_banner.tsx";
import { Icon } from "../parts/icon.tsx";
import { Palette } from "../parts/palette.tsx";
import { Glyph } from "../parts/badge.tsx";
import { useAll, useLink } from "../state/hooks.ts";
import { applyTheme, useTheme } from "../state/theme.ts";
import { useNow } from "../state/ticker.ts";
import type { Session } from "../api/types.ts";

const places = [
  ["farm", "Farm"],
  ["orders", "Orders"],
  ["approvals", "Approvals"],
  ["stations", "Stations"],
  ["activity", "Activity"],
  ["settings", "Settings"],
] as const;

const belongs: Record<string, string> = { printers: "farm", runs: "orders" };

function OfflineBanner() {
  const link = useLink();
  const now = useNow(1);
  if (link.state !== "lost") return null;
  const age = link.heard_ms === null ? null : performance.now() - link.heard_ms;
  return (
    <div className="banner stop" role="alert" data-now={now}>
      <Glyph tone="stop" />
      <span>
        No connection to Gantry. You see the last known state
        {age === null ? "" : `, heard ${ago(age)}`}. Prints go on by themselves; the page reconnects
        by itself.
      </span>
    </div>
  );
}

function DispatchBanner() {
  const settings = useAll("settings")[0];
  if (!settings || settings.dispatch_enabled) return null;
  return (
    <div className="banner person">
      <Glyph tone="person" />
      <span>Dispatch is switched off: running prints go on, nothing new starts.</span>
      <a className="button" href="#/settings">
        Settings
      </a>
    </div>
  );
}

function DemoBanner({ session }: { session: Session }) {
  if (!session.demo) return null;
  return (
    <div className="banner">
      <span>Demo: the demo's printers run {session.demo.speed} times faster than life.</span>
    </div>
  );
}

function ThemeButton() {
  const theme = useTheme();
  const dark =
    theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  return (
    <button
      type="button"
      className="rail-button"
      onClick={() => applyTheme(dark ? "light" : "dark")}
      aria-label={dark ? "Switch to light" : "Switch to dark"}
    >
      <Icon name="theme" />
      <span>{dark ? "Light" : "Dark"}</span>
    </button>
  );
}

export function Shell({
  session,
  area,
  children,
}: {
  session: Session;
  area: string;
  children: ReactNode;
}) {
  const [palette, setPalette] = useState(false);
  const pending =
    useAll("decision").filter((each) => each.approval === "pending").length +
    useAll("breaker").filter((each) => each.state === "open").length;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setPalette(true);
      }
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
  const here = belongs[area] ?? area;
  return (
    <div className="shell">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("main")?.focus();
        }}
      >
        To the content
      </a>
      <div className="side">
        <header className="top">
          <a className="brand" href="#/farm">
            <svg viewBox="0 0 32 32" aria-hidden="true">
              <path d="M6 28V7h20v21M6 14h20M16 14v5" />
            </svg>
            <b>Gantry</b>
          </a>
          <button
            type="button"
            className="rail-button find-button"
            onClick={() => setPalette(true)}
            aria-label="Find"
            aria-keyshortcuts="Control+K"
          >
            <Icon name="search" />
            <span>Find</span>
          </button>
          <ThemeButton />
        </header>
        <nav className="rail" aria-label="Pages">
          {places.map(([id, text]) => (
            <a key={id} href={`#/${id}`} aria-current={here === id ? "page" : undefined}>
              <Icon name={id} />
              <span>{text}</span>
              {id === "approvals" && pending > 0 && (
                <b className="count" aria-label={`${pending} waiting`}>
                  {pending}
                </b>
              )}
            </a>
          ))}
        </nav>
      </div>
      <div className="content">
        <OfflineBanner />
        <ClockBanner />
        <DispatchBanner />
        <DemoBanner session={session} />
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
      {palette && <Palette close={() => setPalette(false)} />}
    </div>
  );
}
