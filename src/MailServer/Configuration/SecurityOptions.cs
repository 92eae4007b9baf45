using System.Net;
using MailServer.Actors.Trust;
using MailServer.Storage.Directory;

namespace MailServer.Configuration;

/// <summary>Section <c>security</c>.</summary>
public sealed record SecurityOptions
{
    /// <summary>Require TLS for sign-in.</summary>
    public bool RequireTls { get; init; } = true;

    public bool VerifySpf { get; init; } = true;

    public bool VerifyDkim { get; init; } = true;

    public bool VerifyDmarc { get; init; } = true;

    /// <summary>Sign outgoing mail with the DKIM key of the sender's domain, if it has one.</summary>
    public bool SignOutbound { get; init; } = true;

    public long MaxMessageSize { get; init; } = 50 * 1024 * 1024;

    /// <summary>Domains whose ARC results override a DMARC failure.</summary>
    public IReadOnlyList<string> TrustedArcSealers { get; init; } = [];

    /// <summary>The action when a DNS failure hides whether the sender's domain wants the message rejected.</summary>
    public DnsFailureAction DnsFailure { get; init; }

    /// <summary>Zones of DNS block lists.</summary>
    public IReadOnlyList<string> Dnsbl { get; init; } = [];

    public BlockListAction DnsblAction { get; init; }

    public bool Greylist { get; init; }

    public TimeSpan GreylistDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The delay of the SMTP reply for a sender who has never written to the recipient before.</summary>
    public TimeSpan FirstContactDelay { get; init; }

    /// <summary>The maximum number of messages per hour from one /24 or /64; 0: unlimited, here and below.</summary>
    public int MaxIncomingPerNetwork { get; init; }

    /// <summary>The maximum number of messages per hour from one domain authenticated by SPF.</summary>
    public int MaxIncomingPerDomain { get; init; }

    /// <summary>The maximum number of remote recipients per hour and account.</summary>
    public int MaxOutgoingPerHour { get; init; }

    public int MaxOutgoingPerDay { get; init; }

    /// <summary>The maximum number of recipients per day to whom the account has never written before.</summary>
    public int MaxNewRecipientsPerDay { get; init; }

    /// <summary>The number of failed sign-ins after which an address is banned; 0: never.</summary>
    public int BanAfter { get; init; } = 10;

    /// <summary>The duration of the first ban of an address.</summary>
    public TimeSpan BanTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Addresses that are never banned.</summary>
    public IReadOnlyList<IPNetwork> BanExempt { get; init; } = [new(IPAddress.Loopback, 32), new(IPAddress.IPv6Loopback, 128)];

    /// <summary>The memory of one Argon2id hash, in octets.</summary>
    public long Argon2Memory { get; init; } = 64 * 1024 * 1024;

    public int Argon2Passes { get; init; } = 3;

    public int Argon2Parallelism { get; init; } = 1;

    public PasswordHasherOptions HasherOptions => new()
    {
        MemoryKib = (int)(Argon2Memory / 1024),
        Passes = Argon2Passes,
        Parallelism = Argon2Parallelism,
    };
}
