using System.Net;
using MailServer.Actors.Trust;
using MailServer.Storage.Directory;

namespace MailServer.Configuration;

/// <summary>Section <c>security</c>.</summary>
public sealed record SecurityOptions
{
    /// <summary>Nobody signs in without TLS.</summary>
    public bool RequireTls { get; init; } = true;

    public bool VerifySpf { get; init; } = true;

    public bool VerifyDkim { get; init; } = true;

    public bool VerifyDmarc { get; init; } = true;

    /// <summary>Sign submissions with the DKIM key of the sender's domain, where there is one.</summary>
    public bool SignOutbound { get; init; } = true;

    public long MaxMessageSize { get; init; } = 50 * 1024 * 1024;

    /// <summary>Domains whose ARC seals vouch for mail that DMARC would refuse.</summary>
    public IReadOnlyList<string> TrustedArcSealers { get; init; } = [];

    /// <summary>What a message hears of which DNS does not let be told whether it is to be refused.</summary>
    public DnsFailureAction DnsFailure { get; init; }

    /// <summary>Zones of DNS block lists.</summary>
    public IReadOnlyList<string> Dnsbl { get; init; } = [];

    public BlockListAction DnsblAction { get; init; }

    public bool Greylist { get; init; }

    public TimeSpan GreylistDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a sender waits for the answer who never wrote to the recipient.</summary>
    public TimeSpan FirstContactDelay { get; init; }

    /// <summary>Messages an hour from one /24 or /64; 0 is no limit, here and below.</summary>
    public int MaxIncomingPerNetwork { get; init; }

    /// <summary>Messages an hour of one domain that SPF has proved.</summary>
    public int MaxIncomingPerDomain { get; init; }

    /// <summary>Recipients elsewhere of one account.</summary>
    public int MaxOutgoingPerHour { get; init; }

    public int MaxOutgoingPerDay { get; init; }

    /// <summary>Recipients to whom the account never wrote.</summary>
    public int MaxNewRecipientsPerDay { get; init; }

    /// <summary>Failed sign-ins after which an address is banned; 0: never.</summary>
    public int BanAfter { get; init; } = 10;

    /// <summary>How long the first ban of an address lasts.</summary>
    public TimeSpan BanTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Addresses that are never banned.</summary>
    public IReadOnlyList<IPNetwork> BanExempt { get; init; } = [new(IPAddress.Loopback, 32), new(IPAddress.IPv6Loopback, 128)];

    /// <summary>Memory of one Argon2id hash, in octets.</summary>
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
