using System.Net;

namespace MailServer.Protocol.MessageAuthentication.Spf;

/// <summary>The results of RFC 7208 §2.6.</summary>
public enum SpfResult
{
    None,
    Neutral,
    Pass,
    Fail,
    SoftFail,
    TempError,
    PermError,
}

/// <summary>The arguments of check_host() (RFC 7208 §4.1).</summary>
public sealed record SpfQuery
{
    private const string DefaultLocal = "postmaster";

    /// <summary><paramref name="sender"/> is the reverse-path without brackets. A null reverse-path is checked as postmaster of the HELO name (RFC 7208 §2.4).</summary>
    public SpfQuery(IPAddress address, string helo, string? sender)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(helo);
        Address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        Helo = helo;
        IsHeloIdentity = string.IsNullOrEmpty(sender);
        var at = sender?.LastIndexOf('@') ?? -1;
        Local = at > 0 ? sender![..at] : DefaultLocal;
        Domain = IsHeloIdentity ? helo : sender![(at + 1)..];
    }

    /// <summary>The client's address; an IPv4-mapped address is converted to IPv4 (§5).</summary>
    public IPAddress Address { get; }

    /// <summary>A query for the HELO identity (§2.3).</summary>
    public static SpfQuery ForHelo(IPAddress address, string helo) => new(address, helo, sender: null);

    public string Helo { get; }

    public string Local { get; }

    public string Domain { get; }

    /// <summary>True when the reverse-path was null.</summary>
    public bool IsHeloIdentity { get; }

    /// <summary>The checking host: macro r.</summary>
    public string Receiver { get; init; } = "unknown";
}

/// <summary>The outcome of an SPF evaluation.</summary>
/// <param name="Result">The result.</param>
/// <param name="Domain">The domain whose record was evaluated.</param>
/// <param name="Reason">The term that matched, or the error.</param>
/// <param name="Explanation">The domain's explanation of a fail (exp=) in printable ASCII; null without one.</param>
/// <param name="Steps">The evaluation steps, human-readable.</param>
public sealed record SpfOutcome(SpfResult Result, string Domain, string Reason, string? Explanation, IReadOnlyList<string> Steps);
