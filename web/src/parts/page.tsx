// The frame of a page: title, what stands beside it, and the way back.
import { type ReactNode, useEffect } from "react";
import { Icon } from "./icon.tsx";

interface PageProps {
  title: string;
  back?: { href: string; text: string };
  beside?: ReactNode;
  children: ReactNode;
}

export function Page({ title, back, beside, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Gantry`;
  }, [title]);
  return (
    <>
      {back && (
        <a className="back" href={back.href}>
          <Icon name="back" />
          {back.text}
        </a>
      )}
      <header className="page-head">
        <h1>{title}</h1>
        {beside && <div className="actions">{beside}</div>}
      </header>
      {children}
    </>
  );
}

export function Panel({
  title,
  beside,
  children,
  id,
}: {
  title: string;
  beside?: ReactNode;
  children: ReactNode;
  id?: string;
}) {
  return (
    <section className="panel" id={id}>
      <header>
        <h2>{title}</h2>
        {beside}
      </header>
      {children}
    </section>
  );
}

/** A list of named values. */
export function Facts({
  items,
}: {
  items: readonly (readonly [name: string, value: ReactNode])[];
}) {
  return (
    <dl className="facts">
      {items.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
