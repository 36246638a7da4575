//! The log setting on the wire, which three endpoints share.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use shared::domain::Result;
use shared::domain::ids::{AccountId, LogSettingId};
use shared::domain::log_setting::{
    LogProvider, LogSetting, LogTarget, parse_server_address, parse_service_port, parse_token,
};

/// Where logs go, as sent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogTargetRequest {
    pub(crate) token: SecretString,
    pub(crate) server_address: String,
    pub(crate) service_port: String,
    pub(crate) active: bool,
    pub(crate) provider: u32,
}

impl LogTargetRequest {
    pub(crate) fn parse(&self) -> Result<LogTarget> {
        Ok(LogTarget {
            token: parse_token("token", &self.token)?,
            server_address: parse_server_address("serverAddress", &self.server_address)?,
            service_port: parse_service_port("servicePort", &self.service_port)?,
            active: self.active,
            provider: LogProvider::parse("provider", self.provider)?,
        })
    }
}

/// An `AccountLogSetting`. The token is in clear: the desktop agent forwards with it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogSettingAnswer {
    id: LogSettingId,
    account_id: AccountId,
    token: String,
    server_address: String,
    service_port: String,
    active: bool,
    provider: LogProvider,
}

impl From<LogSetting> for LogSettingAnswer {
    fn from(
        LogSetting {
            id,
            account_id,
            target,
        }: LogSetting,
    ) -> Self {
        Self {
            id,
            account_id,
            token: target.token.expose_secret().to_owned(),
            server_address: target.server_address,
            service_port: target.service_port.to_string(),
            active: target.active,
            provider: target.provider,
        }
    }
}
