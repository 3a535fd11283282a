// A file may be dropped on the box round its input; the names of chosen files are shown.
export function fileDrop(root) {
  for (const box of root.querySelectorAll("[data-drop]")) {
    const input = box.querySelector("input[type=file]");
    const names = box.querySelector("[data-drop-names]");
    const over = (is) => box.classList.toggle("drop--over", is);
    box.addEventListener("dragover", (event) => {
      event.preventDefault();
      over(true);
    });
    box.addEventListener("dragleave", () => over(false));
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      if (!event.dataTransfer?.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    input.addEventListener("change", () => {
      names?.replaceChildren(
        ...[...input.files].map((file) => {
          const line = document.createElement("li");
          const name = document.createElement("bdi");
          name.textContent = file.name;
          line.append(name);
          return line;
        }),
      );
    });
  }
}
