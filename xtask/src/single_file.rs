//! The page as one HTML file that opens from `file://`: proof that it can be embedded anywhere, for it has no address, makes no request and
//! loads no module.
//!
//! Programs are base64 of gzip, which the browser inflates (`DecompressionStream`); the glue of both is wasm-bindgen's `no-modules` form; the
//! worker is a classic script in a Blob and is handed the engine's compiled module.

use std::path::{Path, PathBuf};

use crate::process::Cmd;
use crate::{Result, element, fingerprint, site, workspace};

/// Makes the file and gives its path.
pub(crate) fn build() -> Result<PathBuf> {
    let dist = site::build()?;
    let file = dist.join("relata.html");
    let inputs = [
        dist.join("index.html"),
        dist.join("app"),
        dist.join("engine"),
        dist.join("static"),
        workspace::root().join("xtask/src/single_file.rs"),
    ];
    fingerprint::unless_unchanged("single-file", &inputs, &[&file], || {
        let html = assemble(&dist)?;
        workspace::write(&file, html.as_bytes())
    })?;
    Ok(file)
}

fn assemble(dist: &Path) -> Result<String> {
    let folder = workspace::tools().join("build/single");
    site::bindings(&site::app_wasm()?, "no-modules", &folder.join("app"))?;
    site::bindings(&site::engine_wasm()?, "no-modules", &folder.join("engine"))?;
    let page = workspace::read(&dist.join("index.html"))?;
    let samples = workspace::files(&dist.join("static/samples"))?
        .iter()
        .map(|file| Ok((file_name(file), workspace::read(file)?.into())))
        .collect::<Result<serde_json::Map<String, serde_json::Value>>>()?;
    let engine =
        workspace::read(&folder.join("engine/relata_engine.js"))? + &workspace::read(&dist.join("static/worker.js"))?;
    let app = workspace::read(&folder.join("app/relata_app.js"))?;
    let data = serde_json::json!({
        // The wasm is the same for every form of the glue: what dist/ has is optimised already.
        "app": packed(&dist.join("app/relata_app_bg.wasm"))?,
        "engine": packed(&dist.join("engine/relata_engine_bg.wasm"))?,
        "worker": engine,
        "rules": workspace::read(&dist.join("static/rules.json"))?,
        "samples": samples,
    });
    // In a script nothing may look like its end. The data are JSON, where an escape does no harm; the glue has no such text.
    let data = data.to_string().replace("</", "<\\/").replace("<!--", "<\\u0021--");
    // A module in its own right; here its exports are names of the one script.
    let share = workspace::read(&dist.join("static/share.js"))?.replace("\nexport ", "\n");
    if app.contains("</script") || share.contains("</script") {
        return Err("a script would end its own element".into());
    }
    let styles = format!("\n{}", styles(dist, &page)?);
    let script = format!("\n{app}\n(() => {{\n{share}\n{START}}})();\n");
    // Nothing runs and nothing is styled but what is written here: the policy knows both by their hashes.
    let (script_hash, style_hash) =
        (element::hash("sha256", script.as_bytes())?, element::hash("sha256", styles.as_bytes())?);
    Ok(format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src '{script_hash}' 'wasm-unsafe-eval'; \
         style-src '{style_hash}'; img-src blob: data:; worker-src blob:; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types relata\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Relata</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>{styles}</style>\n</head>\n<body>\n{}\n\
         <script type=\"application/json\" id=\"relata-data\">{data}</script>\n<script>{script}</script>\n</body>\n</html>\n",
        root_element(&page)?,
    ))
}

/// What starts the page: unpack both programs, make workers from a Blob, mount. Where that cannot be, the page says why.
const START: &str = "\
const root = document.querySelector('[data-relata]');
(async () => {
  if (typeof DecompressionStream !== 'function') throw new Error('This browser cannot unpack what is in it (DecompressionStream).');
  const data = JSON.parse(document.getElementById('relata-data').textContent);
  const unpacked = async (text) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
  };
  const [app, module] = await Promise.all([unpacked(data.app), unpacked(data.engine).then((bytes) => WebAssembly.compile(bytes))]);
  const address = URL.createObjectURL(new Blob([data.worker], { type: 'text/javascript' }));
  const url = scripts(new Set([address])).createScriptURL(address);
  const worker = () => {
    const started = new Worker(url);
    started.postMessage({ module });
    return started;
  };
  await wasm_bindgen({ module_or_path: app });
  root.replaceChildren();
  wasm_bindgen.mount(root, { worker, rules: data.rules, samples: data.samples, ...sharing(root) });
})().catch((error) => {
  root.querySelector('[data-relata-boot]')?.replaceChildren(
    `The page could not be started: ${error instanceof Error ? error.message : error} Relata needs a browser of 2023 or newer, with WebAssembly and DecompressionStream.`,
  );
});
";

/// The page's style sheets, in its order.
fn styles(dist: &Path, page: &str) -> Result<String> {
    let links = page.split("<link rel=\"stylesheet\" href=\"").skip(1);
    let names = links.map(|rest| rest.split('"').next().unwrap_or_default());
    names.map(|name| workspace::read(&dist.join(name))).collect()
}

/// The element that the page mounts into, as its own HTML has it.
fn root_element(page: &str) -> Result<&str> {
    let body = page.split_once("<body>").and_then(|(_, rest)| rest.split_once("</body>")).map(|(body, _)| body.trim());
    body.filter(|b| b.contains("data-relata"))
        .ok_or_else(|| "index.html has no element for the page to mount into".into())
}

fn file_name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Base64 of the gzip of a file.
fn packed(file: &Path) -> Result<String> {
    let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let script =
        "process.stdout.write(require('zlib').gzipSync(require('fs').readFileSync(0), {level: 9}).toString('base64'))";
    let text = Cmd::new("node").args(["-e", script]).filter(&bytes)?;
    String::from_utf8(text).map_err(|e| e.to_string())
}
