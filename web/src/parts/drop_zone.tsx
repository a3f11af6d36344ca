// Takes model files by drop or by choice.
import { type DragEvent, useRef, useState } from "react";
import { Icon } from "./icon.tsx";

interface DropZoneProps {
  onFiles: (files: readonly File[]) => void;
  compact: boolean;
}

export function DropZone({ onFiles, compact }: DropZoneProps) {
  const [over, setOver] = useState(false);
  const [refused, setRefused] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const take = (list: FileList | null) => {
    const files = [...(list ?? [])];
    const models = files.filter((file) => /\.stl$/i.test(file.name));
    const others = files.filter((file) => !models.includes(file)).map((file) => file.name);
    setRefused(
      others.length > 0 ? `Only STL files can be ordered. Left out: ${others.join(", ")}.` : "",
    );
    if (models.length > 0) onFiles(models);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  return (
    <div
      className={`drop${over ? " over" : ""}${compact ? " compact" : ""}`}
      onDrop={drop}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
    >
      {!compact && <p>Drop one or more STL files here. Each becomes a line of the order.</p>}
      <button type="button" className="button" onClick={() => input.current?.click()}>
        <Icon name="upload" />
        {compact ? "Add another file" : "Choose files"}
      </button>
      <input
        ref={input}
        type="file"
        accept=".stl"
        multiple
        hidden
        aria-label="STL files"
        onChange={(event) => {
          take(event.target.files);
          event.target.value = "";
        }}
      />
      {refused && (
        <p className="error" role="alert">
          {refused}
        </p>
      )}
    </div>
  );
}
