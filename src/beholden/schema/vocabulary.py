"""The closed sets of words that packs, batches and reports share (DESIGN sections 3 and 4)."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What an observed value is."""

    NAME = "name"
    IP = "ip"
    DOMAIN = "domain"
    MAC = "mac"
    PURL = "purl"
    IMAGE = "image"
    MODEL = "model"
    BIC = "bic"
    IBAN = "iban"
    LEI = "lei"
    ISIN = "isin"
    CUSIP = "cusip"
    TICKER = "ticker"
    CVE = "cve"
    CPE = "cpe"
    URL = "url"
    ASN = "asn"
    CATEGORY = "category"


class Relation(StrEnum):
    """How an artefact ties us to the entity behind it; origin is not data flow, brand is not entity."""

    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    PAYMENT_COUNTERPARTY = "payment_counterparty"
    PAYMENT_AGENT = "payment_agent"
    HARDWARE = "hardware"
    OEM_OF = "oem_of"
    FIRMWARE_CLOUD = "firmware_cloud"
    CODE_DEPENDENCY = "code_dependency"
    MODEL_WEIGHTS = "model_weights"
    VENDOR_SDK = "vendor_sdk"
    SERVICE_ENDPOINT = "service_endpoint"
    MODEL_API = "model_api"
    DNS_RESOLVER = "dns_resolver"
    MIRROR = "mirror"
    HOSTING = "hosting"
    TRANSIT = "transit"
    EQUITY = "equity"
    DATA_RECIPIENT = "data_recipient"


class Direction(StrEnum):
    """Who acted towards whom, seen from the organisation."""

    OUT = "out"
    IN = "in"
    NONE = "none"


class Grain(StrEnum):
    """By what a sum of traffic is kept; rows of different grains count the same records."""

    DAY = "day"
    HOST = "host"
    VALUE = "value"


class NameEvidence(StrEnum):
    """What told which name stands for an address; the first is the best."""

    DNS = "dns"
    SERVER_NAME = "server_name"
    CERTIFICATE = "certificate"
    HTTP_HOST = "http_host"


class Conduct(StrEnum):
    """What a consequence forbids or conditions."""

    PROCURE = "procure"
    PAY = "pay"
    SUPPLY = "supply"
    EXPORT = "export"
    DEAL_THROUGH = "deal-through"
    USE_EQUIPMENT = "use-equipment"
    USE_SOFTWARE = "use-software"
    USE_SERVICE = "use-service"
    TRANSFER_DATA = "transfer-data"
    HOLD_SECURITY = "hold-security"
    BUY_SECURITY = "buy-security"
    SELL_SECURITY = "sell-security"
    INVEST = "invest"


class Effect(StrEnum):
    """What a consequence does to the conduct it covers."""

    PROHIBIT = "prohibit"
    LICENCE = "licence"
    CONDITIONS = "conditions"
    REPORT = "report"


class Level(StrEnum):
    """How a finding stands, worst first."""

    PROHIBITED = "prohibited"
    RESTRICTED = "restricted"
    REVIEW = "review"
    UPCOMING = "upcoming"
    CONTESTED = "contested"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Level).index(self)


class ListingStatus(StrEnum):
    """Whether a party is on a list at a date."""

    LISTED = "listed"
    DELISTED = "delisted"
    NOT_LISTED = "not_listed"
    UNKNOWN = "unknown"


class ConsequenceStatus(StrEnum):
    """Whether a rule keyed to a list applies at a date."""

    IN_FORCE = "in_force"
    UPCOMING = "upcoming"
    SUSPENDED = "suspended"
    STAYED = "stayed"
    ENDED = "ended"
    NOT_IN_FORCE = "not_in_force"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """Who a rule binds; an organisation holds a set of these."""

    US_PERSON = "us-person"
    US_FEDERAL_AGENCY = "us-federal-agency"
    US_FEDERAL_CONTRACTOR = "us-federal-contractor"
    US_DOD_CONTRACTOR = "us-dod-contractor"
    US_FEDERAL_GRANTEE = "us-federal-grantee"
    US_EXPORTER = "us-exporter"
    US_IMPORTER = "us-importer"
    US_INVESTOR = "us-investor"
    US_FCC_APPLICANT = "us-fcc-applicant"
    US_USF_RECIPIENT = "us-usf-recipient"
    US_CARRIER = "us-carrier"
    US_APP_STORE_OR_HOST = "us-app-store-or-host"
    US_VEHICLE_MAKER = "us-vehicle-maker"
    US_STATE_TX_AGENCY_OR_CONTRACTOR = "us-state-tx-agency-or-contractor"
    US_STATE_FL_AGENCY = "us-state-fl-agency"
    UK_PERSON = "uk-person"
    EU_PERSON = "eu-person"
    CN_EXPORTER = "cn-exporter"
    CN_GOVERNMENT_PURCHASER = "cn-government-purchaser"
    CN_PERSON = "cn-person"


class Segment(StrEnum):
    """Whose traffic runs in a network; only `own` is our use."""

    OWN = "own"
    GUEST = "guest"
    TENANT = "tenant"
    CARRIED = "carried"


class DataClass(StrEnum):
    """What a data flow carries, in the words of 28 CFR part 202 subpart B."""

    HUMAN_GENOMIC = "human_genomic"
    HUMAN_OMIC = "human_omic"
    BIOMETRIC = "biometric"
    PRECISE_GEOLOCATION = "precise_geolocation"
    PERSONAL_HEALTH = "personal_health"
    PERSONAL_FINANCIAL = "personal_financial"
    PERSONAL_IDENTIFIERS = "personal_identifiers"
    GOVERNMENT_RELATED = "government_related"
    OTHER = "other"


class Agreement(StrEnum):
    """Under what a data flow happens."""

    DATA_BROKERAGE = "data_brokerage"
    VENDOR = "vendor"
    EMPLOYMENT = "employment"
    INVESTMENT = "investment"
    OTHER = "other"
