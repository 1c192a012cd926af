//! Holds a server to what it promised.

use super::{Person, Session, UnderWay};
use crate::actors::{Argon, GoScrobble, WolfPal};
use crate::http::Answer;
use crate::process::TesseraProcess;

impl Person {
    /// Every promise to this person that the server does not keep. `provoke` also shows it a refresh token from
    /// long ago, which ends the session.
    #[must_use]
    pub fn audit(&mut self, server: &TesseraProcess, provoke: bool) -> Vec<String> {
        let mut broken = Vec::new();
        match self.signed_in(server) {
            Ok(token) => broken.extend(self.permission_lost(server, &token)),
            Err(answer) => broken.push(format!("{} cannot sign in: {answer}", self.name)),
        }
        for spent in &self.spent {
            let answer = GoScrobble::at(server.address()).reset_password(spent, "yet another horse");
            if answer.text() != r#"{"error":"Invalid Token"}"# {
                broken.push(format!("a reset token of {} counted twice: {answer}", self.name));
            }
        }
        for session in &mut self.sessions {
            broken.extend(session.audit(server, provoke));
        }
        broken
    }

    /// An access token, by the password that holds now.
    fn signed_in(&mut self, server: &TesseraProcess) -> Result<String, Answer> {
        let mut argon = Argon::at(server.address());
        let mut answer = argon.try_sign_in(&self.name, &self.password);
        if answer.status != 200 && self.resetting.is_some() {
            // The reset whose answer was lost has happened, so all of it has.
            self.finish_reset();
            answer = argon.try_sign_in(&self.name, &self.password);
        }
        self.resetting = None;
        if answer.status == 200 { Ok(answer.field("token")) } else { Err(answer) }
    }

    fn permission_lost(&self, server: &TesseraProcess, token: &str) -> Option<String> {
        let state = Argon::at(server.address()).state(token);
        let kept = state.status == 200 && (!self.permitted || state.text().contains("\"mod\""));
        (!kept).then(|| format!("{} lost a permission: {state}", self.name))
    }

    /// The reset that was under way has happened: it set the password and ended every session.
    pub(super) fn finish_reset(&mut self) {
        if let Some((password, token)) = self.resetting.take() {
            self.password = password;
            self.spent.push(token);
            self.sessions.iter_mut().for_each(|session| session.ended = true);
        }
    }
}

impl Session {
    fn audit(&mut self, server: &TesseraProcess, provoke: bool) -> Option<String> {
        let mut wolfpal = WolfPal::at(server.address());
        // What became of a sign-out whose answer was lost.
        if self.under_way.take() == Some(UnderWay::SignOut) && !self.ended {
            self.ended = !wolfpal.believes(&self.access);
        }
        if self.ended {
            return self.revived(&mut wolfpal);
        }
        self.lost(&mut wolfpal).or_else(|| {
            let oldest = self.older.first().filter(|_| provoke && self.older.len() > 2)?;
            let answer = wolfpal.try_refresh(oldest);
            if answer.status != 401 {
                return Some(format!("a refresh token from long ago was taken: {answer}"));
            }
            self.ended = true;
            self.revived(&mut wolfpal)
        })
    }

    fn revived(&self, wolfpal: &mut WolfPal) -> Option<String> {
        let lives = wolfpal.believes(&self.access) || wolfpal.try_refresh(&self.refresh).status != 401;
        lives.then(|| format!("an ended session lives: {}", self.access))
    }

    /// The newest token that was promised goes on with the session, and its successor is the only one.
    fn lost(&mut self, wolfpal: &mut WolfPal) -> Option<String> {
        let next = wolfpal.try_refresh(&self.refresh);
        if next.status != 200 {
            return Some(format!("a session was lost: {next}"));
        }
        let same = wolfpal.try_refresh(&self.refresh);
        if (next.status, &next.body) != (same.status, &same.body) {
            return Some(format!("a refresh token began two lineages: {next} and {same}"));
        }
        let before = std::mem::replace(&mut self.refresh, next.field("refresh_token"));
        self.older.push(before);
        self.access = next.field("access_token");
        (!wolfpal.believes(&self.access)).then(|| format!("a new access token is refused: {}", self.access))
    }
}
