// Selecting a whole page of products; the checkboxes work without it.

for (const form of document.querySelectorAll("[data-selection]")) {
  const boxes = [...form.querySelectorAll('input[name="skus"]')];
  const all = form.querySelector("[data-select-all]");
  const counter = form.querySelector("[data-selection-count]");

  const show = () => {
    const count = boxes.filter((box) => box.checked).length;
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
    counter.textContent = count || "";
  };

  if (boxes.length) {
    all.hidden = false;
    all.addEventListener("change", () => {
      boxes.forEach((box) => (box.checked = all.checked));
      show();
    });
    form.addEventListener("change", show);
    window.addEventListener("pageshow", show);
  }
}
