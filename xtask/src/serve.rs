//! A small HTTP server for `dist/`, on this machine alone.

use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::process::{Cmd, which};
use crate::{Result, site, workspace};

const DEFAULT_PORT: u16 = 8137;

/// `cargo xtask serve`.
pub(crate) fn command(args: &[&str]) -> Result<()> {
    let (mut port, mut base, mut build, mut open) = (None, "/".to_owned(), true, true);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match *arg {
            "--port" => {
                let text = args.next().ok_or("--port needs a number")?;
                port = Some(text.parse::<u16>().map_err(|_| format!("--port: `{text}` is no port number"))?);
            }
            "--base" => base = normal_base(args.next().ok_or("--base needs a path")?),
            "--no-build" => build = false,
            "--no-open" => open = false,
            other => return Err(format!("serve knows no `{other}`")),
        }
    }
    if build {
        site::build()?;
    }
    let server = Server::start(&workspace::dist(), &base, port)?;
    println!("Relata is at {}  (stop with Ctrl+C)", server.url);
    if open {
        open_browser(&server.url);
    }
    server.wait();
    Ok(())
}

/// A base path with a slash at both ends.
fn normal_base(path: &str) -> String {
    match path.trim_matches('/') {
        "" => "/".to_owned(),
        inner => format!("/{inner}/"),
    }
}

/// A server that runs until the program ends.
pub(crate) struct Server {
    pub(crate) url: String,
    thread: std::thread::JoinHandle<()>,
}

impl Server {
    /// Serves a folder under a base path. Without a port: the usual one, or any that is free.
    pub(crate) fn start(folder: &Path, base: &str, port: Option<u16>) -> Result<Self> {
        let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        let listener = match port {
            Some(port) => bind(port).map_err(|e| format!("port {port}: {e}"))?,
            None => bind(DEFAULT_PORT).or_else(|_| bind(0)).map_err(|e| format!("no free port: {e}"))?,
        };
        let port = listener.local_addr().map_err(|e| e.to_string())?.port();
        let site = Arc::new(Site { folder: folder.to_path_buf(), base: base.to_owned() });
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let site = Arc::clone(&site);
                std::thread::spawn(move || {
                    // A visitor who goes away in the middle is no error of ours.
                    let _ = site.serve(&stream);
                });
            }
        });
        Ok(Self { url: format!("http://localhost:{port}{base}"), thread })
    }

    fn wait(self) {
        let _ = self.thread.join();
    }
}

struct Site {
    folder: PathBuf,
    base: String,
}

impl Site {
    fn serve(&self, stream: &TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut lines = BufReader::new(stream).lines();
        let request = lines.next().transpose()?.unwrap_or_default();
        // The head is read to its end, so that closing does not reset the connection under the answer.
        while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
        let mut words = request.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (status, kind, body) = match method {
            "GET" | "HEAD" => match self.file(target) {
                Some(file) => ("200 OK", media_type(&file), std::fs::read(&file)?),
                None => ("404 Not Found", "text/plain; charset=utf-8", b"There is nothing here.\n".to_vec()),
            },
            _ => ("405 Method Not Allowed", "text/plain; charset=utf-8", Vec::new()),
        };
        let mut out = stream;
        write!(
            out,
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-cache\r\n\
             X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
            body.len()
        )?;
        if method != "HEAD" {
            out.write_all(&body)?;
        }
        out.flush()
    }

    /// The file that a request's target names, if it is one of the site's.
    fn file(&self, target: &str) -> Option<PathBuf> {
        let path = target.split(['?', '#']).next()?;
        let path = percent_decoded(path.strip_prefix(&self.base)?)?;
        let mut file = self.folder.clone();
        for part in path.split('/').filter(|p| !p.is_empty()) {
            if part == ".." || part.contains(['\\', ':', '\0']) {
                return None;
            }
            file.push(part);
        }
        if path.is_empty() || path.ends_with('/') {
            file.push("index.html");
        }
        file.is_file().then_some(file)
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = tail.get(2..)?;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|e| e.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        // Browsers compile wasm while it arrives only under this type.
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "txt" | "sql" | "md" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

/// Opens the page where a person sits before the machine.
fn open_browser(url: &str) {
    let somebody = std::io::stdout().is_terminal() && std::env::var_os("CI").is_none();
    let screen = cfg!(any(windows, target_os = "macos"))
        || std::env::var_os("DISPLAY").is_some()
        || std::env::var_os("WAYLAND_DISPLAY").is_some();
    if !(somebody && screen) {
        return;
    }
    let command = if cfg!(windows) {
        Cmd::new("explorer").arg(url)
    } else if cfg!(target_os = "macos") {
        Cmd::new("open").arg(url)
    } else if which("xdg-open").is_some() {
        Cmd::new("xdg-open").arg(url)
    } else {
        return;
    };
    // Whether a browser opened or not, the address is on the screen.
    let _ = command.into_inner().spawn();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> (PathBuf, Site) {
        let folder = std::env::temp_dir().join(format!("relata-serve-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("a b")).unwrap();
        std::fs::write(folder.join("index.html"), "home").unwrap();
        std::fs::write(folder.join("a b/x.js"), "x").unwrap();
        (folder.clone(), Site { folder, base: "/sub/".into() })
    }

    #[test]
    fn only_files_of_the_site_are_served() {
        let (folder, site) = site();
        assert_eq!(site.file("/sub/"), Some(folder.join("index.html")));
        assert_eq!(site.file("/sub/a%20b/x.js?v=1"), Some(folder.join("a b/x.js")));
        for outside in
            ["/", "/index.html", "/sub/../Cargo.toml", "/sub/%2e%2e/Cargo.toml", "/sub/a%20b", "/sub/none", "/sub/%zz"]
        {
            assert_eq!(site.file(outside), None, "{outside}");
        }
    }

    #[test]
    fn a_base_has_a_slash_at_both_ends() {
        assert_eq!(normal_base("/"), "/");
        assert_eq!(normal_base("x/y"), "/x/y/");
        assert_eq!(normal_base("/x/"), "/x/");
    }
}
