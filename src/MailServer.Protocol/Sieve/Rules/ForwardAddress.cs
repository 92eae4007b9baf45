using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MailServer.Protocol.Sieve.Rules;

/// <summary>An address to which mail may be forwarded, or that was asked whether it may. It is a comment in the script of the rules.</summary>
/// <param name="Address">The address.</param>
/// <param name="Digest">The digest of the code that was sent to it; null: it has agreed.</param>
/// <param name="ExpiresAt">Until when the code counts.</param>
/// <param name="Sent">How often a code was sent until then.</param>
public sealed record ForwardAddress(string Address, string? Digest, DateTimeOffset ExpiresAt, int Sent)
{
    /// <summary>Maximum number of addresses of an account.</summary>
    public const int Most = 20;

    /// <summary>How often a code is sent to an address before it expires.</summary>
    public const int MostSent = 3;

    internal const string Comment = "Forwarding address: ";

    private const string Agreed = "agreed";
    private const string Asked = "asked";
    private const string TimeForm = "yyyy-MM-ddTHH:mm:ssZ";

    public bool IsConfirmed => Digest is null;

    /// <summary>True if a code that counts was sent.</summary>
    public bool IsWaitingAt(DateTimeOffset now) => !IsConfirmed && ExpiresAt > now;

    internal string ToComment() => IsConfirmed
        ? $"{Comment}{Address} {Agreed}"
        : string.Create(CultureInfo.InvariantCulture, $"{Comment}{Address} {Asked} {Digest} {ExpiresAt.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture)} {Sent}");

    internal static bool TryRead(string comment, [NotNullWhen(true)] out ForwardAddress? address)
    {
        address = null;
        if (!comment.StartsWith("# " + Comment, StringComparison.Ordinal)) return false;
        var words = comment[(Comment.Length + 2)..].Split(' ');
        if (words is [var agreed, Agreed]) address = new ForwardAddress(agreed, null, default, 0);
        else if (words is [var asked, Asked, var digest, var time, var sent] && int.TryParse(sent, NumberStyles.None, CultureInfo.InvariantCulture, out var times)
            && DateTimeOffset.TryParseExact(time, TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until))
            address = new ForwardAddress(asked, digest, until, times);
        return address is not null;
    }
}
