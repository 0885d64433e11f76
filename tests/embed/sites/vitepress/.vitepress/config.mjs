export default {
  title: "Shop",
  head: [["script", { type: "module", src: "/relata/relata-schema.js" }]],
  // Vue shall leave the element to the browser.
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag === "relata-schema" } } },
};
