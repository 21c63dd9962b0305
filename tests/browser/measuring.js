// What a person could not read or reach: run in the page, answers lists of complaints.
(() => {
  const parse = (value) => {
    const found = value.match(/rgba?\(([^)]+)\)/);
    if (!found) return null;
    const parts = found[1].split(/[ ,/]+/).map(Number);
    return { r: parts[0], g: parts[1], b: parts[2], a: parts.length > 3 ? parts[3] : 1 };
  };
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ratio = (one, two) => {
    const [high, low] = [light(one), light(two)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = (element) => {
    const group = element.closest("g.node");
    if (group) {
      const shape = group.querySelector(element.classList.contains("mark") ? "circle" : "rect");
      return parse(getComputedStyle(shape).fill);
    }
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color && color.a === 1) return color;
    }
    return parse("rgb(255,255,255)");
  };
  const isShown = (element) => element.checkVisibility() && !element.closest(".unseen, .skip, title, desc");
  const faint = () => {
    const complaints = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!node.data.trim() || ["SCRIPT", "STYLE"].includes(element.tagName) || !isShown(element)) continue;
      const style = getComputedStyle(element);
      const color = parse(element instanceof SVGElement ? style.fill : style.color);
      const size = parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      const found = ratio(color, behind(element));
      if (found < (isLarge ? 3 : 4.5)) complaints.add(`${found.toFixed(2)} ${element.className.baseVal ?? element.className}: ${node.data.trim().slice(0, 30)}`);
    }
    return [...complaints];
  };
  const nameless = () => [...document.querySelectorAll("a, button, input, summary, [tabindex='0'], svg[role=img]")]
    .filter((element) => {
      const by = (element.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("");
      const labels = [...(element.labels ?? [])].map((label) => label.textContent).join("");
      const own = ["A", "BUTTON", "SUMMARY"].includes(element.tagName) ? element.textContent : "";
      return !(by + labels + own + (element.getAttribute("aria-label") || "")).trim();
    }).map((element) => element.outerHTML.slice(0, 80));
  const small = () => [...document.querySelectorAll("#filters label, summary, #filters input[type=search]")]
    .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 24)
    .map((element) => element.outerHTML.slice(0, 80));
  const outside = () => [...document.querySelectorAll("body *")]
    .filter((element) => isShown(element) && !element.closest(".scroll") && element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => element.outerHTML.slice(0, 80));
  return { faint: faint(), nameless: nameless(), small: small(), outside: outside(), width: document.documentElement.scrollWidth };
})();
