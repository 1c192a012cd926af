//! Bad requests that follow from the document itself.

use super::audit::Audit;
use super::document::Operation;
use crate::http::Request;
use crate::server::Server;

/// The most bytes that a body may have.
const LIMIT: usize = 102_400;

/// Text that is no token, id or code of anybody.
const NOTHING: &str = "abcdefghijklmnopqrstuvwxyz012345";

/// Gives the headers by which callers show who they are, one caller each.
pub type Credentials<'a> = dyn FnMut(&mut dyn Server) -> Vec<(&'static str, String)> + 'a;

impl Audit {
    /// Asks every operation in ways that it has to refuse, and checks what it says. `credentials` are
    /// asked for anew for every request: some of them end with it.
    pub fn probe(&mut self, server: &mut dyn Server, credentials: &mut Credentials<'_>) {
        let operations: Vec<Operation> =
            self.document().operations().iter().filter(|operation| !operation.alias).cloned().collect();
        for operation in operations {
            let secured = !operation.value["security"].is_null();
            let names = self.document().names(&operation);
            for request in bad(&operation, &names) {
                let mut requests = vec![request.clone()];
                if secured {
                    let known = credentials(server).into_iter();
                    requests.extend(known.map(|(name, value)| request.clone().header(name, &value)));
                }
                for request in requests {
                    let answer = server.send(request.clone());
                    self.look(&request, &answer);
                }
            }
        }
    }
}

fn bad(operation: &Operation, names: &[String]) -> Vec<Request> {
    let fill = |with: &str| {
        let parts = operation.path.split('/').map(|part| if part.starts_with('{') { with } else { part });
        Request::new(&operation.method, &parts.collect::<Vec<_>>().join("/"))
    };
    let plain = || fill(NOTHING);
    let json =
        |kind: &str, body: &[u8]| Request { body: body.to_vec(), ..plain().header("Content-Type", kind) };
    let long = || vec![b' '; LIMIT + 1];
    let mut requests = vec![plain(), Request { body: long(), ..plain() }];
    requests.push(plain().header("X-API-Key", NOTHING).header("X-API-Key", NOTHING));
    requests.push(plain().header("X-API-Key", NOTHING));
    requests.push(plain().header("Authorization", &format!("Bearer {NOTHING}")));
    requests.push(Request::new(&operation.method, &format!("{}?%ff=%ff", plain().target)));
    if operation.path.contains('{') {
        requests.push(fill("%ff"));
    }
    if !operation.value["requestBody"].is_null() {
        requests.push(json("application/json", b"{"));
        requests.push(json("application/json", b"{}"));
        requests.push(json("application/json", b"[]"));
        requests.push(json("application/json; charset=utf-16", b"{}"));
        requests.push(json("application/x-www-form-urlencoded", b"a=1&a=2"));
        requests.push(json("application/json", &long()));
        requests.extend(typed(names).map(|body| json("application/json", body.as_bytes())));
    }
    requests
}

/// Objects with every documented name, and values of one type each.
fn typed(names: &[String]) -> impl Iterator<Item = String> {
    ["5", "true", "null", "\"\"", "\"x\"", "[]", "[5]", "{}"].into_iter().map(move |value| {
        let fields: Vec<String> = names.iter().map(|name| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", fields.join(","))
    })
}
