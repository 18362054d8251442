//! The accounts and regions of the simulated company.

/// A member of the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Pays the bill and runs production.
    Production,
    /// Runs what is not released yet.
    Staging,
    /// Runs experiments and nightly analyses.
    DataScience,
}

impl Account {
    /// All accounts, the payer first.
    pub const ALL: [Self; 3] = [Self::Production, Self::Staging, Self::DataScience];
    /// The account that pays, and whose credentials ask.
    pub const PAYER: Self = Self::Production;

    /// The 12 digits of the account id.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Production => "111122223333",
            Self::Staging => "444455556666",
            Self::DataScience => "777788889999",
        }
    }

    /// The account's name in the organization.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Production => "halden-production",
            Self::Staging => "halden-staging",
            Self::DataScience => "halden-data-science",
        }
    }
}

/// A region that the company uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Region {
    /// US East (N. Virginia).
    UsEast1,
    /// US West (Oregon).
    UsWest2,
    /// Europe (Frankfurt).
    EuCentral1,
    /// Asia Pacific (Tokyo).
    ApNortheast1,
}

impl Region {
    /// All regions, by code.
    pub const ALL: [Self; 4] = [
        Self::ApNortheast1,
        Self::EuCentral1,
        Self::UsEast1,
        Self::UsWest2,
    ];

    /// The region's code, such as `us-east-1`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::UsEast1 => "us-east-1",
            Self::UsWest2 => "us-west-2",
            Self::EuCentral1 => "eu-central-1",
            Self::ApNortheast1 => "ap-northeast-1",
        }
    }

    /// The prefix of the region in a usage type, such as `USE1`.
    #[must_use]
    pub const fn billing_prefix(self) -> &'static str {
        match self {
            Self::UsEast1 => "USE1",
            Self::UsWest2 => "USW2",
            Self::EuCentral1 => "EUC1",
            Self::ApNortheast1 => "APN1",
        }
    }

    /// The place name that the Price List uses.
    #[must_use]
    pub const fn location(self) -> &'static str {
        match self {
            Self::UsEast1 => "US East (N. Virginia)",
            Self::UsWest2 => "US West (Oregon)",
            Self::EuCentral1 => "EU (Frankfurt)",
            Self::ApNortheast1 => "Asia Pacific (Tokyo)",
        }
    }

    /// The prefix of a geographic inference profile asked from here.
    #[must_use]
    pub const fn geography(self) -> &'static str {
        match self {
            Self::UsEast1 | Self::UsWest2 => "us",
            Self::EuCentral1 => "eu",
            Self::ApNortheast1 => "jp",
        }
    }

    /// Finds a region by its code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|region| region.code() == code)
    }

    /// How many hours local time is ahead of UTC, in 0 to 23 and without summer time.
    pub(super) const fn hours_ahead(self) -> u64 {
        match self {
            Self::UsEast1 => 19,
            Self::UsWest2 => 16,
            Self::EuCentral1 => 1,
            Self::ApNortheast1 => 9,
        }
    }
}
