using System.Net;
using MailServer.Actors.Trust;
using MailServer.Storage.Directory;

namespace MailServer.Configuration;

/// <summary>Section <c>security</c>.</summary>
public sealed record SecurityOptions
{
    [Key("Require TLS for sign-in.")]
    public bool RequireTls { get; init; } = true;

    [Key("Check incoming mail with SPF.")]
    public bool VerifySpf { get; init; } = true;

    [Key("Check the DKIM signatures of incoming mail.")]
    public bool VerifyDkim { get; init; } = true;

    [Key("Check incoming mail with DMARC: reject it or move it to Junk, as the sender's domain asks. Rejects only while `verify_spf` and `verify_dkim` are on.")]
    public bool VerifyDmarc { get; init; } = true;

    [Key("Sign submitted mail with the DKIM keys of its domain, which `mailserver domain add` creates. If a domain has keys and none can be used, its mail is deferred (451) until one can.")]
    public bool SignOutbound { get; init; } = true;

    [Key("The largest message that is accepted or stored.")]
    public long MaxMessageSize { get; init; } = 50 * 1024 * 1024;

    [Key(
        "Forwarders (the `d=` domains of their ARC seals) whose ARC results override a DMARC failure: their mail is accepted if they vouch that it passed before they modified it.",
        Value = nameof(ConfigurationValues.DomainName))]
    public IReadOnlyList<string> TrustedArcSealers { get; init; } = [];

    [Key("What to do when a DNS failure hides whether the sender's domain wants the message rejected: `defer` (451) or `accept`.")]
    public DnsFailureAction DnsFailure { get; init; }

    [Key(
        "Zones of DNS block lists, queried with the IP address of each sending host, such as `zen.spamhaus.org`.",
        Value = nameof(ConfigurationValues.DomainName))]
    public IReadOnlyList<string> Dnsbl { get; init; } = [];

    [Key("What to do with mail from listed hosts: `reject` it, or deliver it to `junk`.")]
    public BlockListAction DnsblAction { get; init; }

    [Key("Defer the first message of each unknown sender (451); its server tries again later.")]
    public bool Greylist { get; init; }

    [Key("How long greylisting defers.")]
    public TimeSpan GreylistDelay { get; init; } = TimeSpan.FromMinutes(5);

    [Key("Delay the reply to senders that have never written to the recipient before. 15s hurts only bulk senders.", Value = nameof(ConfigurationValues.Delay))]
    public TimeSpan FirstContactDelay { get; init; }

    [Key("Messages per hour from one network (/24 or /64). 0: unlimited, as for all limits below.", Value = nameof(ConfigurationValues.Rate))]
    public int MaxIncomingPerNetwork { get; init; }

    [Key("Messages per hour from one domain that SPF authenticates.", Value = nameof(ConfigurationValues.Rate))]
    public int MaxIncomingPerDomain { get; init; }

    [Key(
        "Recipients on other servers per account and hour. It limits the damage that a stolen password does; 500 is plenty for an office.",
        Value = nameof(ConfigurationValues.Rate))]
    public int MaxOutgoingPerHour { get; init; }

    [Key("Recipients on other servers per account and day; 2000 is plenty for an office.", Value = nameof(ConfigurationValues.Rate))]
    public int MaxOutgoingPerDay { get; init; }

    [Key("Recipients per day to whom the account has never written before; 200 is plenty for an office.", Value = nameof(ConfigurationValues.Rate))]
    public int MaxNewRecipientsPerDay { get; init; }

    [Key("Failed sign-ins after which an IP address (with IPv6 its /64) is banned. 0: never. See `mailserver bans list`.", Max = 1000)]
    public int BanAfter { get; init; } = 10;

    [Key("The length of the first ban; each further one is twice as long.")]
    public TimeSpan BanTime { get; init; } = TimeSpan.FromHours(1);

    [Key("Addresses and networks that are never banned or slowed down. List your webmail server here.")]
    public IReadOnlyList<IPNetwork> BanExempt { get; init; } = [new(IPAddress.Loopback, 32), new(IPAddress.IPv6Loopback, 128)];

    [Key("Memory of one password hash (Argon2id). Existing passwords are hashed again when their user signs in, also after a change of the two keys below.")]
    public long Argon2Memory { get; init; } = 64 * 1024 * 1024;

    [Key("Passes of one password hash.", Min = 1, Max = 64)]
    public int Argon2Passes { get; init; } = 3;

    [Key("Lanes of one password hash.", Min = 1, Max = 16)]
    public int Argon2Parallelism { get; init; } = 1;

    public PasswordHasherOptions HasherOptions => new()
    {
        MemoryKib = (int)(Argon2Memory / 1024),
        Passes = Argon2Passes,
        Parallelism = Argon2Parallelism,
    };
}

/// <summary>The action for mail whose DMARC result is unknown because of a DNS failure.</summary>
public enum DnsFailureAction
{
    Defer,
    Accept,
}
