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

/// <summary>Who asks to send: the arguments of check_host() (RFC 7208 §4.1).</summary>
public sealed record SpfQuery
{
    private const string DefaultLocal = "postmaster";

    /// <summary><paramref name="sender"/> is the reverse-path without brackets; a null one is checked as postmaster of the HELO name (RFC 7208 §2.4).</summary>
    public SpfQuery(IPAddress address, string helo, string? sender)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(helo);
        Address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        Helo = helo;
        IsOfHelo = string.IsNullOrEmpty(sender);
        var at = sender?.LastIndexOf('@') ?? -1;
        Local = at > 0 ? sender![..at] : DefaultLocal;
        Domain = IsOfHelo ? helo : sender![(at + 1)..];
    }

    /// <summary>The peer; an IPv4-mapped address is an IPv4 address (§5).</summary>
    public IPAddress Address { get; }

    /// <summary>The HELO identity by itself (§2.3).</summary>
    public static SpfQuery OfHeloName(IPAddress address, string helo) => new(address, helo, sender: null);

    public string Helo { get; }

    public string Local { get; }

    public string Domain { get; }

    /// <summary>The reverse-path was null.</summary>
    public bool IsOfHelo { get; }

    /// <summary>Who checks: macro r.</summary>
    public string Receiver { get; init; } = "unknown";
}

/// <summary>What came of an evaluation.</summary>
/// <param name="Result">The result.</param>
/// <param name="Domain">The domain whose record was looked for.</param>
/// <param name="Reason">The term that decided, or what was wrong.</param>
/// <param name="Explanation">What the domain says about a fail (exp=), printable ASCII; null without.</param>
/// <param name="Steps">How it came to it, for people.</param>
public sealed record SpfOutcome(SpfResult Result, string Domain, string Reason, string? Explanation, IReadOnlyList<string> Steps);
