module.exports = {
  title: "Shop",
  url: "https://example.org",
  baseUrl: "/",
  onBrokenLinks: "throw",
  scripts: [{ src: "/relata/relata-schema.js", type: "module" }],
  presets: [["classic", { docs: { routeBasePath: "/", sidebarPath: undefined }, blog: false, pages: false, theme: {} }]],
  themeConfig: { navbar: { title: "Shop" } },
};
