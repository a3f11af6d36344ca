// Line icons, drawn for this page. They are decoration: the words beside them carry the meaning.
const shapes = {
  farm: "M4 20V5h16v15M4 9h16M12 9v4M9 20h6",
  orders: "M6 3h9l4 4v14H6zM15 3v4h4M9 12h7M9 16h7",
  approvals: "M5 12.5 10 17 19 7",
  activity: "M3 12h4l3-7 4 14 3-7h4",
  stations: "M9 3h6M10 3v6l-5 9a2 2 0 0 0 2 3h10a2 2 0 0 0 2-3l-5-9V3M7.5 15h9",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4",
  search: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15.5 15.5 20 20",
  theme: "M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",
  plus: "M12 5v14M5 12h14",
  upload: "M12 16V5M7 10l5-5 5 5M5 19h14",
  back: "M14 6l-6 6 6 6",
  close: "M6 6l12 12M18 6 6 18",
} as const;

export function Icon({ name }: { name: keyof typeof shapes }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={shapes[name]} />
    </svg>
  );
}
