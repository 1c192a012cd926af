//! One conversation with a mail server.
//!
//! The steps are taken one by one, and not with lettre's `AsyncSmtpTransport`, for three reasons: that one does not
//! tell which step a 5xx answer belongs to, it limits the time of connecting only, and it reports a mail as failed
//! when the server accepted it and only the goodbye was lost, which would send the mail twice.

use std::{
    future::{Future, poll_fn},
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
    time::Duration,
};

use lettre::transport::smtp::{
    Error,
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::AsyncSmtpConnection,
    commands::{Data, Mail, Noop, Quit, Rcpt},
    extension::ClientId,
    response::{Response, Severity},
};
use secrecy::ExposeSecret as _;
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

use super::{
    Protection, SmtpTransport,
    failure::{Step, StepFailed},
    reader::Unbuffered,
};
use crate::{DeliveryFailed, compose::Composed};

/// The longest wait for the answer to QUIT, which changes nothing any more.
const LONGEST_GOODBYE: Duration = Duration::from_secs(1);

/// A connection to a mail server, after its greeting and, where asked for, inside TLS.
pub(super) struct Session<'a> {
    transport: &'a SmtpTransport,
    connection: AsyncSmtpConnection,
    is_local: bool,
}

impl<'a> Session<'a> {
    /// Connects to the first address of the host that takes the connection.
    pub(super) async fn open(transport: &'a SmtpTransport) -> Result<Session<'a>, DeliveryFailed> {
        let settings = &transport.settings;
        let found = timeout(settings.timeout, lookup_host((settings.host.as_str(), settings.port))).await;
        let addresses = match found {
            Ok(Ok(addresses)) => addresses,
            Ok(Err(error)) => return Err(StepFailed::lost(Step::Connect, &error.to_string()).failed),
            Err(_) => return Err(StepFailed::timed_out(Step::Connect).failed),
        };
        let mut last = StepFailed::lost(Step::Connect, "the host has no address");
        for address in addresses {
            match connect(transport, address).await {
                Ok(connection) => {
                    return Ok(Session { transport, connection, is_local: address.ip().is_loopback() });
                }
                Err(failed) => last = failed,
            }
        }
        Err(last.failed)
    }

    /// Signs in and shows that the server answers.
    pub(super) async fn check(&mut self) -> Result<(), StepFailed> {
        self.sign_in().await?;
        let response = step(self.transport, Step::Check, self.connection.command(Noop)).await?;
        expect(Step::Check, &response, Severity::PositiveCompletion)
    }

    /// Signs in and hands over one mail (RFC 5321 section 3.3).
    pub(super) async fn send(&mut self, mail: &Composed) -> Result<(), StepFailed> {
        self.sign_in().await?;
        let command = self.connection.command(Mail::new(Some(mail.from.clone()), Vec::new()));
        let response = step(self.transport, Step::Sender, command).await?;
        expect(Step::Sender, &response, Severity::PositiveCompletion)?;

        let command = self.connection.command(Rcpt::new(mail.to.clone(), Vec::new()));
        let response = step(self.transport, Step::Recipient, command).await?;
        expect(Step::Recipient, &response, Severity::PositiveCompletion)?;

        let response = step(self.transport, Step::Content, self.connection.command(Data)).await?;
        expect(Step::Content, &response, Severity::PositiveIntermediate)?;

        let response = step(self.transport, Step::Content, self.connection.message(&mail.bytes)).await?;
        expect(Step::Content, &response, Severity::PositiveCompletion)
    }

    /// AUTH (RFC 4954), when there is a password.
    async fn sign_in(&mut self) -> Result<(), StepFailed> {
        let settings = &self.transport.settings;
        let (Some(username), Some(password)) = (&settings.username, &settings.password) else {
            return Ok(());
        };
        // `localhost` may lead elsewhere: the password goes out only when this connection is safe.
        let is_plain = matches!(self.transport.protection, Protection::None);
        if is_plain && !self.is_local {
            return Err(StepFailed::lost(Step::SignIn, "refused, as the connection is not encrypted"));
        }
        let credentials = Credentials::new(username.clone(), password.expose_secret().to_owned());
        let answer = self.connection.auth(DEFAULT_MECHANISMS, &credentials);
        let response = step(self.transport, Step::SignIn, answer).await?;
        expect(Step::SignIn, &response, Severity::PositiveCompletion)
    }

    /// Says goodbye where that makes sense, and returns `outcome`: it is settled before the goodbye.
    pub(super) async fn close(mut self, outcome: Result<(), StepFailed>) -> Result<(), DeliveryFailed> {
        if outcome.as_ref().err().is_none_or(|step| step.answering) {
            let limit = self.transport.settings.timeout.min(LONGEST_GOODBYE);
            // Whether the server hears it is of no consequence.
            let _ = timeout(limit, self.connection.command(Quit)).await;
        }
        outcome.map_err(|step| step.failed)
    }
}

/// Connects to `address`: greeting, EHLO, and TLS.
async fn connect(transport: &SmtpTransport, address: SocketAddr) -> Result<AsyncSmtpConnection, StepFailed> {
    let name = &ClientId::Domain(transport.from.domain().to_owned());
    let limit = transport.settings.timeout;
    if let Protection::Tls(tls) = &transport.protection {
        let greeting =
            AsyncSmtpConnection::connect_tokio1(address, Some(limit), name, Some(tls.clone()), None);
        return step(transport, Step::Connect, greeting).await;
    }
    let stream = match timeout(limit, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => Box::new(Unbuffered(stream)),
        Ok(Err(error)) => return Err(StepFailed::lost(Step::Connect, &error.to_string())),
        Err(_) => return Err(StepFailed::timed_out(Step::Connect)),
    };
    let greeting = AsyncSmtpConnection::connect_with_transport(stream, name);
    let mut connection = step(transport, Step::Connect, greeting).await?;
    if let Protection::StartTls(tls) = &transport.protection {
        step(transport, Step::Connect, connection.starttls(tls.clone(), name)).await?;
    }
    Ok(connection)
}

/// Waits for the answer to one step, within the time limit.
async fn step<T>(
    transport: &SmtpTransport,
    step: Step,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, StepFailed> {
    let secret = transport.settings.password.as_ref().map(|password| password.expose_secret());
    match timeout(transport.settings.timeout, answer).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(StepFailed::from_error(step, &error, secret)),
        Err(_) => Err(StepFailed::timed_out(step)),
    }
}

/// Refuses a positive answer of the wrong kind: a 2xx to DATA would make the server read the message as commands.
fn expect(step: Step, response: &Response, severity: Severity) -> Result<(), StepFailed> {
    if response.code().severity == severity {
        Ok(())
    } else {
        Err(StepFailed::unexpected(step, response.code()))
    }
}

/// Runs `conversation`, and turns a panic in it into a temporary failure.
///
/// lettre 0.11.23 panics when a line of the answer to EHLO consists of spaces. A mail server must not be able to end
/// the task that delivers all mail.
pub(super) async fn contained(
    conversation: impl Future<Output = Result<(), DeliveryFailed>>,
) -> Result<(), DeliveryFailed> {
    let mut conversation = pin!(conversation);
    poll_fn(|cx| {
        catch_unwind(AssertUnwindSafe(|| conversation.as_mut().poll(cx))).unwrap_or_else(|_| {
            let reason = "talking to the mail server: an answer that cannot be understood";
            Poll::Ready(Err(DeliveryFailed::temporary(reason)))
        })
    })
    .await
}
