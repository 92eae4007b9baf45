using System.Net;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Sessions;

namespace MailServer.Domain.Delivery;

/// <summary>The envelope of one SMTP transaction: everything that precedes the content (RFC 5321 §3.3).</summary>
public sealed record MailTransaction
{
    /// <summary>Session id, for logs and Received fields.</summary>
    public required string SessionId { get; init; }

    public required SessionPolicy Policy { get; init; }

    /// <summary>Address of the client.</summary>
    public required IPAddress RemoteAddress { get; init; }

    /// <summary>The name that the client sent in EHLO or HELO.</summary>
    public required string HeloName { get; init; }

    /// <summary>True if the client sent EHLO rather than HELO.</summary>
    public required bool UsesEhlo { get; init; }

    public required TlsInfo? Tls { get; init; }

    /// <summary>The authenticated account; null on the receiving port.</summary>
    public required Account? Account { get; init; }

    /// <summary>The reverse-path; null for <c>&lt;&gt;</c>.</summary>
    public required EmailAddress? Sender { get; init; }

    public required bool SmtpUtf8 { get; init; }

    /// <summary>True if BODY=8BITMIME was declared (RFC 6152).</summary>
    public required bool EightBit { get; init; }

    /// <summary>The accepted forward-paths, in the order received.</summary>
    public required IReadOnlyList<EmailAddress> Recipients { get; init; }

    /// <summary>DSN parameters of the transaction.</summary>
    public DsnRequest Dsn { get; init; } = DsnRequest.None;

    /// <summary>Other delivery options of the transaction.</summary>
    public EnvelopeOptions Options { get; init; } = EnvelopeOptions.None;
}

/// <summary>The purpose of an SMTP listener.</summary>
public enum SessionPolicy
{
    /// <summary>Port 25: accepts mail from anywhere for hosted domains.</summary>
    Receiving,

    /// <summary>Ports 587 and 465: accepts mail from local accounts for any destination (RFC 6409).</summary>
    Submission,
}

/// <summary>An SMTP reply (RFC 5321 §4.2) with its enhanced status code (RFC 3463), sent or received. <paramref name="Text"/> may contain several lines.</summary>
public sealed record SmtpReply(int Code, string EnhancedCode, string Text)
{
    public bool IsPositive => Code is >= 200 and < 300;

    public bool IsTransient => Code is >= 400 and < 500;

    /// <summary>This reply where the protocol expected another: a positive or intermediate code counts as a temporary failure.</summary>
    public SmtpReply AsFailure() => Code >= 400 ? this : new SmtpReply(451, "4.5.0", $"Unexpected reply: {this}");

    public override string ToString() => EnhancedCode.Length == 0 ? $"{Code} {Text}" : $"{Code} {EnhancedCode} {Text}";
}
