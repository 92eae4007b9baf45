using System.Net;
using MailServer.Domain;
using MailServer.Domain.Delivery;
using MailServer.Domain.Sessions;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.Smtp;

/// <summary>What an <see cref="SmtpSession"/> knows of its connection from the start.</summary>
public sealed record SmtpSessionOptions
{
    /// <summary>The name this server calls itself.</summary>
    public required string Hostname { get; init; }

    public required string SessionId { get; init; }

    public required SessionPolicy Policy { get; init; }

    public required IPAddress RemoteAddress { get; init; }

    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>Submission only: nobody signs in or sends without TLS. Port 25 must take mail in the clear (RFC 3207 §4).</summary>
    public bool RequireTls { get; init; }

    /// <summary>Is told of the conversation.</summary>
    public IConversationObserver Observer { get; init; } = NoObserver.Instance;

    /// <summary>STARTTLS can be offered.</summary>
    public bool TlsAvailable { get; init; }

    /// <summary>The TLS that was there before the greeting (port 465); null without.</summary>
    public TlsInfo? Tls { get; init; }

    /// <summary>What HOLDFOR and BY count from (RFC 4865, RFC 2852); nothing else in a session knows the time.</summary>
    public Func<DateTimeOffset> Now { get; init; } = static () => DateTimeOffset.UnixEpoch;

    /// <summary>The server's part of SCRAM nonces; random when null.</summary>
    public Func<string>? ServerNonce { get; init; }
}
