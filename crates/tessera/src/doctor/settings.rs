//! Whether the settings can be used, as far as they tell by themselves.

use std::fs;

use config::Settings;
use model::{Clock, Span, SystemClock, Timestamp};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::Finding;
use crate::compose;

/// A certificate that ends sooner should have been renewed by now.
const SOON: Span = Span::days(14);

pub(super) fn sound(settings: &Settings) -> Vec<Finding> {
    let checked = match compose::check(settings) {
        Ok(()) => Finding::ok("settings", "they can be used"),
        Err(problem) => {
            Finding::fault("settings", problem.to_string(), "mend it: the server does not start so")
        }
    };
    std::iter::once(checked).chain(certificate(settings)).collect()
}

/// Until when the certificate lasts. That it fits its key was checked before.
fn certificate(settings: &Settings) -> Option<Finding> {
    const CHECK: &str = "certificate";
    let path = settings.tls.cert_file.as_ref()?;
    let pem = fs::read(path).ok()?;
    let first = CertificateDer::pem_slice_iter(&pem).find_map(Result::ok)?;
    let Ok((_, certificate)) = X509Certificate::from_der(&first) else {
        return Some(Finding::fault(CHECK, "it cannot be read", format!("renew {}", path.display())));
    };
    let (now, validity) = (SystemClock.now(), certificate.validity());
    let at = |time: x509_parser::time::ASN1Time| Timestamp(time.timestamp().saturating_mul(1_000_000));
    let (begins, ends) = (at(validity.not_before), at(validity.not_after));
    let renew = format!("renew {}: the server takes up the new one by itself", path.display());
    Some(if ends <= now {
        Finding::fault(CHECK, format!("it expired at {}", ends.rfc3339()), renew)
    } else if begins > now {
        Finding::fault(
            CHECK,
            format!("it is good from {} only", begins.rfc3339()),
            "look at this machine's clock",
        )
    } else if ends < now + SOON {
        Finding::warning(CHECK, format!("it expires at {}", ends.rfc3339()), renew)
    } else {
        Finding::ok(CHECK, format!("it is good until {}", ends.rfc3339()))
    })
}
