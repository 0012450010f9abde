// In the head, before anything is drawn: the appearance that was chosen, without a flash of the other.
try {
  const chosen = localStorage.getItem("mecelle-theme");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
} catch {
  // storage is shut off: the system's appearance stays
}
