using System.Net;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Sessions;

namespace MailServer.Domain.Delivery;

/// <summary>One SMTP transaction as the router gets it: everything said before the content (RFC 5321 §3.3).</summary>
public sealed record MailTransaction
{
    /// <summary>The id of the session, for logs and Received.</summary>
    public required string SessionId { get; init; }

    public required SessionPolicy Policy { get; init; }

    /// <summary>The address of the peer.</summary>
    public required IPAddress RemoteAddress { get; init; }

    /// <summary>What it called itself in EHLO or HELO.</summary>
    public required string HeloName { get; init; }

    /// <summary>It said EHLO, not HELO.</summary>
    public required bool Extended { get; init; }

    public required TlsInfo? Tls { get; init; }

    /// <summary>Who signed in; null on the receiving port.</summary>
    public required Account? Account { get; init; }

    /// <summary>The reverse-path; null is <c>&lt;&gt;</c>.</summary>
    public required EmailAddress? Sender { get; init; }

    public required bool SmtpUtf8 { get; init; }

    /// <summary>BODY=8BITMIME was declared (RFC 6152).</summary>
    public required bool EightBit { get; init; }

    /// <summary>The forward-paths that were accepted, in their order.</summary>
    public required IReadOnlyList<EmailAddress> Recipients { get; init; }

    /// <summary>The notices that were asked for.</summary>
    public DsnRequest Dsn { get; init; } = DsnRequest.None;

    /// <summary>What else was asked of its delivery.</summary>
    public SenderWishes Wishes { get; init; } = SenderWishes.None;
}

/// <summary>What a listener is for.</summary>
public enum SessionPolicy
{
    /// <summary>Port 25: mail from anywhere for hosted domains.</summary>
    Receiving,

    /// <summary>Ports 587 and 465: mail of our accounts for anywhere (RFC 6409).</summary>
    Submission,
}

/// <summary>A reply of SMTP (RFC 5321 §4.2) with its enhanced code (RFC 3463): ours to a client, or a remote host's to us. <paramref name="Text"/> may hold several lines.</summary>
public sealed record SmtpReply(int Code, string EnhancedCode, string Text)
{
    public bool IsPositive => Code is >= 200 and < 300;

    public bool IsTransient => Code is >= 400 and < 500;

    public override string ToString() => EnhancedCode.Length == 0 ? $"{Code} {Text}" : $"{Code} {EnhancedCode} {Text}";
}
