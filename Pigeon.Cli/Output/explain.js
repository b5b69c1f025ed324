// Pointing at a value lights it up wherever it stands in the same program.
document.addEventListener("mouseover", event => {
  const value = event.target.closest(".v");
  document.querySelectorAll(".lit").forEach(lit => lit.classList.remove("lit"));
  if (value) {
    const program = value.closest(".pass");
    program.querySelectorAll(`.v[data-v="${value.dataset.v}"]`).forEach(same => same.classList.add("lit"));
  }
});
