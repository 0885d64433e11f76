//! A throw-away PostgreSQL server: its data in a temporary folder, reachable through a socket in that folder alone, gone when dropped.

use std::path::{Path, PathBuf};

use crate::process::Cmd;
use crate::{Result, tools};

/// A running server.
pub(crate) struct Cluster {
    /// The folder of its socket.
    folder: PathBuf,
    /// Its programs.
    bin: PathBuf,
    #[cfg(unix)]
    user: Option<(u32, u32)>,
    #[cfg(unix)]
    server: std::process::Child,
}

impl Cluster {
    /// Tells a program where the server is.
    pub(crate) fn told(&self, program: Cmd) -> Cmd {
        program.env("PGHOST", &self.folder).env("PGUSER", "postgres").env("RELATA_PSQL", self.bin.join("psql"))
    }
}

#[cfg(not(unix))]
impl Cluster {
    pub(crate) fn start() -> Result<Self> {
        Err("the PostgreSQL oracle needs Unix sockets: run it on Linux, macOS or in WSL".into())
    }
}

#[cfg(unix)]
impl Cluster {
    /// Makes and starts a server. As root it runs as `postgres`, for PostgreSQL refuses to run as root.
    pub(crate) fn start() -> Result<Self> {
        let bin = tools::postgres()?;
        let user = if tools::is_root() { Some(unprivileged()?) } else { None };
        let folder = std::env::temp_dir().join(format!("relata-pg-{}", std::process::id()));
        crate::workspace::remove_folder(&folder)?;
        crate::workspace::create_folder(&folder)?;
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(&folder, Some(uid), Some(gid))
                .map_err(|e| format!("{}: {e}", folder.display()))?;
        }
        let data = folder.join("data");
        let made = command(&bin, "initdb", user, &folder)
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .map_err(|e| format!("initdb: {e}"))?;
        if !made.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr).trim()));
        }
        let log = std::fs::File::create(folder.join("log")).map_err(|e| e.to_string())?;
        let mut start = command(&bin, "postgres", user, &folder);
        start.arg("-D").arg(&data).arg("-k").arg(&folder).arg("-F");
        // Nothing here has to outlive the power; a test database is made from scratch each time.
        for setting in [
            "listen_addresses=",
            "full_page_writes=off",
            "synchronous_commit=off",
            "autovacuum=off",
            "max_connections=40",
        ] {
            start.arg("-c").arg(setting);
        }
        let errors = log.try_clone().map_err(|e| e.to_string())?;
        let server = start.stdout(log).stderr(errors).spawn().map_err(|e| format!("postgres: {e}"))?;
        let mut cluster = Self { folder, bin, user, server };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        for _ in 0..300 {
            let ready = std::process::Command::new(self.bin.join("pg_isready"))
                .args(["-q", "-U", "postgres", "-h"])
                .arg(&self.folder)
                .status();
            if ready.is_ok_and(|s| s.success()) {
                return Ok(());
            }
            if self.server.try_wait().map_err(|e| e.to_string())?.is_some() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(format!("PostgreSQL did not start: {}", log.trim()))
    }
}

#[cfg(unix)]
impl Drop for Cluster {
    fn drop(&mut self) {
        // Not a kill, which would leave its shared memory behind.
        let stopped = command(&self.bin, "pg_ctl", self.user, &self.folder)
            .args(["stop", "-s", "-m", "immediate", "-D"])
            .arg(self.folder.join("data"))
            .status();
        if !stopped.is_ok_and(|s| s.success()) {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
        let _ = crate::workspace::remove_folder(&self.folder);
    }
}

#[cfg(unix)]
fn command(bin: &Path, program: &str, user: Option<(u32, u32)>, folder: &Path) -> std::process::Command {
    use std::os::unix::process::CommandExt;
    let mut command = std::process::Command::new(bin.join(program));
    command.current_dir(folder).stdin(std::process::Stdio::null()).env("LC_ALL", "C");
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}

/// User and group of an account without rights: `postgres` where it exists, else `nobody`.
#[cfg(unix)]
fn unprivileged() -> Result<(u32, u32)> {
    let accounts = crate::workspace::read(Path::new("/etc/passwd"))?;
    let find = |name: &str| {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    find("postgres")
        .or_else(|| find("nobody"))
        .ok_or_else(|| "no account to run PostgreSQL as: neither postgres nor nobody".into())
}
