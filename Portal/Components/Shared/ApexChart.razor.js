// Draws stacked columns with ApexCharts. Each colour is set from a CSS variable: the library's own light and dark themes have other colours.

export async function draw(element, engine, height, content) {
  const { default: ApexCharts } = await import(new URL(engine, document.baseURI).href);
  if (!element.isConnected) {
    return { show() { }, dispose() { } };
  }

  // The library only reads hexadecimal colours. A canvas converts any CSS colour to one.
  const canvas = document.createElement("canvas").getContext("2d");
  const colour = name => {
    // Set as an element's colour, because the variable itself may still contain a choice between light and dark.
    // Without a transition, which would return the previous colour. The rule for reduced motion gives every element a short one.
    element.style.setProperty("transition", "none", "important");
    element.style.color = `var(${name})`;
    canvas.fillStyle = getComputedStyle(element).color;
    element.style.removeProperty("color");
    element.style.removeProperty("transition");
    return canvas.fillStyle;
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let shown, labels, titles, totalName;

  const culture = document.documentElement.dataset.culture;
  const compact = new Intl.NumberFormat(culture, { notation: "compact", maximumFractionDigits: 1, useGrouping: "always" });
  const exact = new Intl.NumberFormat(culture);
  const { timeZone } = window.portal;

  const [hour, halfHour] = [{ hour: "numeric" }, { hour: "numeric", minute: "2-digit" }].map(parts => new Intl.DateTimeFormat(culture, { ...parts, timeZone }));
  const weekday = new Intl.DateTimeFormat(culture, { weekday: "long", timeZone });
  const date = new Intl.DateTimeFormat(culture, { day: "numeric", month: "short", year: "numeric", timeZone });
  // In some time zones, the hours of UTC begin at half past.
  const minute = new Intl.DateTimeFormat("en", { minute: "numeric", timeZone });
  const formatOf = time => minute.format(time) === "0" ? hour : halfHour;
  const nameHour = from => `${weekday.format(from)}, ${date.format(from)}, ${formatOf(from).formatRange(from, new Date(from.getTime() + 3600000))}`;
  const take = ({ categories, titles: names, areTimes, totalName: total, series }) => {
    [shown, totalName] = [series, total];
    const times = areTimes ? categories.map(text => new Date(text)) : null;
    [labels, titles] = times ? [times.map(time => formatOf(time).format(time)), times.map(nameHour)] : [categories, names];
  };
  take(content);

  // A label needs about 56 pixels.
  const step = () => Math.max(1, Math.ceil(labels.length / Math.max(2, Math.floor(element.clientWidth / 56))));
  // Counted from the right, so that the last day always has a label.
  const labelAt = index => (labels.length - 1 - index) % step() === 0 ? labels[index] : "";

  // Steps of 1, 2 or 5 times a power of ten, five at most, and always whole numbers: there are no half requests.
  const scale = largest => {
    const rough = Math.max(largest, 4) / 5;
    const power = 10 ** Math.max(0, Math.floor(Math.log10(rough)));
    const step = power * [1, 2, 5, 10].find(factor => factor * power >= rough);
    const tickAmount = Math.ceil(Math.max(largest, 4) / step);
    return { min: 0, max: tickAmount * step, tickAmount };
  };

  const textOf = text => Object.assign(document.createElement("span"), { textContent: text }).innerHTML;
  const rowOf = (name, value, mark = "") => `<div class="chart-tip-row">${mark}<span>${textOf(name)}</span><b>${exact.format(value)}</b></div>`;
  const tip = index => {
    const visible = shown.map((one, position) => ({ ...one, position })).filter(one => !one.isHidden);
    const rows = visible.map(one => rowOf(one.name, one.values[index],
      `<svg class="chart-mark" data-series="${one.position + 1}" width="12" height="12"><rect width="12" height="12" rx="3" fill="${colour(one.colour)}"/></svg>`)).reverse();
    const total = visible.reduce((sum, one) => sum + one.values[index], 0);
    return `<div class="chart-tip"><div class="chart-tip-title">${textOf(titles[index] ?? labels[index])}</div>${rows.join("")}${visible.length === shown.length ? rowOf(totalName, total) : ""}</div>`;
  };

  const options = () => {
    const colours = shown.map(one => colour(one.colour));
    const [text, line, hover] = [colour("--chart-text"), colour("--chart-grid"), colour("--chart-hover")];
    const largest = Math.max(0, ...labels.map((_, day) => shown.reduce((sum, one) => sum + (one.isHidden ? 0 : one.values[day]), 0)));
    return {
      // Null instead of zero, because a zero would have an outline. Hidden series stay, so that the others keep their position and pattern.
      series: shown.map(one => ({ name: one.name, data: one.values.map(value => one.isHidden ? null : value || null) })),
      colors: colours,
      fill: { opacity: 1 },
      dataLabels: { enabled: false },
      legend: { show: false },
      plotOptions: { bar: { columnWidth: "72%", borderRadius: 2, borderRadiusApplication: "end", borderRadiusWhenStacked: "last" } },
      states: { hover: { filter: { type: "none" } }, active: { filter: { type: "none" } } },
      // With an outline in its own colour, a few errors among thousands are still visible as a line.
      stroke: { show: true, width: 1, colors: colours },
      grid: { borderColor: line, strokeDashArray: 0, padding: { left: 4, right: 4, top: -16, bottom: -4 } },
      xaxis: {
        type: "category",
        categories: labels.map((_, index) => index),
        axisTicks: { show: false },
        axisBorder: { show: true, color: line },
        crosshairs: { show: true, width: "barWidth", opacity: 1, stroke: { width: 0 }, fill: { type: "solid", color: hover } },
        tooltip: { enabled: false },
        labels: {
          formatter: index => labelAt(Number(index)), rotate: 0, trim: false, hideOverlappingLabels: false,
          style: { colors: text, fontSize: "12px" },
        },
      },
      yaxis: {
        ...scale(largest),
        labels: { formatter: value => compact.format(value), style: { colors: text, fontSize: "12px" } },
      },
      tooltip: {
        shared: true,
        intersect: false,
        theme: "light",
        custom: ({ dataPointIndex }) => tip(dataPointIndex),
      },
    };
  };

  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const chart = new ApexCharts(element, {
    ...options(),
    chart: {
      type: "bar", stacked: true, height, fontFamily: "inherit", background: "transparent",
      toolbar: { show: false }, zoom: { enabled: false }, selection: { enabled: false }, parentHeightOffset: 0,
      animations: { enabled: !still, speed: 250, animateGradually: { enabled: false }, dynamicAnimation: { enabled: false } },
    },
  });
  await chart.render();

  const repaint = () => chart.updateOptions(options(), false, false);
  const observer = new MutationObserver(repaint);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  const media = [dark, matchMedia("(forced-colors: active)")];
  media.forEach(query => query.addEventListener("change", repaint));

  return {
    show(newContent) {
      take(newContent);
      return chart.updateOptions(options(), false, false).then(() => undefined);
    },
    dispose() {
      observer.disconnect();
      media.forEach(query => query.removeEventListener("change", repaint));
      chart.destroy();
    },
  };
}
