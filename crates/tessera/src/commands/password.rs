//! Reading a password that nobody else may see.

use std::io::{self, BufRead, IsTerminal};

use secrecy::SecretString;

use crate::compose::Problem;

/// The first line of standard input, or what is typed twice at a prompt.
pub(super) fn read() -> Result<SecretString, Problem> {
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        let password = line.strip_suffix('\n').unwrap_or(&line);
        let password = password.strip_suffix('\r').unwrap_or(password);
        if password.is_empty() {
            return Err("a password is expected on the first line of standard input".into());
        }
        return Ok(password.to_owned().into());
    }
    let first = rpassword::prompt_password("Password: ")?;
    let second = rpassword::prompt_password("Again: ")?;
    if first == second { Ok(first.into()) } else { Err("the two differ".into()) }
}
