//! What costs nothing but itself: the same answers from a bare axum handler, in a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::routing::get;
use serde::{Deserialize, Serialize};

use crate::{Problem, say};

/// One answer to `GET` on one path.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Fixed {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Fixed {
    /// What a server answered, without the headers that whoever writes the answer adds.
    pub(crate) fn of(path: &str, answer: &harness::http::Answer) -> Self {
        let added = ["date", "content-length", "connection"];
        let kept = |(name, _): &&(String, String)| !added.contains(&name.to_lowercase().as_str());
        Self {
            path: path.to_owned(),
            headers: answer.headers.iter().filter(kept).cloned().collect(),
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        }
    }
}

/// A running floor; dropping it ends it.
pub(crate) struct AxumProcess {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl AxumProcess {
    /// Starts this program once more as a server of these answers.
    pub(crate) fn start(answers: &[Fixed], folder: &Path) -> Result<Self, Problem> {
        let file = folder.join("answers.json");
        std::fs::write(&file, serde_json::to_vec(answers)?)?;
        let mut command = Command::new(std::env::current_exe()?);
        let child = command.arg("floor").arg(&file).stdout(Stdio::piped()).spawn()?;
        let mut floor = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let mut line = String::new();
        if let Some(stdout) = floor.child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        floor.address = line.trim().parse().map_err(|_| "the floor did not start")?;
        Ok(floor)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for AxumProcess {
    fn drop(&mut self) {
        // An error means that it has ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Serves the answers in a file until it is killed. Prints where.
pub(crate) fn serve(file: &Path) -> Result<(), Problem> {
    let answers: Vec<Fixed> = serde_json::from_slice(&std::fs::read(file)?)?;
    let mut router = Router::new();
    for answer in answers {
        let mut headers = HeaderMap::new();
        for (name, value) in &answer.headers {
            headers.append(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
        }
        let body = axum::body::Bytes::from(answer.body);
        router = router.route(&answer.path, get(async move || (headers.clone(), body.clone())));
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        say::line(listener.local_addr()?);
        axum::serve(listener, router).await?;
        Ok(())
    })
}
