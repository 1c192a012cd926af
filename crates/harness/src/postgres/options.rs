//! How a cluster is set up.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::programs::Programs;

/// How a cluster is set up. Without further ado everybody on the machine is trusted, and nothing outlasts a
/// power cut.
#[derive(Clone, Debug, Default)]
pub struct Options {
    durable: bool,
    pub(super) password: Option<String>,
    certificate: Option<(String, String)>,
    settings: Vec<(String, String)>,
}

impl Options {
    /// The usual set-up.
    pub fn new() -> Options {
        Options::default()
    }

    /// What is answered survives a crash of the machine, at the price of speed.
    pub fn durable(mut self) -> Options {
        self.durable = true;
        self
    }

    /// Asks everybody for this password (SCRAM).
    pub fn password(mut self, password: &str) -> Options {
        self.password = Some(password.to_owned());
        self
    }

    /// Offers TLS with this certificate chain and key (PEM).
    pub fn certificate(mut self, chain: &str, key: &str) -> Options {
        self.certificate = Some((chain.to_owned(), key.to_owned()));
        self
    }

    /// A line of `postgresql.conf`; the value is not quoted further.
    pub fn setting(mut self, name: &str, value: &str) -> Options {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Files that the server reads.
    pub(super) fn write_files(&self, folder: &Path, programs: &Programs) -> io::Result<()> {
        let mut files = Vec::new();
        if let Some(password) = &self.password {
            files.push(("password", password.as_str()));
        }
        if let Some((chain, key)) = &self.certificate {
            files.extend([("server.crt", chain.as_str()), ("server.key", key.as_str())]);
        }
        for (name, text) in files {
            let path = folder.join(name);
            fs::write(&path, text)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
            programs.give(&path)?;
        }
        Ok(())
    }

    /// The arguments of `initdb` besides the folder.
    pub(super) fn init_arguments(&self, folder: &Path, user: &str) -> Vec<String> {
        let mut arguments = vec![format!("--username={user}"), "--encoding=UTF8".to_owned()];
        arguments.extend(["--no-sync", "--no-instructions"].map(str::to_owned));
        match &self.password {
            Some(_) => {
                arguments.push("--auth=scram-sha-256".to_owned());
                arguments.push(format!("--pwfile={}", folder.join("password").display()));
            }
            None => arguments.push("--auth=trust".to_owned()),
        }
        arguments
    }

    /// Adds to `postgresql.conf`.
    pub(super) fn write_settings(&self, folder: &Path) -> io::Result<()> {
        let folder_text = folder.display();
        let mut text = format!(
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = '{folder_text}'\n\
             max_connections = 400\nshared_buffers = 32MB\nlogging_collector = off\n\
             log_line_prefix = '%m [%p] '\n"
        );
        if !self.durable {
            text.push_str("fsync = off\nfull_page_writes = off\n");
        }
        if self.certificate.is_some() {
            let _ = writeln!(
                text,
                "ssl = on\nssl_cert_file = '{folder_text}/server.crt'\nssl_key_file = '{folder_text}/server.key'"
            );
        }
        for (name, value) in &self.settings {
            let _ = writeln!(text, "{name} = {value}");
        }
        let path = folder.join("data/postgresql.conf");
        let mut conf = fs::read_to_string(&path)?;
        conf.push_str(&text);
        fs::write(path, conf)
    }
}
